import { describe, expect, it } from 'vitest';
import { buildahFileCost, predictBuildahProject } from '../../../core/buildah/project';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST } from '../../../core/plan/graph';
import { BuildahFiles, BuildahStore, type BuildahBuild } from '../support/buildah';
import { stepWith } from '../support/classic';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
const FILES = ['Dockerfile @1', 'f 644 @1 =one', 'd/ 755 @1', 'd/x 644 @1 =x', 'other @1 =z'];
const again = (text: string, first: BuildahBuild, second: BuildahBuild, now = text): string[] =>
  new BuildahStore().build(text, first).told(now, second);
/** Two stages are needed. */
const USES = ['FROM scratch', 'COPY --from=b /x /x', 'COPY --from=c /y /y'];
/** Hits and misses as letters. */
const letters = (steps: readonly string[]): string => steps.map((one) => one.charAt(0).toUpperCase()).join('');

describe('a second build', () => {
  const text = stage('COPY f /f', 'COPY d /d', 'RUN make', 'CMD ["x"]');
  const changes: readonly [string, readonly string[], string][] = [
    ['nothing', FILES, 'HHHH'],
    ['times', FILES.map((one) => one.replace('@1', '@4000')), 'HHHH'],
    ['content', FILES.map((one) => one.replace('=one', '=two')), 'MMMM'],
    ['mode of a file', FILES.map((one) => one.replace('f 644', 'f 755')), 'MMMM'],
    ['setuid of a file', FILES.map((one) => one.replace('f 644', 'f 4644')), 'HHHH'],
    ['the sticky bit of a file', FILES.map((one) => one.replace('f 644', 'f 1644')), 'MMMM'],
    ['mode of the copied folder', FILES.map((one) => one.replace('d/ 755', 'd/ 700')), 'HHHH'],
    ['a name in a folder', FILES.map((one) => one.replace('d/x', 'd/y')), 'HMMM'],
    ['a file that nobody copies', FILES.map((one) => one.replace('=z', '=Z')), 'HHHH'],
    ['an empty folder in a folder', [...FILES, 'd/e/ 755'], 'HMMM'],
  ];
  it.each(changes)('after a change of %s', (_, files, expected) => {
    expect(letters(again(text, { files: new BuildahFiles(...FILES) }, { files: new BuildahFiles(...files) }))).toBe(
      expected,
    );
  });

  const edits: readonly [string, string, string, string][] = [
    ['another ENV value', 'ENV A=1\nRUN a', 'ENV A=2\nRUN a', 'MM'],
    ['quotes in ENV', 'ENV A=1\nRUN a', 'ENV A="1"\nRUN a', 'MM'],
    ['a blank in ENV', 'ENV A=1 B=2', 'ENV A=1  B=2', 'M'],
    ['case of the keyword of ENV', 'ENV A=1', 'env A=1', 'M'],
    ['case of the keyword of RUN and COPY', 'RUN a\nCOPY f /', 'run a\ncopy f /', 'HH'],
    ['comments', 'RUN a \\\n b', '# x\nRUN a \\\n# why\n b', 'H'],
    ['default of ARG', 'ARG A=1\nCOPY f /\nRUN a', 'ARG A=2\nCOPY f /\nRUN a', 'HHM'],
    ['ARG in two lines', 'ARG A=1 B=2\nRUN a', 'ARG A=1\nARG B=2\nRUN a', 'MMM'],
    ['order of ports', 'EXPOSE 80 443', 'EXPOSE 443 80', 'M'],
    ['a slash in WORKDIR', 'WORKDIR /a', 'WORKDIR /a/', 'M'],
    ['an owner that is the usual one', 'COPY f /x', 'COPY --chown=0:0 f /x', 'H'],
    ['a mode that is the usual one', 'COPY f /x', 'COPY --chmod=644 f /x', 'H'],
    ['another owner', 'COPY f /x', 'COPY --chown=1:1 f /x', 'M'],
    ['the source in other words', 'COPY d /d', 'COPY ./d/ /d', 'H'],
    ['the destination in other words', 'COPY f /d/', 'COPY f /d', 'M'],
    ['--link', 'COPY f /d/', 'COPY --link f /d/', 'M'],
    ['another network', 'RUN a', 'RUN --network=host a', 'M'],
    ['RUN as words', 'RUN a', 'RUN ["a"]', 'M'],
  ];
  it.each(edits)('with %s', (_, before, after, expected) => {
    const files = new BuildahFiles(...FILES);
    expect(letters(again(stage(before), { files }, { files }, stage(after)))).toBe(expected);
  });

  it('hits a renamed source that is copied to a name, and a renamed folder', () => {
    const [before, after] = [new BuildahFiles('f 644 @1 =one'), new BuildahFiles('g 644 @1 =one')];
    expect(letters(again(stage('COPY f /x'), { files: before }, { files: after }, stage('COPY g /x')))).toBe('H');
    expect(letters(again(stage('COPY f /x/'), { files: before }, { files: after }, stage('COPY g /x/')))).toBe('M');
    expect(
      letters(
        again(
          stage('COPY d /x'),
          { files: new BuildahFiles(...FILES) },
          { files: new BuildahFiles('e/ 755', 'e/x =x') },
          stage('COPY e /x'),
        ),
      ),
    ).toBe('H');
  });

  const args: readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string][] = [
    ['another value', { A: '1' }, { A: '2' }, 'HHHM'],
    ['its default', {}, { A: 'd' }, 'HHHH'],
    ['one that is not declared', {}, { NONE: 'x' }, 'HHHH'],
    ['a proxy', {}, { HTTP_PROXY: 'p' }, 'HMMM'],
  ];
  it.each(args)('with a build argument: %s', (_, before, after, expected) => {
    const told = again(stage('RUN first', 'ARG A=d', 'ENV X=1', 'RUN second'), { args: before }, { args: after });
    expect(letters(told)).toBe(expected);
  });

  it('skips stages that the target does not need', () => {
    const stages = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1 AS b\nRUN b\nFROM a\nRUN c\n';
    const store = new BuildahStore().build(stages);
    expect(store.told(stages)).toEqual(['hit RUN a', 'unused RUN b', 'hit RUN c']);
    expect(store.told(stages, { target: 'b' })).toEqual(['unused RUN a', 'MISS RUN b', 'unused RUN c']);
  });

  it('executes everything with --no-cache, and without layers', () => {
    const store = new BuildahStore().build(stage('RUN a'));
    expect(store.told(stage('RUN a'), { noCache: true })).toEqual(['MISS RUN a']);
    store.usesLayers = false;
    expect(store.told(stage('RUN a'))).toEqual(['MISS RUN a']);
  });

  it('follows what it mounts, whatever is ignored', () => {
    const line = stage('RUN --mount=type=bind,source=d,target=/d make');
    const ignore = ['d/x'];
    const store = new BuildahStore().build(line, { files: new BuildahFiles(...FILES), ignore });
    expect(letters(store.told(line, { files: new BuildahFiles(...FILES), ignore }))).toBe('H');
    const changed = FILES.map((one) => one.replace('=x', '=longer').replace('d/x 644 @1', 'd/x 644 @4000'));
    expect(letters(store.told(line, { files: new BuildahFiles(...changed), ignore }))).toBe('M');
  });
});

