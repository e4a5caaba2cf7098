import { describe, expect, it } from 'vitest';
import { chainRows } from '../../../core/ledger/builds';
import type { ChainBuild } from '../../../core/ledger/compareChain';
import type { Explanation } from '../../../core/ledger/explain';
import { explainChains, type ExplainedChain } from '../../../core/ledger/explainChain';
import type { ChainContext } from '../../../core/ledger/explainChainFiles';
import { takeManifest, treeOf } from '../../../core/ledger/manifest';
import { presentStages } from '../../../core/ledger/noteChain';
import { sha256 } from '../../../core/node/sha256';
import { built, FILES, FIRST, LAST, stage, TEXT } from './builtChain';
import { HOSTS, type Asked, type ChainHost } from './chainSession';
import { folderAt } from './session';

const contextOf = (files: readonly string[] = FILES): ChainContext => {
  const manifest = takeManifest(folderAt(5000, ...files).tree, [], { start: 4000, end: 4500 });
  const unknown = new Set(manifest.unknown);
  return { tree: treeOf(manifest), patterns: manifest.patterns, unknown, dockerfile: 'Dockerfile' };
};

function side(build: ChainBuild, changes: Partial<ExplainedChain> = {}): ExplainedChain {
  const { ref, noted: note, seen, startedAt, endedAt } = build;
  return {
    ...{ name: `build ${ref.slice(0, 8)}`, isNow: false, target: note.target, stages: note.stages, seen },
    ...{ span: { startedAt, endedAt }, context: contextOf() },
    ...changes,
  };
}

/** What would be built now. */
function now(host: ChainHost, text: string, asked: Asked = {}): ExplainedChain {
  const { prediction, chain } = host.project(text, { files: FILES, ...asked });
  return {
    ...{ name: 'now', isNow: true, target: prediction.target, seen: undefined, span: undefined },
    stages: presentStages({ prediction, basis: chain() }, sha256),
    context: contextOf(asked.files),
  };
}

const told = ({ difference }: Explanation): unknown =>
  difference && [
    difference.line,
    difference.field,
    difference.name ?? difference.files?.map(({ path, change }) => `${path} ${change}`),
  ];

