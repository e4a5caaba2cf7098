import { describe, expect, it } from 'vitest';
import type { PastBuild } from '../../../core/evidence/pastBuild';
import { explainBuilds, type ExplainedBuild, type Explanation } from '../../../core/ledger/explain';
import type { ContextState } from '../../../core/ledger/explainFiles';
import { takeManifest, treeOf } from '../../../core/ledger/manifest';
import { findBuild } from '../../../core/ledger/builds';
import { explanationReport } from '../../../core/ledger/words';
import { sha256 } from '../../../core/node/sha256';
import { Engine, type Past } from '../support/evidence';
import { stage } from '../support/plan';
import { built, FILES, folderAt } from './session';

const TOOLS = { sha256, isSameImage: (a: string, b: string) => a === b };
const TEXT = stage('ARG A=1', 'RUN one', 'COPY d /d', 'RUN two');

const files = (...lines: readonly string[]): ContextState => {
  const { tree } = folderAt(5000, ...lines);
  const manifest = takeManifest(tree, [], { start: 4000, end: 4500 });
  return { tree: treeOf(manifest), patterns: manifest.patterns, unknown: new Set(manifest.unknown) };
};
const side = (
  past: Partial<Past> = {},
  context: ContextState | undefined = files(),
  isNow = false,
): ExplainedBuild => ({
  build: built(new Engine(), { at: 1000, text: TEXT, ...past }),
  context,
  isNow,
});
const told = ({ difference }: Explanation): unknown =>
  difference && [
    difference.line,
    difference.field,
    difference.name ?? difference.files?.map(({ path, change }) => `${path} ${change}`),
  ];
const explain = (before: ExplainedBuild, after: ExplainedBuild): unknown => told(explainBuilds(before, after, TOOLS));

describe('the first difference of two builds', () => {
  it('is none between equal builds', () => {
    expect(explain(side(), side())).toBeUndefined();
  });

  it.each([
    ['the command', ['RUN other', 'COPY d /d'], [2, 'command', undefined]],
    ['a flag', ['RUN --network=none one', 'COPY d /d'], [2, 'flag', '--network']],
    ['a mount that was added', ['RUN --mount=type=tmpfs,target=/t one', 'COPY d /d'], [2, 'mount', '--mount']],
    ['an instruction that was added', ['WORKDIR /w', 'RUN one', 'COPY d /d'], [2, 'instruction', undefined]],
    ['the owner of copied files', ['RUN one', 'COPY --chown=1 d /d'], [3, 'flag', '--chown']],
    ['where files are copied to', ['RUN one', 'COPY d /e'], [3, 'destination', undefined]],
    ['what is copied', ['RUN one', 'COPY e/d /d'], [3, 'sources', undefined]],
    ['a variable', ['ENV V=2', 'RUN one', 'COPY d /d'], [3, 'environment', 'V']],
  ])('names %s', (_, lines, expected) => {
    const before = side({ text: stage('RUN one', 'COPY d /d') });
    expect(explain(before, side({ text: stage(...lines) }))).toEqual(expected);
  });

  it('names an instruction that was removed, and one that stands in its place', () => {
    const before = side({ text: stage('RUN one', 'WORKDIR /w', 'COPY d /d') });
    const removed = explainBuilds(before, side({ text: stage('RUN one', 'COPY d /d') }), TOOLS);
    expect(removed.difference).toMatchObject({ line: null, otherLine: 3, field: 'instruction' });
    expect(explain(before, side({ text: stage('RUN one', 'RUN x', 'COPY d /d') }))).toEqual([
      3,
      'instruction',
      undefined,
    ]);
  });

  it('tells a build argument from a variable by what the builds were asked for', () => {
    const after = side({ args: { A: '2' } });
    expect(explain(side(), after)).toEqual([3, 'environment', 'A']);
    const build: PastBuild = { ...after.build, asked: { noCache: false, importsCache: false, args: ['A'] } };
    expect(explain(side(), { ...after, build })).toEqual([3, 'argument', 'A']);
  });

  it('names the mount among several', () => {
    const mounts = (size: number) =>
      side({ text: stage(`RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t,size=${String(size)} one`) });
    const { difference } = explainBuilds(mounts(1), mounts(2), TOOLS);
    expect(difference?.message).toBe('its --mount (number 2) changed');
  });

  it('names the base image, and another image of the same name', () => {
    const other = side({ text: TEXT.replace('busybox:1', 'busybox:2') });
    expect(explain(side(), other)).toEqual([3, 'base-image', 'docker.io/library/busybox:2']);
    const newer = side({ images: { 'docker.io/library/busybox:1': { chainId: 'sha256:new' } } });
    expect(explain(side(), newer)).toEqual([3, 'base-digest', 'docker.io/library/busybox:1']);
    expect(told(explainBuilds(side(), newer, { ...TOOLS, isSameImage: () => true }))).toBeUndefined();
  });

  it('names the image that files are copied from', () => {
    const from = (image: string) => side({ text: stage(`COPY --from=${image} /x /x`) });
    expect(explain(from('busybox:2'), from('busybox:3'))).toEqual([2, 'from', 'docker.io/library/busybox:3']);
  });
});

