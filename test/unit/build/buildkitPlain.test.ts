import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BuildFollower } from '../../../core/build/follow';
import { predictionOf } from '../support/prediction';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/build', name), 'utf8');
const LINES = [
  ...['FROM busybox:1 AS base', 'WORKDIR /w', 'COPY a /a', 'RUN echo one; sleep 1; echo two', 'FROM base'],
  ...['RUN echo three && printf nolf', 'RUN exit 3'],
];

function followed(output: string, lines: readonly string[], code: number, canceled = false): BuildFollower {
  const one = new BuildFollower({
    ...{ builder: 'buildkit', prediction: predictionOf(lines.join('\n'), 'rebuild'), now: () => 0, color: false },
    decoder: () => () => '',
    progress: 'plain',
  });
  // in pieces of any length
  for (let at = 0; at < output.length; at += 7) one.push('stderr', output.slice(at, at + 7));
  one.end({ code, canceled });
  return one;
}
const states = (one: BuildFollower): string[] => one.live.steps.map(({ line, state }) => `${line.start} ${state}`);

describe('the lines of a BuildKit that prints for people', () => {
  it('say of a build that failed what was done, what it printed and where it failed', () => {
    const one = followed(fixture('buildkitPlainFailed.txt'), LINES, 1);
    expect(states(one)).toEqual(['1 cached', '2 done', '3 done', '4 done', '5 no-layer', '6 done', '7 failed']);
    expect(one.live.steps[3]).toMatchObject({ durationMs: 1500, lastOutput: ['one', 'two'] });
    expect(one.live.steps[6]?.error).toBe('process "/bin/sh -c exit 3" did not complete successfully: exit code: 3');
    expect(one.live.error).toBe(one.live.steps[6]?.error);
    expect(one.log(4)).toBe('one\ntwo\n');
    // all of it is there to be read
    expect(one.log()).toContain('#8 1.480 two');
    expect(one.takeText()).toMatch(/Dockerfile:7: error: process "\/bin\/sh -c exit 3"/);
  });

  it('say of a build what came from the cache, and its image', () => {
    const one = followed(fixture('buildkitPlainDone.txt'), LINES.slice(0, 6), 0);
    expect(states(one)).toEqual(['1 done', '2 cached', '3 cached', '4 cached', '5 no-layer', '6 cached']);
    expect(one.live.image).toBe('sha256:56751da4f81a19637ea4143d62c29f224cfb2d4eb820eb591aa9604c5021ef6a');
  });

  it('go from one step to another and back', () => {
    const output = [
      ...['#5 [a 2/2] RUN echo a', '#5 0.1 a', '#5 ...', '', '#6 [b 2/2] RUN echo b', '#6 0.2 b', '#6 ...', ''],
      ...['#5 [a 2/2] RUN echo a', '#5 0.3 more', '#5 CANCELED', '', '#6 [b 2/2] RUN echo b'],
      ...['#6 ERROR: failed to solve: Canceled: context canceled', ''],
    ];
    const lines = ['FROM x AS a', 'RUN echo a', 'FROM x AS b', 'RUN echo b'];
    const one = followed(output.join('\n'), lines, 1, true);
    expect(states(one)).toEqual(['1 unused', '2 canceled', '3 not-reached', '4 canceled']);
    expect(one.log(2)).toBe('a\nmore\n');
    expect(one.log(4)).toBe('b\n');
  });

  it('name the line of an image that is not there', () => {
    const output = [
      ...['#2 [internal] load metadata for nothere.invalid/none:1', '#2 ERROR: failed to do request', '------'],
      ...['Dockerfile:1', '--------------------', '   1 | >>> FROM nothere.invalid/none:1', '--------------------'],
      'ERROR: failed to solve: nothere.invalid/none:1: failed to resolve source metadata\n',
    ];
    const one = followed(output.join('\n'), ['FROM nothere.invalid/none:1', 'RUN a'], 1);
    expect(states(one)).toEqual(['1 failed', '2 not-reached']);
    expect(one.live.steps[0]?.error).toBe('nothere.invalid/none:1: failed to resolve source metadata');
  });
});
