import { describe, expect, it } from 'vitest';
import { BuildFollower } from '../../../core/build/follow';
import { HiddenValues, valuesToHide } from '../../../core/build/hiddenValues';
import { predictionOf } from '../support/prediction';

const VALUES = ['hunter-222', 'hunter', 'abcabd', 'line one\nline two'];
const TEXT = 'before hunter-222, hunter-22 and abcabcabd\nhunthunter\nline one\nline two line one';
const SHOWN = 'before …, …-22 and abc…\nhunt…\n… line one';

describe('values that nobody should read', () => {
  it('are taken out, the longest first', () => {
    expect(new HiddenValues(VALUES).in(TEXT)).toBe(SHOWN);
    expect(new HiddenValues(['a', '', 'x y']).in('a x y')).toBe('a x y');
  });

  it.each(Array.from({ length: TEXT.length + 1 }, (_, at) => at))('wherever a text is cut (%i)', (at) => {
    const stream = new HiddenValues(VALUES).stream();
    const shown = [stream.push(TEXT.slice(0, at)), stream.push(TEXT.slice(at)), stream.end()].join('');
    expect(shown).toBe(SHOWN);
    expect(stream.end()).toBe('');
  });

  it('character by character', () => {
    const stream = new HiddenValues(VALUES).stream();
    const pieces = [...TEXT].map((character) => stream.push(character));
    expect(pieces.join('') + stream.end()).toBe(SHOWN);
  });

  it('are those of arguments that look like secrets, and of secrets in the environment', () => {
    const args = Object.entries({ NPM_TOKEN: 'tok-1', VERSION: '1.2' });
    const secrets = [
      { id: 'a', variable: 'A' },
      { id: 'b', variable: 'MISSING' },
      { id: 'c', file: '/c' },
    ];
    expect(valuesToHide(args, secrets, { A: 'from-env' })).toEqual(['tok-1', 'from-env', '']);
  });
});

describe('a build that prints them', () => {
  const text = 'FROM busybox:1\nRUN echo $TOKEN';
  const followed = (builder: 'classic' | 'buildkit', chunks: readonly string[]): BuildFollower => {
    const follower = new BuildFollower({
      ...{ builder, prediction: predictionOf(text, 'rebuild'), now: () => 0, color: false, hidden: ['s3cret-value'] },
      decoder: () => (base64) => Buffer.from(base64, 'base64').toString(),
    });
    for (const chunk of chunks) follower.push(builder === 'classic' ? 'stdout' : 'stderr', chunk);
    follower.end({ code: 1, canceled: false });
    return follower;
  };
  const told = (follower: BuildFollower): string =>
    [follower.takeText(), follower.log(), follower.log(2), JSON.stringify(follower.live)].join('\n');

  it('shows them nowhere, in whatever pieces they come', () => {
    const output = 'Step 2/2 : RUN echo $TOKEN\n ---> Running in 0123456789ab\nx s3cret-value y\ns3cret-\n';
    for (let at = 0; at < output.length; at++) {
      const all = told(followed('classic', ['Step 1/2 : FROM busybox:1\n', output.slice(0, at), output.slice(at)]));
      expect(all).not.toContain('s3cret-value');
      expect(all).toContain('x … y');
      // what only began like one is there
      expect(all).toContain('s3cret-\n');
    }
  });

  it('shows them not in what BuildKit hands over in pieces, nor in its error', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const status = (more: object): string => `${JSON.stringify(more)}\n`;
    const log = (data: string): string =>
      status({ logs: [{ vertex: digest, stream: 1, data: Buffer.from(data).toString('base64') }] });
    const vertex = { digest, name: '[2/2] RUN echo $TOKEN', started: '2026-01-01T00:00:00Z' };
    const all = told(
      followed('buildkit', [
        status({ vertexes: [vertex] }),
        log('x s3cret-'),
        log('value y\nmore s3cr'),
        status({
          vertexes: [{ ...vertex, completed: '2026-01-01T00:00:01Z', error: 'process "echo s3cret-value" failed' }],
        }),
      ]),
    );
    expect(all).not.toContain('s3cret-value');
    expect(all).toContain('x … y');
    expect(all).toContain('more s3cr');
    expect(all).toContain('process \\"echo …\\" failed');
  });
});