describe('files of the build context', () => {
  const now = (...lines: readonly string[]) => side({}, files(...lines), true);

  it.each([
    ['content', ['d/ 755 @100', 'd/a 644 @200 =two'], ['d/a content']],
    ['mode', ['d/ 755 @100', 'd/a 600 @200 =one'], ['d/a mode']],
    ['type', ['d/ 755 @100', 'd/a/ 755 @200'], ['d/a type']],
    ['link', ['d/ 755 @100', 'd/a 777 @200 >b'], ['d/a type']],
    ['added and removed', ['d/ 755 @200', 'd/b 644 @200 =one'], ['d/b added', 'd/a removed']],
  ])('with another %s are named', (_, lines, expected) => {
    expect(explain(side(), now(...lines))).toEqual([4, 'file', expected]);
  });

  it('that were only touched, or that no step takes, are no difference', () => {
    expect(explain(side(), now('d/ 755 @100', 'd/a 644 @200 =one'))).toBeUndefined();
    expect(explain(side(), now(...FILES, 'other 644 @200 =x'))).toBeUndefined();
  });

  it('whose content nobody knows are likely the difference, and wanted', () => {
    const answer = explainBuilds(side(), now('d/ 755 @100', 'd/a 644 @200 ?two'), TOOLS);
    expect(answer.difference).toMatchObject({ field: 'file', certainty: 'likely' });
    expect(answer.wanted.map(({ path }) => path)).toEqual(['d/a']);
  });

  it('that became ignored are gone to the builder', () => {
    const { tree, unknown } = files();
    const after = side({ patterns: ['d/a'] }, { tree, patterns: ['d/a'], unknown }, true);
    expect(explain(side(), after)).toEqual([4, 'file', ['d/a removed']]);
  });

  it('of which no manifest was kept may differ, and that is said', () => {
    const before = { ...side(), context: undefined };
    const answer = explainBuilds(before, side({ cached: ['RUN one'] }), TOOLS);
    expect(answer.difference).toMatchObject({ line: 4, field: 'file', certainty: 'likely' });
    expect(answer.notes.join()).toContain('no manifest of the build context is kept for build build0');
    // a step that was a hit did not differ, whatever the files were
    expect(explainBuilds(before, side({ cached: 'all' }), TOOLS).difference).toBeUndefined();
  });
});

describe('what else is told', () => {
  it('is what the later build executed, and that it was asked to', () => {
    const after = side({ cached: ['RUN one'], at: 50_000 });
    expect(explainBuilds(side(), after, TOOLS)).toMatchObject({
      executed: [4, 5],
      notes: ['what was executed was not kept any more: its result was removed from the cache in between'],
    });
    const build: PastBuild = { ...after.build, asked: { noCache: true, importsCache: false, args: [] } };
    expect(explainBuilds(side(), { ...after, build }, TOOLS).notes).toEqual([
      'the later build was asked not to use the cache (--no-cache)',
    ]);
  });

  it('is that a build left no description of its steps', () => {
    const answer = explainBuilds(side({ failedAt: 'RUN two' }), side(), TOOLS);
    expect(answer).toMatchObject({
      difference: undefined,
      notes: ['build build0 left no description of its steps: it failed'],
    });
  });

  it('is a text for people', () => {
    const answer = explainBuilds(side(), side({}, files('d/ 755 @100', 'd/a 644 @200 =two'), true), TOOLS);
    expect(explanationReport({ before: 'build a', after: 'now' }, answer)).toBe(
      'from  build a\nto    now\n\nFirst difference: line 4, FILE\n  d/a changed (content)\n',
    );
  });
});

describe('a build', () => {
  const builds = ['abc1', 'abd2', 'abd'].map((ref): PastBuild => ({
    ref,
    createdAt: 1,
    completedAt: 2,
    steps: [],
    loose: [],
  }));

  it('is named by the beginning of its id, if that is only its', () => {
    expect(findBuild(builds, 'abc')).toMatchObject({ ref: 'abc1' });
    expect(findBuild(builds, 'abd')).toMatchObject({ ref: 'abd' });
    expect(findBuild(builds, 'ab')).toBe('3 builds have an id that begins with "ab": give more of it');
    expect(findBuild(builds, 'x')).toBe('no remembered build has an id that begins with "x"');
    expect(findBuild(builds, '')).toBeTypeOf('string');
  });
});
