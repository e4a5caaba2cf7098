import { describe, expect, it } from 'vitest';
import { withFailedBuilds } from '../../../core/evidence/failedBuilds';
import { sha256 } from '../../../core/node/sha256';
import { Engine, lastStep, project, stepsOf, told } from '../support/evidence';
import { Folder, pathsOf } from '../support/folder';
import { planOf, stage } from '../support/plan';

const CHAIN = stage('RUN one', 'RUN two', 'RUN three');
const COPY = stage('COPY d /d', 'RUN end');
const D = ['d/ 755 @100', 'd/a 644 @100 =one'] as const;
const BUSYBOX = 'docker.io/library/busybox:1';
const built = (text: string, more = {}) => new Engine().build({ text, at: 1000, ...more });
const first = (lines: readonly string[]) => lines[0]?.replace(/^.*: /, '');

describe('steps that were removed from the cache', () => {
  it('rebuild where the chain was cut, and not before', () => {
    expect(told(built(CHAIN).prune('RUN three'), CHAIN)).toEqual([
      'RUN one: cached, same-as-build',
      'RUN two: cached, same-as-build',
      'RUN three: rebuild, record-pruned',
    ]);
  });

  it('rebuild all when all are gone', () => {
    expect(told(built(CHAIN).prune(), CHAIN).map((line) => line.split(': ')[1])).toEqual(
      Array.from({ length: 3 }, () => 'rebuild, record-pruned'),
    );
  });

  const STAGES = ['FROM busybox:1 AS b', 'RUN make', 'FROM busybox:1', 'COPY --from=b /o /o', 'RUN end', ''].join('\n');

  it('of a stage are not needed while what copies from it is kept', () => {
    const engine = built(STAGES).prune('RUN make');
    expect(told(engine, STAGES)).toEqual([
      'RUN make: cached, consumer-cached',
      'COPY --from=b /o /o: cached, same-as-build',
      'RUN end: cached, same-as-build',
    ]);
    const longer = STAGES.replace('RUN end', 'RUN end\nRUN more');
    expect(told(engine, longer).at(0)).toBe('RUN make: cached, consumer-cached');
  });

  it('of a stage are executed for a copy that changed', () => {
    const changed = STAGES.replace('/o /o', '/o /other');
    expect(told(built(STAGES).prune('RUN make'), changed)).toEqual([
      'RUN make: rebuild, record-pruned',
      'COPY --from=b /o /other: rebuild, instruction-changed',
      'RUN end: rebuild, parent-rebuilds of line 4',
    ]);
  });
});

describe('while another build runs', () => {
  const HELD = 'may-hit, record-unexplained';
  const verdictsOf = (engine: Engine) => told(engine, CHAIN).map((line) => line.split(': ')[1]);

  it('what stands on a step that it executed is open, and the step itself', () => {
    expect(told(built(CHAIN).running('RUN two'), CHAIN)).toEqual([
      'RUN one: cached, same-as-build',
      `RUN two: ${HELD}`,
      `RUN three: ${HELD}`,
    ]);
  });

  it('what stands on an image that it was the first to use is open', () => {
    expect(verdictsOf(built(CHAIN).running(`FROM ${BUSYBOX}`))).toEqual([HELD, HELD, HELD]);
  });

  it('what copies from a stage that stands on it is open', () => {
    const text = ['FROM busybox:1 AS b', 'RUN make', 'FROM busybox:1', 'COPY --from=b /o /o', ''].join('\n');
    expect(told(built(text).running('RUN make'), text)).toEqual([`RUN make: ${HELD}`, `COPY --from=b /o /o: ${HELD}`]);
  });

  it('all is open where nobody tells what it does', () => {
    expect(verdictsOf(built(CHAIN).running('unknown'))).toEqual([HELD, HELD, HELD]);
  });

  it('what was removed, changed or never built is executed as ever', () => {
    const engine = built(CHAIN).prune('RUN three').running('RUN three');
    expect(told(engine, CHAIN).at(-1)).toBe('RUN three: rebuild, record-pruned');
    expect(told(engine, CHAIN.replace('one', '1'))[0]).toBe('RUN 1: rebuild, instruction-changed');
  });

  it('that executed other steps, all is as ever', () => {
    expect(
      told(
        built(CHAIN)
          .build({ text: stage('RUN other'), at: 50_000 })
          .running('RUN other'),
        CHAIN,
      ),
    ).toEqual(['RUN one: cached, same-as-build', 'RUN two: cached, same-as-build', 'RUN three: cached, same-as-build']);
  });
});

