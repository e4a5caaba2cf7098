import { describe, expect, it } from 'vitest';
import { BoundedText } from '../../../core/build/boundedText';
import { cutAtLine } from '../../../core/build/buildToLine';
import { buildCommand, refusalOf, type BuilderChoice } from '../../../core/build/command';
import { compareWithPrediction } from '../../../core/build/compareBuild';
import { BuildFollower } from '../../../core/build/follow';
import { LineReader } from '../../../core/build/lineReader';
import { VertexPlaces } from '../../../core/build/buildkit/vertexPlaces';
import type { BuildOrder, Verdict } from '../../../core/model';
import { predictionOf } from '../support/prediction';

const ORDER: BuildOrder = {
  ...{ dockerfile: '/w/Dockerfile', context: '/w', target: '', buildArgs: {}, platform: '' },
  ...{ tags: [], cache: 'all', secrets: [], ssh: [] },
};
const BUILDKIT: BuilderChoice = { kind: 'buildkit', program: 'docker', env: {} };

describe('the command of an order', () => {
  it('adds nothing that was not asked for', () => {
    const { args } = buildCommand(ORDER, { ...BUILDKIT, driver: 'docker-container' });
    expect(args).toEqual(['buildx', 'build', '--progress=rawjson', '--file', '/w/Dockerfile', '/w']);
    expect(buildCommand(ORDER, { ...BUILDKIT, kind: 'classic' })).toMatchObject({ env: { DOCKER_BUILDKIT: '0' } });
    const podman = buildCommand(ORDER, { ...BUILDKIT, kind: 'buildah', program: 'podman' });
    expect(podman).toMatchObject({ args: ['build', '--file', '/w/Dockerfile', '/w'] });
  });

  it('loads a named image from a builder that keeps it', () => {
    const tagged = { ...ORDER, tags: ['a:b'] };
    expect(buildCommand(tagged, { ...BUILDKIT, driver: 'docker-container' }).args).toContain('--load');
    expect(buildCommand(tagged, { ...BUILDKIT, driver: 'docker' }).args).not.toContain('--load');
  });

  it('hides values, and hands over by the environment what may be', () => {
    const order = { ...ORDER, buildArgs: { TOKEN: 'v1', HTTP_PROXY: 'v2', SET: 'v3' } };
    const { args, env, shown } = buildCommand(order, { ...BUILDKIT, env: { SET: 'other' } });
    expect(env).toEqual({ TOKEN: 'v1' });
    expect(args.filter((_, index) => args[index - 1] === '--build-arg')).toEqual(['TOKEN', 'HTTP_PROXY=v2', 'SET=v3']);
    expect(shown).not.toMatch(/v[123]/);
  });

  it('is refused where a builder cannot', () => {
    expect(refusalOf({ ...ORDER, ssh: ['default'] }, { kind: 'classic' })).toContain('no ssh');
    expect(refusalOf({ ...ORDER, cache: { exceptStage: 'a' } }, { kind: 'buildah' })).toContain('one stage');
    expect(refusalOf({ ...ORDER, ssh: ['default'] }, BUILDKIT)).toBeUndefined();
  });
});

describe('a Dockerfile up to a line', () => {
  it('is byte for byte what it was', () => {
    const text = '# one\r\nFROM a AS b\r\nRUN x \\\r\n  y\r\nRUN z';
    expect(cutAtLine(text, 3)).toEqual({
      text: '# one\r\nFROM a AS b\r\nRUN x \\\r\n  y\r\n',
      line: { start: 3, end: 4 },
    });
    expect(cutAtLine(text, 5)).toMatchObject({ text });
    expect(cutAtLine('FROM a\nRUN <<E\nx\nE\nRUN y\n', 3)).toMatchObject({ text: 'FROM a\nRUN <<E\nx\nE\n' });
  });

  it.each([
    ['FROM a\n\nRUN b\n', 2],
    ['ARG X\nFROM a\n', 1],
    ['# syntax=example.com/other\nFROM a\n', 2],
  ])('%j has none for line %i', (text, line) => {
    expect(cutAtLine(text, line)).toHaveProperty('reason');
  });
});