describe.each(HOSTS)('the first difference of builds with %s', (_, make) => {
  const explain = (host: ChainHost, before: ExplainedChain, after: ExplainedChain): Explanation =>
    explainChains(host.kind, before, after, sha256);

  it('is none to the same again', () => {
    const host = make();
    const one = side(built(host, TEXT));
    expect(explain(host, one, now(host, TEXT))).toMatchObject({ difference: undefined, executed: [], notes: [] });
    expect(explain(host, one, one).difference).toBeUndefined();
  });

  it.each([
    ['the command', ['RUN other', 'COPY d /d'], [2, 'command', undefined]],
    ['an instruction that was added', ['WORKDIR /w', FIRST, 'COPY d /d', LAST], [2, 'instruction', undefined]],
    ['one that was removed', [FIRST, LAST], [null, 'instruction', undefined]],
    ['another one in its place', ['USER x', 'COPY d /d'], [2, 'instruction', undefined]],
    ['the owner of copied files', [FIRST, 'COPY --chown=1:1 d /d'], [3, 'flag', '--chown']],
    ['where files are copied to', [FIRST, 'COPY d /e'], [3, 'destination', undefined]],
    ['what is copied', [FIRST, 'COPY d/a /d'], [3, 'sources', undefined]],
  ])('names %s', (_name, lines, expected) => {
    const host = make();
    const before = side(built(host, TEXT));
    const text = stage(...lines);
    const present = explain(host, before, now(host, text));
    expect(told(present)).toEqual(expected);
    expect(present.difference?.certainty).toBe('certain');
    // where the last lines were only left away, no image tells of a build
    if (expected[0] !== null) expect(told(explain(host, before, side(built(host, text))))).toEqual(expected);
  });

  it.each([
    ['a variable', 'ENV V=1', 'ENV V=2', [2, 'environment', 'V']],
    ['one that is new', 'ENV V=1', 'ENV V=1 W=1', [2, 'environment', 'W']],
    ['a label', 'LABEL a=1 b=1', 'LABEL a=1 b=2', [2, 'instruction', 'b']],
    ['the user', 'USER one', 'USER two', [2, 'user', undefined]],
    ['the directory', 'WORKDIR /one', 'WORKDIR /two', [2, 'directory', undefined]],
    ['what nobody takes apart', 'CMD ["one"]', 'CMD ["two"]', [2, 'instruction', undefined]],
  ])('names %s', (_name, before, after, expected) => {
    const host = make();
    const one = side(built(host, stage(before, FIRST)));
    const two = built(host, stage(after, FIRST));
    expect(told(explain(host, one, side(two)))).toEqual(expected);
    expect(explain(host, one, side(two)).executed).toEqual([2, 3]);
    expect(JSON.stringify(explain(host, one, side(two)))).not.toContain('two');
  });

  it('names an argument, without its value', () => {
    const host = make();
    const text = stage('ARG A=1', 'ARG B=1', 'RUN echo $A');
    const one = side(built(host, text));
    const two = side(built(host, text, { args: { B: 'hunter2' } }));
    const answer = explain(host, one, two);
    expect(told(answer)).toEqual([4, 'argument', 'B']);
    expect(answer.difference?.message).toBe('build argument B has another value');
    expect(JSON.stringify([one.stages, two.stages, two.seen, answer])).not.toContain('hunter2');
    expect(told(explain(host, two, now(host, text, { args: { B: 'hunter3' } })))).toEqual([4, 'argument', 'B']);
    expect(told(explain(host, two, now(host, text, { args: { B: 'hunter2' } })))).toBeUndefined();
  });

  it('names the base image, and another image of the same name', () => {
    const host = make();
    const one = built(host, TEXT);
    const [first] = one.noted.stages;
    const on = (changes: object): ExplainedChain => side(one, { stages: [{ steps: [], ...first, ...changes }] });
    const other = on({ base: 'sha256:other' });
    expect(told(explain(host, side(one), other))).toEqual([1, 'base-digest', 'busybox:1']);
    const renamed = on({ base: 'sha256:other', from: { line: 1, name: 'busybox:2', digest: 'x' } });
    expect(told(explain(host, side(one), renamed))).toEqual([1, 'base-image', 'busybox:2']);
    expect(explain(host, side(one), renamed).difference?.message).toBe('the image is busybox:2, it was busybox:1');
    const same = on({ from: { line: 1, name: 'busybox:2', digest: 'x' } });
    expect(explain(host, side(one), same)).toMatchObject({
      difference: undefined,
      notes: ['line 1 names another image than before, which is the same one'],
    });
  });

  describe('in files', () => {
    it.each([
      ['content', ['d/a 644 @2 =two', 'd/b 644 @1 =b'], ['d/a content']],
      ['size', ['d/a 644 @2 =longer', 'd/b 644 @1 =b'], ['d/a content']],
      ['mode', ['d/a 600 @2 =one', 'd/b 644 @1 =b'], ['d/a mode']],
      ['type', ['d/a/ 755 @2', 'd/b 644 @1 =b'], ['d/a type']],
      ['names', ['d/c 644 @2 =one', 'd/b 644 @1 =b'], ['d/c added', 'd/a removed']],
    ])('names those with another %s', (_name, lines, expected) => {
      const host = make();
      const one = side(built(host, TEXT));
      const files = ['Dockerfile @1', 'd/ 755 @1', ...lines];
      expect(told(explain(host, one, now(host, TEXT, { files })))).toEqual([3, 'file', expected]);
      const two = side(built(host, TEXT, { files }), { context: contextOf(files) });
      expect(told(explain(host, one, two))).toEqual([3, 'file', expected]);
      expect(told(explain(host, two, one))).toMatchObject([3, 'file', expect.anything()]);
    });

    it('names those that are ignored now', () => {
      const host = make();
      const ignore = ['d/b'];
      const one = side(built(host, TEXT));
      const present = { ...now(host, TEXT, { ignore }), context: { ...contextOf(), patterns: ignore } };
      expect(told(explain(host, one, present))).toEqual([3, 'file', ['d/b removed']]);
    });

    it('is the one that was written, where all others are the same', () => {
      const host = make();
      const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 ?two', 'd/b 644 @1 =b'];
      const answer = explain(host, side(built(host, TEXT)), now(host, TEXT, { files }));
      expect(told(answer)).toEqual([3, 'file', ['d/a content']]);
      expect(answer.difference).toMatchObject({ certainty: 'certain', message: 'd/a is another one than it was' });
    });

    it('is likely where several were written, and their contents are wanted', () => {
      const host = make();
      const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 ?two', 'd/b 644 @2 ?c'];
      const answer = explain(host, side(built(host, TEXT)), now(host, TEXT, { files }));
      expect(answer.difference).toMatchObject({ certainty: 'likely', field: 'file' });
      expect(answer.wanted.map(({ path }) => path)).toEqual(['d/a', 'd/b']);
    });

    it('is in them even if nobody kept what they were', () => {
      const host = make();
      const one = side(built(host, TEXT), { context: undefined });
      const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
      const answer = explain(host, one, now(host, TEXT, { files }));
      expect(answer.difference).toMatchObject({ line: 3, field: 'file', certainty: 'certain' });
      expect(answer.notes.join()).toContain('no manifest of the build context is kept for build');
    });

    it('that a variable names are found where it has the same value now', () => {
      const host = make();
      const text = stage('ARG P', 'COPY $P /d');
      const asked = { args: { P: 'd' } };
      const one = side(built(host, text, asked));
      const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
      expect(told(explain(host, one, now(host, text, { ...asked, files })))).toEqual([3, 'file', ['d/a content']]);
      const two = side(built(host, text, { ...asked, files }), { context: contextOf(files) });
      const answer = explain(host, one, two);
      expect(answer.difference).toMatchObject({ line: 3, field: 'file' });
      expect(answer.notes).toContain('which files line 3 takes was not noted: a variable names them');
    });
  });

  it('is not in files that the builder did not find to be others', () => {
    const host = make();
    const one = side(built(host, TEXT));
    const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =one', 'd/b 644 @1 =b', 'other 644 @2 =x'];
    expect(explain(host, one, now(host, TEXT, { files }))).toMatchObject({ difference: undefined, notes: [] });
  });

  it('is followed by a note where a build did not come so far', () => {
    const host = make();
    // the build ended at the copy
    const part = built(host, TEXT, {}, { text: stage(FIRST) });
    const answer = explain(host, side(part), now(host, stage(FIRST, 'COPY d /e')));
    expect(answer.difference).toMatchObject({ line: 3, field: 'destination', certainty: 'likely' });
    expect(answer.notes.join()).toMatch(/^of build \w+ no image was seen of line 3: /);
    expect(explain(host, side(part), now(host, TEXT)).notes).toHaveLength(1);
  });

  it('takes a stage of which nothing was made anew for what was predicted', () => {
    const host = make();
    const text = (last: string): string =>
      `FROM busybox:1 AS a\n${FIRST}\nCOPY d /d\nFROM busybox:1\n${last}\nCOPY --from=a /d /d\n`;
    built(host, text('RUN one'));
    const two = built(host, text('RUN two'));
    expect(explain(host, side(two), now(host, text('RUN two')))).toMatchObject({ difference: undefined, notes: [] });
    const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
    const answer = explain(host, side(two), now(host, text('RUN two'), { files }));
    expect(answer.difference).toMatchObject({ line: 3, field: 'file', certainty: 'likely' });
    expect(answer.notes.join()).toMatch(/^build \w+ made nothing new in the stage of line 3/);
    expect(chainRows([two])).toMatchObject([{ cached: 2, executed: 2 }]);
  });

  it('follows a build that took other files than were predicted', () => {
    const host = make();
    const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
    const one = built(host, TEXT, {}, { files });
    expect(one.seen?.map(({ index, executed }) => [index, executed])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(explain(host, side(one), now(host, TEXT, { files })).difference).toBeUndefined();
    expect(told(explain(host, side(one, { context: contextOf(files) }), now(host, TEXT)))).toMatchObject([
      3,
      'file',
      ['d/a content'],
    ]);
  });

  it('says that results were removed where nothing differs', () => {
    const host = make();
    const one = side(built(host, TEXT));
    while (host.images.length > 1) host.removeNewest();
    const two = side(built(host, TEXT));
    expect(explain(host, one, two)).toMatchObject({ difference: undefined, executed: [3, 4] });
    expect(explain(host, one, two).notes.join()).toContain('was not kept any more');
  });

  it('of another target has a note', () => {
    const host = make();
    const text = `FROM busybox:1 AS one\n${FIRST}\nFROM one AS two\n${LAST}\n`;
    const one = side(built(host, text, { target: 'one' }));
    const two = explain(host, one, now(host, text, { target: 'two' }));
    expect(two.notes).toContain('the builds have other targets');
    expect(told(two)).toEqual([3, 'instruction', undefined]);
  });

  it('of what an older version kept is told as far as that goes', () => {
    const host = make();
    const old = (build: ChainBuild): ExplainedChain => {
      const stages = build.noted.stages.map((one) => {
        const { base, steps = [] } = one ?? {};
        const plain = steps.map(({ line, instruction, verdict, certainty, code, texts, shape }) => ({
          ...{ line, instruction, verdict, certainty, code, texts },
          ...(shape === undefined ? {} : { shape }),
        }));
        return { ...(base === undefined ? {} : { base }), steps: plain };
      });
      return side(build, { stages, seen: undefined });
    };
    const one = old(built(host, TEXT));
    expect(explain(host, one, now(host, TEXT)).difference).toBeUndefined();
    const command = explain(host, one, now(host, stage('RUN other', 'COPY d /d', LAST)));
    expect(told(command)).toEqual([2, 'instruction', undefined]);
    expect(command.notes.join()).toMatch(/of build \w+ nobody noted what its steps were made of/);
    const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
    expect(told(explain(host, one, now(host, TEXT, { files })))).toEqual([3, 'file', undefined]);
    const row = { cached: 0, executed: 3, verdicts: { right: 3, wrong: 0 } };
    const { seen, ...rest } = built(host, stage(FIRST, 'COPY d /old', LAST));
    expect(seen).toHaveLength(3);
    expect(chainRows([rest])).toMatchObject([{ ...row, cached: 1, executed: 2 }]);
  });

  it('has a row in the list', () => {
    const host = make();
    const one = built(host, TEXT);
    const two = built(host, stage(FIRST, 'COPY d /e'));
    expect(chainRows([one, two])).toMatchObject([
      { ref: two.ref, cached: 1, executed: 1, verdicts: { right: 2, wrong: 0 }, result: 'completed' },
      { ref: one.ref, cached: 0, executed: 3, durationMs: one.endedAt - one.startedAt },
    ]);
  });
});

describe('what the builder does not compare', () => {
  const hosts = new Map(HOSTS.map(([, make]) => [make().kind, make]));
  const hostOf = (kind: 'classic' | 'buildah'): ChainHost => {
    const make = hosts.get(kind);
    if (make === undefined) throw new Error(`no ${kind}`);
    return make();
  };
  const text = stage('ARG A=1', 'ENV V=$A', 'LABEL l=$A');

  it('is what variables come to with Buildah', () => {
    const host = hostOf('buildah');
    const one = side(built(host, text));
    expect(explainChains('buildah', one, now(host, text, { args: { A: '2' } }), sha256)).toMatchObject({
      difference: undefined,
      notes: [
        'line 3: variable V has another value, but Buildah does not compare it',
        'line 4: label l has another value, but Buildah does not compare it',
      ],
    });
  });

  it('is taken from the image where the build had another value than was predicted', () => {
    const host = hostOf('buildah');
    const one = side(built(host, text, { args: { A: '1' } }, { args: { A: '2' } }));
    const noteOf = (value: string): readonly string[] =>
      explainChains('buildah', one, now(host, text, { args: { A: value } }), sha256).notes;
    expect(noteOf('2').join()).not.toContain('variable V');
    expect(noteOf('1').join()).toContain('variable V');
  });

  it('is the here-document of a RUN with the classic builder', () => {
    const host = hostOf('classic');
    const document = (word: string): string => stage('RUN <<EOF', `echo ${word}`, 'EOF');
    const one = side(built(host, document('one')));
    expect(explainChains('classic', one, now(host, document('two')), sha256)).toMatchObject({
      difference: undefined,
      notes: ['line 2: its here-document changed, but the classic builder does not compare it'],
    });
  });

  it('is a link in a copied folder with the classic builder, if what it leads to is the same', () => {
    const host = hostOf('classic');
    const files = (target: string): string[] => [
      'Dockerfile @1',
      'd/ 755 @1',
      'd/a 644 @1 =one',
      `d/l 777 @${target === 'a' ? '1' : '2'} >${target}`,
    ];
    const one = side(built(host, TEXT, { files: files('a') }), { context: contextOf(files('a')) });
    const answer = explainChains('classic', one, now(host, TEXT, { files: files('./a') }), sha256);
    expect(answer).toMatchObject({
      difference: undefined,
      notes: ['line 3: d/l changed, but the classic builder does not notice it'],
    });
  });

  it('is a file that is mounted without a type with Buildah', () => {
    const host = hostOf('buildah');
    const mounting = (flag: string): string => stage(`RUN --mount=${flag} cat /m/a`);
    const files = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @2 =two', 'd/b 644 @1 =b'];
    const blind = mounting('source=d,target=/m');
    const one = side(built(host, blind));
    expect(explainChains('buildah', one, now(host, blind, { files }), sha256)).toMatchObject({
      difference: undefined,
      notes: ['line 2: d/a changed, but Buildah does not notice it'],
    });
    const bound = mounting('type=bind,source=d,target=/m');
    const two = side(built(host, bound));
    expect(told(explainChains('buildah', two, now(host, bound, { files }), sha256))).toEqual([
      2,
      'file',
      ['d/a content'],
    ]);
    expect(told(explainChains('buildah', one, two, sha256))).toEqual([2, 'mount', '--mount']);
  });
});