describe('results that no remembered build made', () => {
  it('leave open what they fit, and what follows', () => {
    expect(told(built(CHAIN).forget(), CHAIN)).toEqual([
      'RUN one: may-hit, record-unexplained',
      'RUN two: may-hit, record-unexplained',
      'RUN three: may-hit, record-unexplained',
    ]);
  });

  it('on another parent do not fit', () => {
    const engine = built(CHAIN).record('mount / from exec /bin/sh -c new', 1, 'RUN one');
    expect(told(engine, stage('RUN one', 'RUN new')).at(-1)).toMatch(/may-hit, record-unexplained/);
    expect(told(engine, stage('RUN one', 'RUN two', 'RUN new')).at(-1)).toMatch(/: rebuild/);
  });

  it.each([
    ['WORKDIR /x/app', 'WORKDIR app', 'may-hit'],
    ['WORKDIR /x/app', 'WORKDIR /y/app/', 'may-hit'],
    ['WORKDIR /x/app', 'WORKDIR .', 'may-hit'],
    ['WORKDIR /x/app', 'WORKDIR $DIR', 'may-hit'],
    ['WORKDIR /x/app', 'WORKDIR /x/other', 'rebuild'],
    ['WORKDIR "/x/an app"', 'WORKDIR /x/other', 'may-hit'],
    ['COPY --from=b /o /lib/one', 'COPY --from=b /p one/', 'may-hit'],
    ['COPY --from=b /o /lib/one', 'COPY ["/p", "/two"]', 'may-hit'],
    ['COPY --from=b /o /lib/one', 'COPY --from=b /o /lib/two', 'rebuild'],
  ])('fit %s if they end like it: %s', (instruction, description, verdict) => {
    const other = 'FROM busybox:1 AS b\nRUN make\nFROM busybox:1\nRUN one\n';
    const engine = built(`${other}RUN two\n`).record(description, -1, 'RUN one');
    expect(told(engine, `${other}${instruction}\n`).at(-1)).toMatch(new RegExp(`: ${verdict}`));
  });

  it('of a failed build leave its good steps open, and the one that failed to be executed', () => {
    const text = stage('RUN good', 'RUN bad');
    expect(told(built(text, { failedAt: 'RUN bad' }), text)).toEqual([
      'RUN good: may-hit, record-unexplained',
      'RUN bad: rebuild, never-built',
    ]);
  });

  it('of a failed build are known where its base image is', () => {
    const text = stage('RUN good', 'RUN bad');
    const engine = built(stage('RUN other')).build({ text, at: 20_000, failedAt: 'RUN bad' });
    expect(told(engine, text)).toEqual(['RUN good: cached, same-as-build', 'RUN bad: rebuild, never-built']);
  });

  it('of a failed build are not what was only marked as cached below a step whose key could not be made', () => {
    const text = stage('RUN zero', 'RUN one', 'RUN two', 'COPY nothing /');
    const marked = ['RUN one', 'RUN two'];
    const past = { text, at: 20_000, failedAt: 'COPY nothing /', cached: marked };
    const recognised = (more: object): number => {
      const evidence = new Engine().build({ ...past, ...more }).evidence({});
      const [build] = withFailedBuilds(evidence, planOf({ text }), sha256).builds;
      return build?.steps.filter(({ kind }) => kind === 'exec').length ?? 0;
    };
    expect(recognised({})).toBe(3);
    expect(recognised({ marked })).toBe(1);
    // what was really cached had its inputs
    expect(recognised({ marked: ['RUN one'] })).toBe(3);
  });

  it('of a failed build stay open where the name of its base image may have meant another one', () => {
    const engine = built(CHAIN).prune().build({ text: CHAIN, at: 20_000, failedAt: 'RUN two' });
    expect(told(engine, CHAIN)).toEqual([
      'RUN one: may-hit, record-unexplained',
      'RUN two: rebuild, record-pruned',
      'RUN three: rebuild, record-pruned',
    ]);
    const moved = { [BUSYBOX]: { chainId: 'sha256:other' } };
    const other = built(CHAIN)
      .build({ text: stage('RUN other'), at: 10_000, images: moved })
      .build({ text: CHAIN, at: 20_000, failedAt: 'RUN two', images: moved });
    expect(told(other.prune('RUN one', 'RUN two', 'RUN three'), CHAIN, { images: {} })[0]).toBe(
      'RUN one: rebuild, record-pruned',
    );
  });
});