describe('what is open', () => {
  it('is a copy from a stage that is kept', () => {
    const text = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1\nCOPY --from=a /x /y\nRUN b\n';
    const made = new BuildahStore().build(text).predict(text);
    expect(stepWith(made, 'COPY')).toMatchObject({ verdict: 'may-hit', reason: { code: 'depends-on-output' } });
    expect(stepWith(made, 'RUN b')).toMatchObject({
      verdict: 'may-hit',
      reason: { code: 'parent-uncertain', causeLine: 4 },
    });
    expect(new BuildahStore().told(text).every((one) => one.startsWith('MISS'))).toBe(true);
  });

  it('is a copy while nobody has looked at the files', () => {
    const text = stage('COPY f /x');
    const store = new BuildahStore().build(text, { files: new BuildahFiles(...FILES) });
    expect(stepWith(store.predict(text), 'COPY')).toMatchObject({
      verdict: 'may-hit',
      reason: { code: 'content-unknown' },
    });
  });

  it.each([
    ['--cache-from', { cacheFrom: ['x'] }],
    ['--pull', { pull: true }],
    ['--platform', { platform: 'linux/arm64' }],
    ['--squash', { uncoveredOptions: ['--squash'] }],
  ])('is all with %s', (option, request) => {
    const made = new BuildahStore().build(stage('RUN a')).predict(stage('RUN a'), { request: request });
    expect(stepWith(made, 'RUN')).toMatchObject({ verdict: 'may-hit', reason: { code: 'not-covered' } });
    expect(stepWith(made, 'RUN').reason.message).toContain(option);
  });
});

describe('a step that fails', () => {
  it('is a copy of what is not there, but not a pattern that finds nothing beside others', () => {
    const files = new BuildahFiles(...FILES);
    const store = new BuildahStore();
    expect(store.told(stage('COPY none /', 'RUN a'), { files })).toEqual(['fails COPY none /', 'unknown RUN a']);
    expect(store.told(stage('COPY no* /'), { files })).toEqual(['fails COPY no* /']);
    expect(store.told(stage('COPY f no* /x/'), { files })).toEqual(['MISS COPY f no* /x/']);
    expect(store.predict(stage('COPY none /'), { files }).problems).toMatchObject([
      { code: 'copy-source-missing', line: 2 },
    ]);
  });
});