describe('the place of a vertex', () => {
  const line = (text: string, name: string): number | undefined => {
    const { steps } = predictionOf(text, 'rebuild');
    const index = new VertexPlaces(steps).find(name);
    return index === undefined ? undefined : steps[index]?.line.start;
  };
  const ONE = 'FROM a\nRUN x\nRUN x\nCOPY b c\n';
  const TWO = 'FROM a AS One\nRUN x\nFROM b\nENV K=v\nRUN x\nCOPY --from=one $K /\n';
  it.each([
    [ONE, '[1/4] FROM docker.io/library/a', 1],
    [ONE, '[2/4] RUN x', 2],
    [ONE, '[3/4] RUN x', 3],
    [ONE, '[ 3/12] RUN x', 3],
    [ONE, '[linux/amd64 4/4] COPY b c', 4],
    [TWO, '[one 2/2] RUN x', 2],
    [TWO, '[stage-1 2/3] RUN x', 5],
    [TWO, '[stage-1 3/3] COPY --from=one v /', 6],
    [TWO, '[linux/arm64 stage-1 2/3] RUN x', 5],
    ['FROM scratch\nCOPY a b\nRUN c\n', '[1/2] COPY a b', 2],
    ['FROM scratch\nCOPY a b\nRUN c\n', '[2/2] RUN c', 3],
    [ONE, '[internal] load build context', undefined],
    [ONE, 'exporting to image', undefined],
    [TWO, '[other 2/2] RUN x', undefined],
  ])('%j: %s', (text, name, expected) => {
    expect(line(text, name)).toBe(expected);
  });
});

describe('the comparison', () => {
  const judged = (verdict: Verdict, how: 'cached' | 'done' | 'error' | 'nothing'): unknown => {
    const prediction = predictionOf('FROM a\nRUN x\n', verdict);
    const follower = new BuildFollower({
      ...{ builder: 'buildkit', prediction, now: () => 1, color: false },
      decoder: () => (text) => text,
    });
    const times = { started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z' };
    const vertex = { digest: 'd', name: '[2/2] RUN x', ...times, cached: how === 'cached' };
    const failed = how === 'error' ? { error: 'exit code: 1' } : {};
    if (how !== 'nothing') follower.push('stderr', `${JSON.stringify({ vertexes: [{ ...vertex, ...failed }] })}\n`);
    follower.end({ code: how === 'error' || how === 'nothing' ? 1 : 0, canceled: false });
    return compareWithPrediction(follower.live, prediction).map((one) => `${one.actual} ${one.verdict}`);
  };
  it.each([
    ['cached', 'cached', 'cached right'],
    ['cached', 'done', 'executed wrong'],
    ['rebuild', 'done', 'executed right'],
    ['rebuild', 'error', 'failed right'],
    ['may-hit', 'cached', 'cached open'],
    ['cached', 'nothing', 'not-reached open'],
    ['fails', 'error', 'failed right'],
    ['fails', 'done', 'executed wrong'],
  ] as const)('of %s with %s', (verdict, how, expected) => {
    expect(judged(verdict, how)).toEqual([expected]);
  });
});

describe('output that grows', () => {
  it('keeps its beginning and its end', () => {
    const text = new BoundedText(10);
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') text.add(letter);
    expect(text.toString()).toBe('abcde\n… 16 characters left out …\nvwxyz');
    const short = new BoundedText(10);
    short.add('0123456789');
    expect(short.toString()).toBe('0123456789');
  });

  it('is lines, whatever the pieces are', () => {
    const reader = new LineReader();
    const read = [...'a\r\n\nb'].flatMap((piece) => reader.push(piece));
    expect([...read, ...reader.end(), ...reader.end()]).toEqual(['a', '', 'b']);
  });
});