describe('base images', () => {
  const IMAGE = stage('RUN one');

  it('that are not there leave everything open', () => {
    const steps = stepsOf(built(IMAGE), IMAGE, { images: { [BUSYBOX]: null } });
    expect(steps.map(({ verdict }) => verdict)).toEqual(['may-hit', 'may-hit']);
    expect(steps[0]?.reason.code).toBe('image-not-local');
  });

  it('with other layers start over', () => {
    const images = { [BUSYBOX]: { chainId: 'sha256:new' } };
    expect(told(built(IMAGE), IMAGE, { images })).toEqual(['RUN one: rebuild, base-changed']);
  });

  it('with another manifest may still hit on the containerd store', () => {
    const images = { [BUSYBOX]: { digests: ['sha256:manifest'] } };
    expect(told(built(IMAGE), IMAGE, { images, store: 'containerd' })).toEqual(['RUN one: may-hit, parent-uncertain']);
    expect(
      told(built(IMAGE), IMAGE, { images: { [BUSYBOX]: { digests: ['sha256:base'] } }, store: 'containerd' }),
    ).toEqual(['RUN one: cached, same-as-build']);
  });

  it('that are empty are nothing to stand on', () => {
    const text = 'FROM scratch\nCOPY d /d\n';
    const engine = built(text);
    expect(told(engine, text, { tree: new Folder().look(3000, ...D).tree })).toEqual([
      'COPY d /d: cached, same-as-build',
    ]);
  });
});

describe('what is not predicted', () => {
  it.each(['ADD https://example.com/x /x', 'ADD https://example.com/x.git /x'])('%s is never certain', (line) => {
    const text = stage(line);
    const tree = new Folder().look(3000, ...D).tree;
    expect(lastStep(built(text), text, { tree }).verdict).toBe('may-hit');
  });

  it('makes a whole build of an old builder or an unknown option uncertain', () => {
    const bounds = { buildkit: '0.12.5' };
    expect(told(built(CHAIN), CHAIN, bounds).map((line) => line.split(': ')[1])).toEqual(
      Array.from({ length: 3 }, () => 'may-hit, not-covered'),
    );
    expect(lastStep(built(CHAIN), CHAIN, { uncoveredOptions: ['--cache-from x'] }).verdict).toBe('may-hit');
    expect(lastStep(built(CHAIN), CHAIN, { buildkit: '0.13.0' }).verdict).toBe('cached');
  });

  it('without any engine is unknown, with the sizes of what is copied', () => {
    const tree = new Folder().look(3000, ...D).tree;
    const [, copy, run] = stepsOf(undefined, COPY, { tree });
    expect(copy).toMatchObject({ verdict: 'unknown', size: { bytes: 3, basis: 'exact' } });
    expect(run).toMatchObject({ verdict: 'unknown', size: { bytes: null, basis: 'unknown' } });
  });

  it('in a folder that was not read is unknown only where files count', () => {
    expect(told(built(COPY), COPY)).toEqual([
      'COPY d /d: may-hit, content-unknown',
      'RUN end: may-hit, parent-uncertain of line 2',
    ]);
  });
});

