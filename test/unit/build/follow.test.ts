import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { describe, expect, it } from 'vitest';
import { BuildFollower } from '../../../core/build/follow';
import type { BuilderKind } from '../../../core/model';
import { predictionOf } from '../support/prediction';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/build', name), 'utf8');

const BUILDKIT = `# syntax-less
FROM layer-insight-test/busybox:1 AS build
WORKDIR /w
COPY src/ ./src/
RUN echo one && sleep 1 && echo two >&2
RUN <<EOT
echo heredoc
sleep 0.2
EOT
FROM layer-insight-test/busybox:1
COPY --from=build /w /w
COPY big.bin /
RUN cat /w/src/a.txt`;
const OTHERS = `ARG X=1
FROM layer-insight-test/busybox:1 AS build
WORKDIR /w
COPY src/ ./src/
RUN echo one && sleep 1 && echo two >&2
FROM layer-insight-test/busybox:1
ENV A=b
COPY --from=build /w /w
RUN cat /w/src/a.txt`;

function follower(builder: Exclude<BuilderKind, 'none'>, text: string): BuildFollower {
  let now = 1_000_000;
  return new BuildFollower({
    ...{ builder, prediction: predictionOf(text, 'rebuild'), now: () => (now += 10), color: false },
    decoder: () => {
      const decoder = new StringDecoder('utf8');
      return (base64) => decoder.write(Buffer.from(base64, 'base64'));
    },
  });
}

const states = (one: BuildFollower): string[] =>
  one.live.steps.map(({ line, instruction, state }) => `${line.start} ${instruction} ${state}`);

/** The same output in pieces of so many characters. */
function* pieces(text: string, size: number): Generator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}

describe('a build with BuildKit', () => {
  it.each([7, 1000, 10_000_000])('that fails is followed to the line, in pieces of %i characters', (size) => {
    const one = follower('buildkit', `${BUILDKIT} && exit 3\n`);
    for (const piece of pieces(fixture('buildkitFailed.txt'), size)) one.push('stderr', piece);
    one.end({ code: 1, canceled: false });
    expect(states(one)).toEqual([
      '2 FROM cached',
      '3 WORKDIR done',
      '4 COPY done',
      '5 RUN done',
      '6 RUN done',
      '10 FROM cached',
      '11 COPY done',
      '12 COPY done',
      '13 RUN failed',
    ]);
    const { live } = one;
    expect(live.state).toBe('failed');
    expect(live.steps[3]?.lastOutput).toEqual(['one', 'two']);
    expect(live.steps[3]?.durationMs).toBeGreaterThan(1000);
    expect(live.steps.at(-1)?.error).toContain('exit code: 3');
    expect(live.error).toContain('exit code: 3');
    expect(one.log(7)).toBe('heredoc\n');
    const text = one.takeText();
    expect(text).toContain('\r\n/work/Dockerfile:13: error: process');
    expect(text).toContain('    5 | one\r\n');
  });

  it('that finds everything in the cache executes nothing', () => {
    const one = follower('buildkit', BUILDKIT);
    one.push('stderr', fixture('buildkitCached.txt'));
    one.end({ code: 0, canceled: false });
    expect(new Set(one.live.steps.map(({ state, instruction }) => (instruction === 'FROM' ? '' : state)))).toEqual(
      new Set(['', 'cached']),
    );
    expect(one.live.image).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(one.live.error).toBeNull();
  });

  it('that is stopped leaves steps that were not reached', () => {
    const one = follower('buildkit', BUILDKIT);
    const text = fixture('buildkitFailed.txt');
    one.push('stderr', text.slice(0, text.indexOf('"logs"')));
    expect(one.live.state).toBe('running');
    expect(one.live.steps[3]?.state).toBe('running');
    one.end({ code: null, canceled: true });
    expect(one.live.state).toBe('canceled');
    expect(states(one).slice(3, 5)).toEqual(['5 RUN canceled', '6 RUN not-reached']);
  });

  it('takes garbage as text', () => {
    const one = follower('buildkit', BUILDKIT);
    one.push('stderr', '{"vertexes":[{"digest":5,"started":"x"},null]}\n{broken\n{"logs":7,"statuses":[[]]}\n\u0000\n');
    one.end({ code: 1, canceled: false });
    expect(one.takeText()).toContain('{broken');
  });
});

