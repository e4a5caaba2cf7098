import { describe, expect, it } from 'vitest';
import { failures, imageInfo, lastRun, planOf, runEnvironment, secondBuild, stage, type Build } from '../support/plan';

/** Steps of needed and of other stages. */
function reached(build: Build | string): { needed: string[]; unused: string[] } {
  const texts = (reachable: boolean) =>
    planOf(build)
      .steps.filter((step) => step.reachable === reachable)
      .map(({ text }) => text);
  return { needed: texts(true), unused: texts(false) };
}

describe('stages', () => {
  it('are needed when the target stands on them, copies from them or mounts them', () => {
    const text = [
      ...['FROM a AS one', 'RUN 1', 'FROM a AS two', 'RUN 2', 'FROM a AS three', 'RUN 3', 'FROM a AS four', 'RUN 4'],
      ...['FROM one', 'COPY --from=two /x /', 'RUN --mount=from=three,target=/m 5'],
    ].join('\n');
    expect(reached(text).unused).toEqual(['FROM a AS four', 'RUN 4']);
    expect(reached({ text, target: 'two' }).needed).toEqual(['FROM a AS two', 'RUN 2']);
  });

  it('are named without regard to case, but FROM needs the name in lower case', () => {
    expect(failures('FROM a AS Build\nFROM b\nCOPY --from=BUILD /x /\n')).toEqual([]);
    expect(planOf({ text: 'FROM a AS Build\nFROM b\n', target: 'bUILD' }).target).toBe('build');
    expect(failures('FROM a AS Build\nFROM Build\n')[0]).toContain('invalid reference format');
  });

  it('are copied from by name or index, with the same key (M06)', () => {
    const two = (from: string) => `FROM a AS x\nRUN 1\nFROM b\nCOPY --from=${from} /q /q\n`;
    expect(secondBuild(two('x'), two('0'))).toEqual(['hit RUN 1', `hit COPY --from=0 /q /q`]);
  });

  it('cannot be built on, targeted or mounted by index', () => {
    expect(planOf('FROM a\nFROM 0\n').images).toEqual(['docker.io/library/0:latest']);
    expect(planOf({ text: 'FROM a\nFROM b\n', target: '0' }).problems).toMatchObject([{ code: 'missing-stage' }]);
    expect(planOf('FROM a\nFROM b\nRUN --mount=from=0,target=/m x\n').images).toContain('docker.io/library/0:latest');
  });

  it('must come before the stage that uses them', () => {
    expect(failures('FROM a\nCOPY --from=later /x /\nFROM b AS later\nFROM a\nCOPY --from=0 /x /\n')).toHaveLength(1);
    expect(failures('FROM a AS me\nCOPY --from=me /x /\n')).toHaveLength(1);
    expect(failures('FROM a\nCOPY --from=1 /x /\n')).toEqual(['invalid stage index 1']);
  });

  it('of the same name: FROM takes the one above, COPY --from the last one', () => {
    const text = 'FROM a AS x\nRUN 1\nFROM a AS x\nRUN 2\nFROM x\nCOPY --from=x /q /\n';
    expect(reached(text).needed).toEqual(['FROM a AS x', 'RUN 2', 'FROM x', 'COPY --from=x /q /']);
  });

  it('that are not needed cannot fail the build, but a bad instruction anywhere does', () => {
    expect(failures('FROM a\nWORKDIR ${\nFROM b\nRUN 1\n')).toEqual([]);
    expect(failures('FROM a\nFOO\nFROM b\nRUN 1\n')).toEqual(['unknown instruction: FOO']);
  });

  it('are hit whatever they are called and in which order they stand (T52, T67)', () => {
    const one = 'FROM a AS x\nRUN 1\nFROM b AS y\nRUN 2\nFROM c\nCOPY --from=x /a /\nCOPY --from=y /b /\n';
    const two = 'FROM b AS q\nRUN 2\nFROM a AS p\nRUN 1\nFROM c AS end\nCOPY --from=p /a /\nCOPY --from=q /b /\n';
    expect(secondBuild(one, two).filter((outcome) => outcome.startsWith('MISS'))).toEqual([]);
  });
});