describe('sources that are not there', () => {
  it('stop the build, and nothing is claimed of what follows', () => {
    expect(told(built(COPY), COPY, { tree: new Folder().look(3000, 'other 644 =x').tree })).toEqual([
      'COPY d /d: fails, source-missing',
      'RUN end: unknown, source-missing of line 2',
    ]);
  });

  it('do not matter in a stage that is not needed, or with a wildcard', () => {
    const tree = new Folder().look(3000, 'other 644 @1 =x').tree;
    const unused = ['FROM busybox:1 AS a', 'COPY gone /x', 'FROM busybox:1', 'RUN one', ''].join('\n');
    expect(told(built(unused), unused, { tree })).toEqual([
      'COPY gone /x: unused, not-needed',
      'RUN one: cached, same-as-build',
    ]);
    const wild = stage('COPY *.gone /x/');
    expect(told(built(wild), wild, { tree })).toEqual(['COPY *.gone /x/: cached, same-as-build']);
  });
});

describe('--no-cache', () => {
  it('leaves a WORKDIR right on the base', () => {
    const text = stage('WORKDIR /w', 'RUN one', 'WORKDIR /x');
    expect(told(built(text), text, { noCache: true })).toEqual([
      'WORKDIR /w: cached, same-as-build',
      'RUN one: rebuild, no-cache',
      'WORKDIR /x: rebuild, parent-rebuilds of line 3',
    ]);
  });

  it('for one stage leaves a copy from it open', () => {
    const text = ['FROM busybox:1 AS s', 'RUN make', 'FROM busybox:1', 'COPY --from=s /o /o', ''].join('\n');
    expect(told(built(text), text, { noCacheFilter: ['s'] })).toEqual([
      'RUN make: rebuild, no-cache',
      'COPY --from=s /o /o: may-hit, depends-on-output of line 2',
    ]);
  });
});

describe('files that were written since the build', () => {
  const edited = (line: string) => new Folder().look(3000, 'd/ 755 @100', line).tree;
  const SIZE = { sizes: { 'COPY d /d': 3 } };
  const sized = built(COPY, SIZE);

  it('are open while they add up to the kept result', () => {
    expect(told(sized, COPY, { tree: edited('d/a 644 @2000 ?two') })).toEqual([
      'COPY d /d: may-hit, files-touched',
      'RUN end: may-hit, parent-uncertain of line 2',
    ]);
  });

  it('are a rebuild when they do not, where the engine counts bytes', () => {
    const tree = edited('d/a 644 @2000 ?longer');
    expect(told(sized, COPY, { tree })).toEqual([
      'COPY d /d: rebuild, file-changed',
      'RUN end: rebuild, parent-rebuilds of line 2',
    ]);
    const images = { [BUSYBOX]: { digests: ['sha256:base'] } };
    expect(told(sized, COPY, { tree, images, store: 'containerd' })).toEqual([
      'COPY d /d: likely rebuild, files-touched',
      'RUN end: likely rebuild, parent-uncertain of line 2',
    ]);
  });

  it('count the text of links where the engine does', () => {
    const tree = new Folder().look(3000, 'd/ 755 @100', 'd/a 644 @2000 ?one', 'd/l 777 @100 >a').tree;
    const withLink = built(COPY, { sizes: { 'COPY d /d': 4 } });
    expect(first(told(withLink, COPY, { tree }))).toBe('may-hit, files-touched');
  });

  it('make nothing of a build whose transfer was interrupted', () => {
    const tree = new Folder().look(3000, ...D).tree;
    expect(told(built(COPY, { ...SIZE, interrupted: true }), COPY, { tree })[0]).toMatch(/may-hit/);
    expect(told(built(COPY, { ...SIZE, contextPath: null }), COPY, { tree })[0]).toMatch(/may-hit/);
  });

  it('are judged by this machine’s clock', () => {
    const tree = new Folder().look(3000, 'd/ 755 @100', 'd/a 644 @900 ?one').tree;
    expect(first(told(sized, COPY, { tree }))).toBe('cached, same-as-build');
    // the engine's clock is ahead: the build began at 800
    expect(first(told(sized, COPY, { tree, clockOffset: 200 }))).toBe('may-hit, files-touched');
    expect(first(told(sized, COPY, { tree, clockMargin: 100 }))).toBe('may-hit, files-touched');
  });

  it('are asked for when they would decide, and decide when they were read', () => {
    const folder = new Folder().look(1500, ...D).look(3000, 'd/ 755 @100', 'd/a 644 @2000 ?two');
    const { context } = project(sized, COPY, { tree: folder.tree });
    expect(pathsOf(context?.wanted ?? [])).toEqual(['d/a']);
    folder.read(context?.wanted ?? [], 3000);
    expect(told(sized, COPY, { tree: folder.tree })[0]).toBe('COPY d /d: rebuild, file-changed');
  });

  it('go unnoticed with their size and time: never certain', () => {
    const folder = new Folder().look(1500, ...D).look(3000, 'd/ 755 @100', 'd/a 644 @2000 ~100 =two');
    expect(first(told(sized, COPY, { tree: folder.tree }))).toBe('may-hit, content-unknown');
    // and back again, after another build took the new bytes as the old ones
    folder.look(6000, 'd/ 755 @100', 'd/a 644 @5000 ~100 =one');
    expect(told(sized, COPY, { tree: folder.tree })[0]).toMatch(/may-hit/);
  });

  it('moved within a wildcard keep the key before BuildKit 0.26, which is told', () => {
    const text = stage('COPY d/* /d/');
    const then = ['d/ 755 @100', 'd/a/ 755 @50', 'd/b 644 @50 =bbb'] as const;
    const folder = new Folder()
      .look(1500, ...then)
      .look(3000, 'd/ 755 @2000', 'd/a/ 755 @2000', 'd/a/b 644 @2000 =bbb');
    const engine = built(text, { sizes: { 'COPY d/* /d/': 3 } });
    const { prediction } = project(engine, text, { tree: folder.tree });
    expect(prediction.steps.at(-1)?.verdict).toBe('cached');
    expect(prediction.problems).toMatchObject([{ code: 'change-unnoticed', line: 2 }]);
    expect(prediction.problems[0]?.message).toContain('d/a/b');
    const later = project(engine, text, { tree: folder.tree, buildkit: '0.26.1' });
    expect(later.prediction.steps.at(-1)).toMatchObject({ verdict: 'rebuild', certainty: 'certain' });
  });

  it('are compared with the newest build that had them', () => {
    const folder = new Folder().look(1500, ...D).look(1900, 'd/ 755 @100', 'd/a 644 @1800 =two');
    const both = built(COPY).build({ text: COPY, at: 3000, sizes: { 'COPY d /d': 3 } });
    const back = folder.look(5000, 'd/ 755 @100', 'd/a 644 @1800 =two').look(9000, 'd/ 755 @100', 'd/a 644 @8000 =one');
    expect(told(both, COPY, { tree: back.tree })[0]).toBe('COPY d /d: cached, same-as-build');
    const gone = both.drop(both.records.slice(0, 2).map(({ id }) => id));
    expect(told(gone, COPY, { tree: back.tree })[0]).toBe('COPY d /d: rebuild, record-pruned');
  });
});