describe('a build with the classic builder', () => {
  it('that fails is followed to the line', () => {
    const one = follower('classic', `${OTHERS} && exit 3\n`);
    for (const piece of pieces(fixture('classicFailed.out'), 11)) one.push('stdout', piece);
    one.push('stderr', fixture('classicFailed.err'));
    one.end({ code: 3, canceled: false });
    expect(states(one)).toEqual([
      '1 ARG done',
      '2 FROM done',
      '3 WORKDIR done',
      '4 COPY done',
      '5 RUN done',
      '6 FROM done',
      '7 ENV done',
      '8 COPY done',
      '9 RUN failed',
    ]);
    expect(one.live.steps.at(-1)?.error).toContain('returned a non-zero code: 3');
    // what went to the error stream is red for a terminal, and only there
    expect(one.live.steps[4]?.lastOutput).toEqual(['one', 'two']);
    expect(one.log(5)).toBe('one\ntwo\n');
    expect(one.live.exitCode).toBe(3);
  });

  it('tells what was cached, and the image', () => {
    const one = follower('classic', OTHERS);
    one.push('stdout', fixture('classicDone.out'));
    one.end({ code: 0, canceled: false });
    expect(states(one).slice(2)).toEqual([
      '3 WORKDIR cached',
      '4 COPY cached',
      '5 RUN cached',
      '6 FROM done',
      '7 ENV cached',
      '8 COPY cached',
      '9 RUN done',
    ]);
    expect(one.live.image).toBe('cd94d4409546');
  });
});

describe('a build with Podman', () => {
  it('that fails is followed to the line', () => {
    const one = follower('buildah', `${OTHERS} && exit 3\n`);
    for (const piece of pieces(fixture('podmanFailed.out'), 13)) one.push('stdout', piece);
    one.push('stderr', fixture('podmanFailed.err'));
    one.end({ code: 3, canceled: false });
    expect(states(one).slice(2)).toEqual([
      '3 WORKDIR cached',
      '4 COPY cached',
      '5 RUN cached',
      '6 FROM done',
      '7 ENV cached',
      '8 COPY cached',
      '9 RUN failed',
    ]);
    expect(one.live.error).toContain('exit status 3');
    // a reason is no output
    expect(one.live.steps.at(-1)?.lastOutput).toEqual(['hi']);
  });

  it('goes on behind errors that only its commands tell of', () => {
    const one = follower('buildah', OTHERS);
    const text = fixture('podmanDone.out');
    const within = text.indexOf('one\n');
    one.push('stdout', text.slice(0, within));
    one.push('stderr', 'Error: no such color\n  tried: blue\n');
    one.push('stdout', text.slice(within));
    one.end({ code: 0, canceled: false });
    expect(states(one).filter((state) => state.endsWith('failed'))).toEqual([]);
    expect(one.live.error).toBeNull();
    expect(one.log(5)).toBe('one\nError: no such color\n  tried: blue\n');
  });

  it('has the reason of its failure in several lines, read before the line of its step', () => {
    const one = follower('buildah', OTHERS);
    one.push('stdout', '[1/2] STEP 1/4: FROM localhost/layer-insight-test/busybox:1 AS build\n');
    one.push('stdout', '[1/2] STEP 2/4: WORKDIR /w\n--> 9a3cbe76251c\n');
    one.push('stderr', 'Error: only words\n');
    one.push('stderr', 'Error: building at STEP "COPY src/ ./src/": 2 errors\n * one\n * other\n');
    one.push('stdout', '[1/2] STEP 3/4: COPY src/ ./src/\n');
    one.end({ code: 125, canceled: false });
    expect(states(one).slice(2, 5)).toEqual(['3 WORKDIR done', '4 COPY failed', '5 RUN not-reached']);
    expect(one.live.error).toBe('building at STEP "COPY src/ ./src/": 2 errors');
  });

  it('tells the image', () => {
    const one = follower('buildah', OTHERS);
    one.push('stdout', fixture('podmanDone.out'));
    one.push('stderr', fixture('podmanDone.err'));
    one.end({ code: 0, canceled: false });
    expect(one.live.steps.every(({ state, instruction }) => state === 'done' || instruction === 'ARG')).toBe(true);
    expect(one.live.image).toMatch(/^[0-9a-f]{64}$/);
  });

  it('of Podman shows the layers that it fetches, those that are there too', () => {
    const one = follower('buildah', 'FROM oci-archive:/x.tar\nRUN echo Copying blob 5691f7232d8d');
    const layers = () => one.live.steps[0]?.layers.map(({ layer, state }) => `${layer} ${state}`);
    one.push('stdout', 'STEP 1/2: FROM oci-archive:/x.tar\n');
    one.push('stderr', `Getting image source signatures\nCopying blob sha256:5691f7232d8d${'0'.repeat(52)}\n`);
    one.push('stderr', `Copying blob e5aa760d3a28${'0'.repeat(52)} skipped: already exists\n`);
    expect(layers()).toEqual(['5691f7232d8d downloading', 'e5aa760d3a28 exists']);
    one.push('stderr', `Copying config sha256:aa457e0a0343${'0'.repeat(52)}\nWriting manifest to image destination\n`);
    expect(layers()).toEqual(['5691f7232d8d done', 'e5aa760d3a28 exists']);
    one.push('stdout', 'STEP 2/2: RUN echo Copying blob 5691f7232d8d\nCopying blob 5691f7232d8d\n');
    expect(one.live.steps[1]?.layers).toEqual([]);
    expect(one.live.steps[1]?.lastOutput).toEqual(['Copying blob 5691f7232d8d']);
  });
});
