import { describe, expect, it } from 'vitest';
import { failures, imageInfo, lastFileOp, lastRun, planOf, secondBuild, stage } from '../support/plan';

describe('a plan', () => {
  it('has a step for every instruction, and a vertex for those that make a layer', () => {
    const plan = planOf('ARG V=1\nFROM busybox:$V AS app\nENV A=1\nWORKDIR /w\nCOPY a b\nRUN x\nCMD y\n');
    const steps = plan.steps.map((step) => [step.instruction, step.stage, step.stageIndex, step.vertex !== undefined]);
    expect(steps).toEqual([
      ['ARG', '', -1, false],
      ['FROM', 'app', 0, false],
      ['ENV', 'app', 0, false],
      ['WORKDIR', 'app', 0, true],
      ['COPY', 'app', 0, true],
      ['RUN', 'app', 0, true],
      ['CMD', 'app', 0, false],
    ]);
    expect(plan.root).toBe(plan.steps[5]?.vertex);
    expect(plan.steps[1]?.image).toBe('docker.io/library/busybox:1');
    expect(plan.problems).toEqual([]);
  });

  it('of an empty image has no root', () => {
    expect(planOf('FROM scratch\nCMD x\n').root).toBeUndefined();
  });

  it('has equal steps on an equal chain once', () => {
    const plan = planOf('FROM a AS x\nRUN 1\nFROM a AS y\nRUN 1\nFROM x\nCOPY --from=y /q /q\n');
    expect(plan.vertices.filter(({ op }) => op.kind === 'exec')).toHaveLength(1);
  });

  it('says when another frontend reads the file, and when an option is not known', () => {
    expect(planOf('# syntax=docker/dockerfile:1\nFROM a\n').uncovered).toContain('# syntax');
    expect(planOf({ text: 'FROM a\n', args: { BUILDKIT_SYNTAX: 'x' } }).uncovered).toContain('BUILDKIT_SYNTAX');
    expect(planOf({ text: 'FROM a\n', uncoveredOptions: ['--ulimit'] }).uncovered).toContain('--ulimit');
    expect(planOf('# check=skip=all\nFROM a\n').uncovered).toBeUndefined();
  });

  it('says that a RUN is not known exactly when the engine lacks its image', () => {
    const plan = planOf({
      text: stage('RUN x', 'COPY a /x', 'COPY a x'),
      images: { 'docker.io/library/busybox:1': null },
    });
    expect(plan.vertices.filter(({ uncovered }) => uncovered !== undefined).map(({ op }) => op.kind)).toEqual([
      'exec',
      'file',
    ]);
  });

  it('of an image without layers starts from nothing', () => {
    const images = { 'docker.io/library/empty:latest': imageInfo({ chainId: '' }) };
    expect(planOf({ text: 'FROM empty\nCOPY a /x\n', images }).vertices.map(({ op }) => op.kind)).toEqual([
      'local',
      'file',
    ]);
  });

  it('names the target', () => {
    expect(planOf('FROM a AS one\nFROM b\n').target).toBe('1');
    expect(planOf({ text: 'FROM a AS one\nFROM b\n', target: 'ONE' }).target).toBe('one');
    expect(planOf({ text: 'FROM a\n', target: 'none' })).toMatchObject({ target: 'none', root: undefined });
  });
});

describe('a stage on another one', () => {
  it('goes on with its working directory, user and layers', () => {
    const text = 'FROM a AS b\nWORKDIR /w\nUSER app\nFROM b\nRUN x\n';
    expect(lastRun(text)).toMatchObject({ cwd: '/w', user: 'app' });
    expect(planOf(text).vertices).toHaveLength(3);
  });

  it('and one on an image start from the configuration', () => {
    const images = { 'docker.io/library/a:latest': imageInfo({ workingDir: '/srv', user: '1000' }) };
    expect(lastRun({ text: 'FROM a\nRUN x\n', images })).toMatchObject({ cwd: '/srv', user: '1000' });
    const bare = { 'docker.io/library/a:latest': imageInfo({ workingDir: '' }) };
    expect(lastRun({ text: 'FROM a\nRUN x\n', images: bare }).cwd).toBe('/');
  });
});