describe('what Buildah does not notice', () => {
  const problems = (text: string, first: BuildahBuild, second: BuildahBuild): string[] => {
    const made = new BuildahStore().build(text, first).predict(text, second);
    return made.problems.map(({ code, line, message }) => `${code} ${line ?? '-'} ${message.split(',')[0] ?? ''}`);
  };
  const args = [{ args: { V: 'one' } }, { args: { V: 'two' } }] as const;

  it.each([
    ['ENV A=$V', 'A changed'],
    ['LABEL l=$V', 'label l changed'],
    ['USER $V', 'the user changed'],
    ['WORKDIR /$V', 'the working directory changed'],
  ])('is another argument in %s', (line, message) => {
    expect(problems(stage('ARG V', line), ...args)).toEqual([`change-unnoticed 3 ${message}`]);
  });

  it('is nothing where a RUN with the argument stands before it, or it stays the same', () => {
    expect(problems(stage('ARG V', 'RUN a', 'ENV A=$V'), ...args)).toEqual([]);
    expect(problems(stage('ARG V', 'ENV A=$V'), args[0], args[0])).toEqual([]);
  });

  it('is a file that is mounted without a type', () => {
    const line = stage('RUN --mount=source=d,target=/d make');
    const before = new BuildahFiles(...FILES);
    expect(problems(line, { files: before }, { files: before })).toEqual([]);
    const changed = new BuildahFiles(...FILES.map((one) => one.replace('d/x 644 @1', 'd/x 644 @90000')));
    expect(problems(line, { files: before }, { files: changed })).toEqual(['change-unnoticed 2 d changed']);
  });
});

describe('why a step is executed', () => {
  it('is a file, an argument, or that it never was', () => {
    const files = new BuildahFiles(...FILES);
    const store = new BuildahStore().build(stage('COPY f /x'), { files });
    const changed = new BuildahFiles(...FILES.map((one) => one.replace('=one', '=two')));
    expect(stepWith(store.predict(stage('COPY f /x'), { files: changed }), 'COPY').reason.code).toBe('file-changed');
    expect(stepWith(store.predict(stage('COPY f /y'), { files }), 'COPY').reason.code).toBe('never-built');
    const text = stage('ARG A=secret-1', 'RUN a');
    const made = new BuildahStore().build(text).predict(text, { args: { A: 'secret-2' } });
    expect(stepWith(made, 'RUN').reason.code).toBe('argument-changed');
    expect(JSON.stringify(made.steps.map(({ reason }) => reason))).not.toContain('secret');
  });
});

describe('what a change of a file costs', () => {
  it('is what takes it, with all that follows', () => {
    const text = 'FROM busybox:1 AS a\nCOPY d /d\nRUN a\nFROM a\nRUN b\nCOPY f /\n';
    const files = new BuildahFiles(...FILES);
    const evidence = new BuildahStore().evidence();
    const project = predictBuildahProject(
      {
        ...{ text, dockerfile: '/ctx/Dockerfile', defaultPlatform: 'linux/amd64', sha256, baseline: 'engine' },
        request: PLAIN_REQUEST,
        context: { path: '/ctx', tree: files.tree, patterns: [], problems: [], others: new Map() },
        ...{ evidence: undefined, builder: evidence.builder },
      },
      evidence,
    );
    const cost = (path: string) => buildahFileCost(project, files.tree, path).executed.map((step) => step.text);
    expect(cost('d/x')).toEqual(['COPY d /d', 'RUN a', 'RUN b', 'COPY f /']);
    expect(cost('f')).toEqual(['COPY f /']);
    expect(cost('other')).toEqual([]);
  });
});

describe('steps that two stages would make alike', () => {
  const files = new BuildahFiles(...FILES);
  const told = (...lines: readonly string[]): string[] =>
    new BuildahStore().told(['FROM busybox:1 AS a', 'RUN one', ...lines, ''].join('\n'), { files });

  it('are open where the first stage waits for another one: Podman may build the second before it', () => {
    expect(told('FROM a AS b', 'RUN two', 'FROM a AS c', 'RUN two', 'RUN three', ...USES).slice(0, 4)).toEqual([
      ...['MISS RUN one', 'may-hit RUN two', 'may-hit RUN two', 'MISS RUN three'],
    ]);
  });

  it('are made by the first one where that waits for nothing', () => {
    const steps = told('FROM busybox:1 AS b', 'RUN two', 'FROM busybox:1 AS c', 'RUN two', ...USES);
    expect(steps.slice(1, 3)).toEqual(['MISS RUN two', 'hit RUN two']);
  });

  it('are hits of both where the result is kept', () => {
    const text = ['FROM busybox:1 AS a', 'RUN one', 'FROM a AS b', 'RUN two', 'FROM a AS c', 'RUN two', ...USES, ''];
    const store = new BuildahStore().build(text.join('\n'), { files });
    expect(store.told(text.join('\n'), { files }).slice(0, 3)).toEqual(['hit RUN one', 'hit RUN two', 'hit RUN two']);
  });
});