describe('files under changed ignore patterns', () => {
  const tree = new Folder().look(3000, ...D, 'd/b.log 644 @100 =log').tree;

  it('are the same when the patterns take out nothing that was copied', () => {
    expect(first(told(built(COPY), COPY, { tree, patterns: ['*.md'] }))).toBe('cached, same-as-build');
  });

  it('are named when they are taken out or come back', () => {
    const out = stepsOf(built(COPY), COPY, { tree, patterns: ['**/*.log'] })[1];
    expect(out).toMatchObject({ verdict: 'rebuild', reason: { files: [{ path: 'd/b.log', change: 'removed' }] } });
    const back = stepsOf(built(COPY, { patterns: ['**/*.log'] }), COPY, { tree })[1];
    expect(back).toMatchObject({ verdict: 'rebuild', reason: { files: [{ path: 'd/b.log', change: 'added' }] } });
  });
});

describe('the duration and size of a step', () => {
  it('are those of its last execution', () => {
    const step = lastStep(built(CHAIN, { sizes: { 'RUN three': 70 } }), CHAIN);
    expect(step.lastDurationMs).toBe(50);
    expect(step.size).toMatchObject({ bytes: 70, basis: 'estimate' });
  });

  it('are measured where an image holds its layer', () => {
    expect(lastStep(built(CHAIN), CHAIN, { layers: { 'RUN three': 123 } }).size).toEqual({
      bytes: 123,
      basis: 'measured',
    });
  });
});