describe('WORKDIR', () => {
  const mkdir = (...lines: readonly string[]) => lastFileOp(stage(...lines)).actions[0]?.action;

  it('makes a cleaned folder but keeps the working directory as written (T19)', () => {
    expect(mkdir('WORKDIR /w/')).toMatchObject({ path: '/w', mode: 0o755, makeParents: true, timestamp: '-1' });
    expect(lastRun(stage('WORKDIR /w/', 'RUN x')).cwd).toBe('/w/');
    expect(secondBuild(stage('WORKDIR /w', 'RUN x'), stage('WORKDIR /w/', 'RUN x'))).toEqual([
      'hit WORKDIR /w/',
      'MISS RUN x',
    ]);
  });

  it('is relative to the one before', () => {
    expect(lastRun(stage('WORKDIR /a', 'WORKDIR b/../c', 'RUN x')).cwd).toBe('/a/c');
    expect(lastRun(stage('WORKDIR a', 'RUN x')).cwd).toBe('/a');
    expect(lastRun(stage('ENV D=/d', 'WORKDIR $D/e', 'RUN x')).cwd).toBe('/d/e');
    expect(lastRun(stage('WORKDIR /a', 'WORKDIR $NONE', 'RUN x')).cwd).toBe('/a');
  });

  it('is a step each time, except for the root (T18, T20)', () => {
    expect(secondBuild(stage('WORKDIR /w', 'RUN x'), stage('WORKDIR /w', 'WORKDIR /w', 'RUN x'))).toEqual([
      'hit WORKDIR /w',
      'MISS WORKDIR /w',
      'MISS RUN x',
    ]);
    expect(secondBuild(stage('RUN x'), stage('WORKDIR /', 'RUN x'))).toEqual(['hit RUN x']);
    expect(planOf(stage('WORKDIR /a', 'WORKDIR ..')).vertices).toHaveLength(2);
  });

  it.each([
    ['0', { user: 0, group: undefined }],
    ['root', { user: 0, group: undefined }],
    ['1000:1000', { user: 1000, group: 1000 }],
    ['app', { user: 'app', group: undefined }],
    ['1000:', { user: 1000, group: 0 }],
  ])('belongs to USER %s (T17)', (user, owner) => {
    expect(mkdir(`USER ${user}`, 'WORKDIR /w')).toMatchObject({ owner });
  });

  it('has the time of SOURCE_DATE_EPOCH, declared or not (T15)', () => {
    const timestamp = (epoch: string) =>
      lastFileOp({ text: stage('WORKDIR /w'), args: { SOURCE_DATE_EPOCH: epoch } }).actions[0]?.action;
    expect(timestamp('1')).toMatchObject({ timestamp: '1000000000' });
    expect(timestamp('0')).toMatchObject({ timestamp: '0' });
    expect(timestamp('007')).toMatchObject({ timestamp: '7000000000' });
    expect(timestamp('')).toMatchObject({ timestamp: '-1' });
    expect(failures({ text: stage('WORKDIR /w'), args: { SOURCE_DATE_EPOCH: 'now' } })).toHaveLength(1);
    const text = stage('RUN x', 'COPY a /a', 'WORKDIR /w', 'RUN y');
    expect(secondBuild(text, { text, args: { SOURCE_DATE_EPOCH: '1' } })).toEqual([
      'hit RUN x',
      'hit COPY a /a',
      'MISS WORKDIR /w',
      'MISS RUN y',
    ]);
  });
});

describe('traps across several steps', () => {
  it('T1: metadata has no effect', () => {
    const metadata = ['LABEL a=b', 'CMD x', 'ENTRYPOINT ["y"]', 'EXPOSE 80', 'VOLUME /v', 'HEALTHCHECK CMD z'];
    const steps = ['RUN echo 1', 'COPY a.txt /a'];
    expect(secondBuild(stage(...steps), stage(...metadata, 'STOPSIGNAL 9', 'ONBUILD RUN q', ...steps))).toEqual([
      'hit RUN echo 1',
      'hit COPY a.txt /a',
    ]);
  });

  it('T2: ENV makes RUN miss, and COPY with it', () => {
    const steps = ['RUN echo 1', 'COPY a.txt /a'];
    expect(secondBuild(stage(...steps), stage('ENV Q=1', ...steps))).toEqual(['MISS RUN echo 1', 'MISS COPY a.txt /a']);
  });

  it('T49: a stage that runs again with the same output does not matter to COPY --from', () => {
    const text = (line: string) => `FROM a AS b\n${line}\nFROM c\nCOPY --from=b /out /o\nRUN fin\n`;
    expect(secondBuild(text('RUN 1'), text('RUN 2'))).toEqual([
      'MISS RUN 2',
      'hit COPY --from=b /out /o',
      'hit RUN fin',
    ]);
  });

  it('T70: a RUN that mounts its own base is hit on a base that runs again', () => {
    const text = (line: string) => `FROM a AS b\nRUN : ${line}\nFROM b\nRUN --mount=from=b,source=/bin,target=/m x\n`;
    expect(secondBuild(text('v1'), text('v2'))[1]).toBe('hit RUN --mount=from=b,source=/bin,target=/m x');
  });

  it('R07: a stage and an image of it are different bases', () => {
    expect(secondBuild('FROM a AS q\nRUN 1\nFROM q\nRUN 2\n', 'FROM q\nRUN 2\n')).toEqual(['MISS RUN 2']);
  });
});
