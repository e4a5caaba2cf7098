import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { describe, expect, it } from 'vitest';
import { BuildFollower } from '../../../core/build/follow';
import { Random } from '../../generator/random';
import { predictionOf } from '../support/prediction';

type Builder = 'buildkit' | 'plain' | 'classic' | 'buildah';

const TEXT = `ARG X=1
FROM layer-insight-test/busybox:1 AS build
WORKDIR /w
COPY src/ ./src/
RUN echo one && sleep 1 && echo two >&2
FROM layer-insight-test/busybox:1
COPY --from=build /w /w
COPY big.bin /
RUN cat /w/src/a.txt && exit 3
`;
const FIXTURES: readonly (readonly [Builder, string])[] = [
  ['buildkit', 'buildkitFailed.txt'],
  ['buildkit', 'buildkitTriggers.txt'],
  ['plain', 'buildkitPlainFailed.txt'],
  ['classic', 'classicFailed.out'],
  ['buildah', 'podmanFailed.out'],
];
const STATES = ['waiting', 'running', 'cached', 'done', 'failed', 'canceled', 'not-reached', 'unused', 'no-layer'];
/** What may break a reader: of numbers, of digests, of lines, of terminals. */
const PIECES = [
  '\r',
  '\n',
  '\u0000',
  '\u001b[2K',
  '{',
  '"',
  '/',
  '[9/1] ',
  '-1',
  '1e999',
  'null',
  '[]',
  'é😀',
  'STEP 0/0: ',
];

function follower(builder: Builder): BuildFollower {
  return new BuildFollower({
    ...{ prediction: predictionOf(TEXT, 'rebuild'), now: () => 0, color: false },
    ...(builder === 'plain' ? { builder: 'buildkit', progress: builder } : { builder }),
    decoder: () => {
      const decoder = new StringDecoder('utf8');
      return (base64) => decoder.write(Buffer.from(base64, 'base64'));
    },
  });
}

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/build', name), 'utf8');

function mutated(text: string, random: Random): string {
  let result = text;
  for (let count = random.int(1, 20); count > 0; count--) {
    const at = random.int(0, result.length);
    const piece = random.chance(0.3) ? result.slice(at, at + random.int(1, 400)) : random.pick(PIECES);
    result = result.slice(0, at) + piece + result.slice(at + (random.chance(0.5) ? random.int(0, 200) : 0));
  }
  return result;
}

function inPieces(one: BuildFollower, text: string, random: Random): void {
  for (let start = 0; start < text.length;) {
    const end = start + random.int(1, 700);
    one.push('stderr', text.slice(start, end));
    start = end;
  }
}

describe.each(FIXTURES)('the output of %s in %s', (builder, name) => {
  it('means the same in whatever pieces it comes', () => {
    const whole = follower(builder);
    whole.push('stderr', fixture(name));
    whole.end({ code: 1, canceled: false });
    const random = new Random(name);
    for (let round = 0; round < 20; round++) {
      const one = follower(builder);
      inPieces(one, fixture(name), random);
      one.end({ code: 1, canceled: false });
      expect(one.live).toEqual(whole.live);
      expect(one.log()).toBe(whole.log());
    }
  });

  it('is never an exception, however it is broken', () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(`${name} ${seed}`);
      const one = follower(builder);
      inPieces(one, mutated(fixture(name), random), random);
      const code = random.pick([0, 1, null]);
      one.end({ code, canceled: random.chance(0.2) });
      const { steps } = one.live;
      expect(steps.filter(({ state }) => !STATES.includes(state))).toEqual([]);
      // nothing goes on when the process is gone
      expect(steps.filter(({ state }) => state === 'running' || state === 'waiting')).toEqual([]);
      expect(steps.every(({ durationMs }) => durationMs === null || durationMs >= 0)).toBe(true);
      expect(one.takeText()).not.toMatch(/(?<!\r)\n/);
    }
  });
});

describe('a command that never stops printing', () => {
  const log = (vertex: string, text: string): string =>
    `${JSON.stringify({ logs: [{ vertex, stream: 1, data: Buffer.from(text).toString('base64') }] })}\n`;

  it('is kept with its beginning and its end, within limits', () => {
    const one = follower('buildkit');
    const [start, end] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];
    const vertex = { digest: 'd', name: '[build 4/4] RUN echo one && sleep 1 && echo two >&2', started: start };
    one.push('stderr', `${JSON.stringify({ vertexes: [vertex] })}\n`);
    one.push('stderr', log('d', 'the first line\n'));
    const many = log('d', `${'x'.repeat(99)}\n`.repeat(2000));
    for (let count = 0; count < 150; count++) one.push('stderr', many);
    one.push('stderr', log('d', 'y'.repeat(3_000_000)));
    one.push('stderr', log('d', '\nthe last line\n'));
    one.push('stderr', `${JSON.stringify({ vertexes: [{ ...vertex, completed: end }] })}\n`);
    one.end({ code: 0, canceled: false });
    const own = one.log(5);
    expect(own.length).toBeLessThan(1_100_000);
    expect(own.startsWith('the first line\n')).toBe(true);
    expect(own.endsWith('\nthe last line\n')).toBe(true);
    expect(one.log().length).toBeLessThan(17_000_000);
    expect(one.takeText().length).toBeLessThan(17_500_000);
    expect(one.takeText()).toBe('');
    const { lastOutput, state } = one.live.steps[4] ?? { lastOutput: [], state: '' };
    expect(state).toBe('done');
    expect(lastOutput.length).toBeLessThanOrEqual(20);
    expect(lastOutput.every((line) => line.length <= 400)).toBe(true);
    expect(lastOutput.at(-1)).toBe('the last line');
  });
});
