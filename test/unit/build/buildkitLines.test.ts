import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { describe, expect, it } from 'vitest';
import { isSameImage } from '../../../core/build/buildkit/imageName';
import { VertexPlaces } from '../../../core/build/buildkit/vertexPlaces';
import { buildCommand } from '../../../core/build/command';
import { BuildFollower } from '../../../core/build/follow';
import type { BuildOrder } from '../../../core/model';
import { predictionOf } from '../support/prediction';

const IMAGE = 'layer-insight-test/busybox:1';

function follower(text: string): BuildFollower {
  return new BuildFollower({
    ...{ builder: 'buildkit', prediction: predictionOf(text, 'rebuild'), now: () => 0, color: false },
    decoder: () => {
      const decoder = new StringDecoder('utf8');
      return (base64) => decoder.write(Buffer.from(base64, 'base64'));
    },
  });
}

/** Follows what a real build printed, recorded with BuildKit 0.25.2 and buildx 0.29.1. */
function followed(fixture: string, text: string, code: number): BuildFollower {
  const one = follower(text);
  one.push('stderr', readFileSync(join(import.meta.dirname, '../../fixtures/build', fixture), 'utf8'));
  one.end({ code, canceled: false });
  return one;
}

describe('lines of a build with BuildKit', () => {
  it('are found where values of variables are printed, alike ones too, and the root is no vertex', () => {
    const one = followed(
      'buildkitVariables.txt',
      `FROM ${IMAGE} AS base\nARG V=1\nWORKDIR /\nRUN echo first $V\nFROM base AS second\nARG V=2\n` +
        'RUN echo a $V\nRUN echo b $V\nRUN echo a $V\nCOPY f.txt /$V\nCOPY $V* f.txt /x/\n',
      0,
    );
    const printed = one.live.steps.flatMap(({ line, lastOutput }) =>
      lastOutput.length === 0 ? [] : [`${line.start} ${lastOutput.join()}`],
    );
    expect(printed).toEqual(['4 first 1', '7 a 2', '8 b 2', '9 a 2']);
    const commands = one.live.steps.filter(({ instruction }) => ['RUN', 'COPY'].includes(instruction));
    expect(commands.map(({ state }) => state)).toEqual(Array(6).fill('done'));
  });

  it('of triggers are those of the FROM that has them', () => {
    const one = followed(
      'buildkitTriggers.txt',
      `FROM ${IMAGE} AS base\nONBUILD RUN echo trigger\nONBUILD COPY f.txt /t\nFROM base\n` +
        'RUN echo own\nRUN echo trigger\n',
      0,
    );
    const own = one.live.steps.filter(({ stageIndex }) => stageIndex === 1);
    expect(
      own.map(({ line, instruction, state, lastOutput }) => [line.start, instruction, state, ...lastOutput]),
    ).toEqual([
      [4, 'FROM', 'no-layer'],
      [4, 'RUN', 'done', 'trigger'],
      [4, 'COPY', 'done'],
      [5, 'RUN', 'done', 'own'],
      [6, 'RUN', 'done', 'trigger'],
    ]);
  });

  it('say so of an image that is not there, which has no vertex', () => {
    const one = followed('buildkitNoImage.txt', `FROM ${IMAGE}\nFROM nothere.invalid/none:1 AS x\nRUN echo 1\n`, 1);
    expect(one.live.steps.map(({ state }) => state)).toEqual(['unused', 'failed', 'not-reached']);
    expect(one.live.steps[1]?.error).toContain('failed to resolve source metadata');
    expect(one.takeText()).toContain('/work/Dockerfile:2: error: nothere.invalid/none:1: failed to resolve');
  });

  it('tell warnings, which buildx does not print beside its data', () => {
    const one = followed(
      'buildkitWarnings.txt',
      `FROM ${IMAGE}\nCOPY --from=${IMAGE} /bin/busybox /bb\nRUN echo 1\nmaintainer me\n`,
      0,
    );
    const text = one.takeText();
    expect(text).toContain('warning: MaintainerDeprecated: ');
    expect(text.match(/warning: ConsistentInstructionCasing/g)).toHaveLength(1);
    // the image of FROM and that of COPY are one vertex, which has the name of neither
    expect(one.live.steps[0]?.state).toBe('cached');
  });
});