describe('global arguments', () => {
  it('name the images of FROM and chain their defaults', () => {
    expect(planOf('ARG A=1\nARG B=x:$A\nFROM $B\n').images).toEqual(['docker.io/library/x:1']);
    expect(planOf({ text: 'ARG A=1\nARG B=x:$A\nFROM $B\n', args: { A: '2' } }).images).toEqual([
      'docker.io/library/x:2',
    ]);
    expect(planOf('ARG A\nFROM x${A:+:$A}\n').images).toEqual(['docker.io/library/x:latest']);
  });

  it('cannot leave FROM without an image', () => {
    expect(failures('ARG A\nFROM $A\n')).toEqual(['base name ($A) should not be blank']);
    expect(failures('FROM ${A\n')).toHaveLength(1);
  });

  it('are seen in a stage only where it declares them (T10, A09)', () => {
    expect(runEnvironment('ARG G=1\nFROM a\nRUN x\n')).toEqual([]);
    expect(runEnvironment('ARG G=1\nFROM a\nARG G\nRUN x\n')).toEqual(['G=1']);
    expect(runEnvironment('ARG G=1\nFROM a\nARG G=2\nRUN x\n')).toEqual(['G=2']);
    expect(runEnvironment({ text: 'ARG G=1\nFROM a\nARG G=2\nRUN x\n', args: { G: '3' } })).toEqual(['G=3']);
  });
});

describe('platforms of stages', () => {
  const onArm = { buildPlatform: 'linux/amd64', platform: 'linux/arm64' };

  it('are the target, what FROM says, or that of the stage below', () => {
    const platform = (text: string) => lastRun({ text, ...onArm }).platform;
    expect(platform('FROM a\nRUN x\n')).toBe('linux/arm64');
    expect(platform('FROM --platform=$BUILDPLATFORM a\nRUN x\n')).toBe('linux/amd64');
    expect(platform('FROM --platform=$BUILDPLATFORM a AS b\nFROM --platform=linux/s390x b\nRUN x\n')).toBe(
      'linux/amd64',
    );
    expect(platform('FROM --platform=linux/s390x scratch\nRUN x\n')).toBe('linux/arm64');
    expect(platform('FROM --platform=riscv64 a\nRUN x\n')).toBe('linux/riscv64');
  });

  it('do not change the platform of an image that files are copied from', () => {
    const { vertices } = planOf({ text: 'FROM --platform=$BUILDPLATFORM a\nCOPY --from=b /x /\n', ...onArm });
    expect(vertices.flatMap(({ op }) => (op.kind === 'image' ? [`${op.ref} ${op.platform}`] : []))).toEqual([
      'docker.io/library/a:latest linux/amd64',
      'docker.io/library/b:latest linux/arm64',
    ]);
  });

  it('that are none stop the build', () => {
    expect(failures('FROM --platform=$NONE a\n')).toHaveLength(1);
    expect(failures('FROM --platform=linux/a/b/c a\n')).toHaveLength(1);
  });

  it('count for RUN, not for COPY and WORKDIR (Y01, V01)', () => {
    const text = 'FROM scratch\nCOPY a /a\nWORKDIR /w\nRUN x\n';
    expect(secondBuild(text, { text, platform: 'linux/amd64/v2' })).toEqual([
      'hit COPY a /a',
      'hit WORKDIR /w',
      'MISS RUN x',
    ]);
  });
});