describe('the place of a vertex', () => {
  const line = (text: string, name: string): number | undefined => {
    const { steps } = predictionOf(text, 'rebuild');
    const index = new VertexPlaces(steps).find(name);
    return index === undefined ? undefined : steps[index]?.line.start;
  };
  const HEREDOCS =
    'FROM a\nRUN <<E\necho one\necho two\nE\nRUN <<E\necho three\nE\nCOPY <<A <<B /d/\na\nA\nb\nB\nRUN ["echo",  "x"]\n';
  const TWICE = 'FROM a AS b\nRUN x\nFROM b AS b\nRUN y $V\nRUN y $V\n';
  const NAMED_AS_UNNAMED = 'FROM a AS stage-1\nRUN x\nFROM c\nRUN y\nRUN z\n';
  it.each([
    [HEREDOCS, '[2/5] RUN <<E (echo one...)', 2],
    [HEREDOCS, '[3/5] RUN <<E (echo three)', 6],
    [HEREDOCS, '[4/5] COPY <<A <<B /d/', 9],
    [HEREDOCS, '[5/5] RUN ["echo",  "x"]', 14],
    [TWICE, '[b 1/2] FROM docker.io/library/a:latest', 1],
    [TWICE, '[b 2/2] RUN x', 2],
    [TWICE, '[b 2/2] RUN y 1', 5],
    [NAMED_AS_UNNAMED, '[stage-1 2/2] RUN x', 2],
    [NAMED_AS_UNNAMED, '[stage-1 2/3] RUN y', 4],
    ['FROM a\nRUN x\n', '[linux/arm64->amd64 2/2] RUN x', 2],
    ['FROM a\nWORKDIR "/a b"\nRUN x\n', '[2/3] WORKDIR /a b', 2],
    // triggers that nobody knew of are no instruction of the file
    ['FROM a\nRUN x\nRUN y $V\n', '[2/4] ONBUILD RUN x', undefined],
    ['FROM a\nRUN x\nRUN y $V\n', '[4/4] RUN y 1', 3],
    ['FROM a\nCOPY --link b c\n', '[2/2] LINK COPY --link b c', undefined],
    ['FROM a\nCOPY --from=b c d\n', 'FROM docker.io/library/b:latest@sha256:00', undefined],
    ['FROM a\nCOPY --from=a c d\n', 'FROM docker.io/library/a:latest@sha256:00', 1],
  ])('%j: %s', (text, name, expected) => {
    expect(line(text, name)).toBe(expected);
  });

  it.each([
    ['FROM a', 'docker.io/library/a:latest@sha256:00', true],
    ['FROM --platform=linux/amd64 a/b:2 AS c', 'docker.io/a/b:2', true],
    ['from localhost/x', 'localhost/x:latest', true],
    ['FROM reg:5000/x', 'reg:5000/x:latest', true],
    ['FROM a@sha256:00', 'docker.io/library/a@sha256:00', true],
    ['FROM $A', 'docker.io/library/a:latest', false],
    ['FROM a:1', 'docker.io/library/a:2', false],
  ])('%j names %s: %s', (from, name, expected) => {
    expect(isSameImage(from, name)).toBe(expected);
  });
});

describe('a secret in a file with commas and quotes in its name', () => {
  const ORDER: BuildOrder = {
    ...{ dockerfile: '/w/Dockerfile', context: '/w', target: '', buildArgs: {}, platform: '', tags: [], cache: 'all' },
    ...{
      secrets: [
        { id: 'q', file: '/a,b"c' },
        { id: 'r', variable: 'R' },
      ],
      ssh: [],
    },
  };
  it('is one field of its option', () => {
    const { args } = buildCommand(ORDER, { kind: 'buildkit', program: 'docker', env: {} });
    expect(args).toContain('id=q,"src=/a,b""c"');
    expect(args).toContain('id=r,env=R');
  });
});