describe('platform arguments', () => {
  it('reach RUN only where a stage declares them (A14b)', () => {
    expect(runEnvironment(stage('RUN x'))).toEqual([]);
    expect(runEnvironment(stage('ARG TARGETOS TARGETARCH', 'RUN x'))).toEqual(['TARGETOS=linux', 'TARGETARCH=amd64']);
    expect(runEnvironment({ text: stage('ARG TARGETARCH', 'RUN x'), args: { TARGETARCH: 'mine' } })).toEqual([
      'TARGETARCH=mine',
    ]);
  });

  it('name the target stage (X03)', () => {
    const text = 'FROM a AS one\nARG TARGETSTAGE\nRUN x\nFROM one AS two\nARG TARGETSTAGE\nRUN x\n';
    expect(runEnvironment({ text, target: 'one' })).toEqual(['TARGETSTAGE=one']);
    expect(runEnvironment(text)).toEqual(['TARGETSTAGE=two']);
    expect(runEnvironment('FROM a\nARG TARGETSTAGE\nRUN x\n')).toEqual(['TARGETSTAGE=default']);
  });
});

describe('ONBUILD triggers', () => {
  it('do nothing in their own stage and run first in a stage on it (B09)', () => {
    const text = 'FROM a AS b\nONBUILD RUN 1\nRUN 2\nFROM b\nRUN 3\n';
    const steps = planOf(text).steps.map(({ text: line, origin, line: { start } }) => [start, line, origin]);
    expect(steps).toEqual([
      [1, 'FROM a AS b', undefined],
      [2, 'ONBUILD RUN 1', undefined],
      [3, 'RUN 2', undefined],
      [4, 'FROM b', undefined],
      [4, 'RUN 1', 'onbuild'],
      [5, 'RUN 3', undefined],
    ]);
  });

  it('are not passed on to a stage on the stage that ran them', () => {
    const text = 'FROM a AS b\nONBUILD RUN 1\nFROM b AS c\nFROM c\nRUN 2\n';
    expect(planOf(text).steps.filter(({ origin }) => origin === 'onbuild')).toHaveLength(1);
  });

  it('of an image may need a stage of the Dockerfile', () => {
    const build = {
      text: 'FROM a AS builder\nRUN 1\nFROM base\n',
      images: { 'docker.io/library/base:latest': imageInfo({ onbuild: ['COPY --from=builder /o /o', 'RUN 2'] }) },
    };
    expect(reached(build).unused).toEqual([]);
    expect(secondBuild({ ...build, text: 'FROM a AS builder\nRUN 0\nFROM base\n' }, build)).toEqual([
      'MISS RUN 1',
      'hit COPY --from=builder /o /o',
      'hit RUN 2',
    ]);
  });

  it('read heredocs, and a backslash as escape character whatever the file uses', () => {
    expect(lastRun('FROM a AS b\nONBUILD RUN <<"E"\nx $V\nE\nFROM b\n').args).toEqual(['/bin/sh', '-c', 'x $V\n']);
    // the file's own escape character counts when its line is split and when its words are expanded
    const onBackticks = (word: string) => `# escape=\`\nFROM a AS b\nONBUILD ENV A=${word}\nFROM b\nRUN 1\n`;
    expect(failures(onBackticks('x\\ y'))).toEqual([expect.stringContaining("can't find =")]);
    expect(runEnvironment(onBackticks('x\\y'))).toEqual(['A=x\\y']);
  });

  it('see the environment of the stage that runs them', () => {
    const text = 'FROM a AS b\nENV D=/one\nONBUILD WORKDIR $D\nENV D=/two\nFROM b\nRUN x\n';
    expect(lastRun(text).cwd).toBe('/two');
  });
});

describe('--no-cache-filter', () => {
  it('counts for a step that another stage has as well', () => {
    const text = 'FROM a AS one\nRUN x\nFROM a AS two\nRUN x\nCOPY --from=one /a /b\n';
    const { vertices } = planOf({ text, noCacheFilter: ['two'] });
    const runs = vertices.filter(({ op }) => op.kind === 'exec');
    expect(runs).toMatchObject([{ ignoreCache: true }]);
  });
});
