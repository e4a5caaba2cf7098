import { describe, expect, it } from 'vitest';
import {
  contentSummary,
  directoryArchive,
  fileArchive,
  type CopyRule,
  type SourceEntry,
} from '../../../core/buildah/contentDigest';
import type { BuildahCopy } from '../../../core/buildah/probe';
import { sha256 } from '../../../core/node/sha256';
import { BuildahFiles, digestOf } from '../support/buildah';
import { pathsOf } from '../support/folder';

const CONTEXT: CopyRule = { from: 'context' };

function copy(sources: string | readonly string[], changes: Partial<BuildahCopy> = {}): BuildahCopy {
  return {
    ...{ isAdd: false, sources: typeof sources === 'string' ? [sources] : sources, documents: [], excludes: [] },
    ...{ destination: '/x/', workingDir: '/', from: { kind: 'context' }, rule: CONTEXT, after: ' in /x/' },
    ...changes,
  };
}

const entry = (path: string, content: string, more: Partial<SourceEntry> = {}): SourceEntry => ({
  ...{ path, type: 'file', mode: 0o644, size: content.length },
  ...more,
});
/** What a file of this name and content is summed up as. */
const file = (name: string, content: string, rule = CONTEXT, mode = 0o644) => ({
  kind: 'file' as const,
  digest: digestOf(fileArchive(entry('', content, { mode }), name, rule) ?? [], () => content),
});
const folder = (files: Readonly<Record<string, string>>, more: readonly SourceEntry[] = []) => {
  const entries = [...Object.entries(files).map(([path, content]) => entry(path, content)), ...more];
  return {
    kind: 'dir' as const,
    digest: digestOf(directoryArchive(entries, CONTEXT) ?? [], (path) => files[path] ?? ''),
  };
};
type Sources = (name: (own: string) => string) => readonly (ReturnType<typeof file> | ReturnType<typeof folder>)[];
/** What may be written: single files have their own name, or that of the destination, as it depends on what is there. */
const either = (sources: Sources, destination = 'x'): Set<string> =>
  new Set([sources((own) => own), sources(() => destination)].map((one) => contentSummary(one, sha256)));
/** What is written, each once. */
function written(where: BuildahFiles, given: BuildahCopy, ignore: readonly string[] = []): Set<string> | string {
  const result = where.summaries(given, ignore);
  return result.kind === 'known' ? new Set(result.summaries) : result.kind;
}

const FILES = ['a =1', 'b =22', 'a.txt =t', 'b.txt =u', 'd/ 755', 'd/x =3', 'e/ 755'];
const files = new BuildahFiles(
  ...FILES,
  'to-a 777 >a',
  'to-d 777 >d',
  'none 777 >gone',
  'loop 777 >loop',
  'abs 777 >/d/x',
);

describe('what Buildah writes of a copy', () => {
  const [owner, chmod] = [
    { ...CONTEXT, owner: { uid: 1, gid: 2 } },
    { ...CONTEXT, chmod: 0o600 },
  ];
  const cases: readonly [string, BuildahCopy, Set<string>][] = [
    ['a file into a folder', copy('a'), either((n) => [file(n('a'), '1')])],
    ['a file, written otherwise', copy('/d/../a'), either((n) => [file(n('a'), '1')])],
    ['a file above the context, which is its root', copy('../../a'), either((n) => [file(n('a'), '1')])],
    ['a file to a name', copy('a', { destination: '/y' }), either((n) => [file(n('a'), '1')], 'y')],
    ['a file to its own name', copy('a', { destination: '/a' }), either(() => [file('a', '1')])],
    ['a folder', copy('d'), either(() => [folder({ x: '3' })])],
    ['a folder to a name', copy('d', { destination: '/y' }), either(() => [folder({ x: '3' })])],
    ['an empty folder', copy('e'), either(() => [folder({})])],
    ['several', copy(['d', 'b', 'a']), either((n) => [folder({ x: '3' }), file(n('b'), '22'), file(n('a'), '1')])],
    ['what a wildcard finds, sorted', copy('*.txt'), either((n) => [file(n('a.txt'), 't'), file(n('b.txt'), 'u')])],
    ['what a wildcard finds in folders', copy('d*/x'), either((n) => [file(n('x'), '3')])],
    ['a link to a file, by the name of the link', copy('to-a'), either((n) => [file(n('to-a'), '1')])],
    ['a link to a folder', copy('to-d'), either(() => [folder({ x: '3' })])],
    ['an absolute link, below the context', copy('abs'), either((n) => [file(n('abs'), '3')])],
    ['with an owner', copy('a', { rule: owner }), either((n) => [file(n('a'), '1', owner)])],
    ['with a mode', copy('a', { rule: chmod }), either((n) => [file(n('a'), '1', chmod)])],
    // podman 5.8.6: a pattern may find nothing beside other sources
    ['of several sources what is there', copy(['a', 'missing*']), either((n) => [file(n('a'), '1')])],
    ['of several sources what is there, in any order', copy(['missing*', 'd']), either(() => [folder({ x: '3' })])],
  ];
  it.each(cases)('%s', (_, given, summaries) => {
    expect(written(files, given)).toEqual(summaries);
  });

  it('does not count setuid, the mode of the copied folder, or times', () => {
    const before = new BuildahFiles('d/ 755 @1', 'd/x 755 @1 =3').summaries(copy('d'));
    expect(new BuildahFiles('d/ 700 @9', 'd/x 6755 @9 =3').summaries(copy('d'))).toEqual(before);
    expect(new BuildahFiles('d/ 755', 'd/x 1755 =3').summaries(copy('d'))).not.toEqual(before);
  });

  it('counts links in folders by their texts', () => {
    const where = (target: string) => new BuildahFiles('d/ 755', `d/l 777 >${target}`).summaries(copy('d'));
    expect(where('one')).not.toEqual(where('two'));
  });

  it('counts a second name in the same folder as a link to the first', () => {
    const where = new BuildahFiles('d/ 755', 'd/1 644 #9 x2 =s', 'd/2 644 #9 x2 =s');
    const one = { inode: '9' };
    const entries = [entry('1', 's', one), entry('2', 's', one)];
    const digest = digestOf(directoryArchive(entries, CONTEXT) ?? [], () => 's');
    expect(where.summaries(copy('d'))).toMatchObject({
      kind: 'known',
      summaries: expect.arrayContaining([`dir:${digest}`]) as string[],
    });
  });

  it('takes what the ignore file and --exclude leave', () => {
    const where = new BuildahFiles();
    where.look(5000, ['d/y'], 'd/ 755', 'd/x =3', 'd/y =4', 'd/z =5');
    expect(written(where, copy('d'), ['d/y'])).toEqual(either(() => [folder({ x: '3', z: '5' })]));
    expect(written(where, copy('d', { excludes: ['d/z'] }), ['d/y'])).toEqual(either(() => [folder({ x: '3' })]));
  });

  it('takes nothing of an excluded folder that a pattern finds, not even an empty one, but for what is below it', () => {
    const where = new BuildahFiles('d/ 755', 'd/e/ 755', 'd/e/y =4', 'd/e/z =5', 'd/x =3');
    const some = (...excludes: string[]) => written(where, copy('d/*', { excludes }));
    expect(some('d/e')).toEqual(either((n) => [file(n('x'), '3')], 'x'));
    expect(some('d/e', '!d/e/z')).toEqual(either((n) => [folder({ z: '5' }), file(n('x'), '3')], 'x'));
    expect(some('d/e', '!d/ee')).toEqual(some('d/e'));
    expect(some('d/e/*')).toEqual(either((n) => [folder({}), file(n('x'), '3')], 'x'));
  });

  it('takes here-documents before files', () => {
    const documents = [{ name: 'doc', text: 'text\n' }];
    expect(written(files, copy([], { documents }))).toEqual(either((n) => [file(n('doc'), 'text\n')]));
    const both = written(files, copy('d', { documents }));
    expect(both).toEqual(either((n) => [file(n('doc'), 'text\n'), folder({ x: '3' })]));
  });

  it('depends on reading, and on every change', () => {
    const where = new BuildahFiles('a 644 @1 =1');
    expect(where.copies().summaries(copy('a'))).toEqual({ kind: 'unread' });
    const before = where.summaries(copy('a'));
    where.look(6000, [], 'a 644 @5500 =2');
    expect(where.copies().summaries(copy('a'))).toEqual({ kind: 'unread' });
    expect(where.summaries(copy('a'))).not.toEqual(before);
  });
});

describe('a copy that fails', () => {
  const cases: readonly [string, BuildahCopy, string][] = [
    ['of a file that is not there', copy('nothing'), 'nothing is not in the build context'],
    ['of one beside others', copy(['a', 'nothing']), 'nothing is not in the build context'],
    ['of what a wildcard does not find', copy('no-*'), 'no-* is not in the build context'],
    ['of what no wildcard finds', copy(['no-*', 'ne-*']), 'no-* is not in the build context'],
    ['of a dangling link', copy('none'), 'none is not in the build context'],
    ['of a dangling link that a pattern finds', copy(['a', 'no*']), 'none is not in the build context'],
    ['of a link in circles that a pattern finds', copy('l*p'), 'loop is not in the build context'],
    ['of a link in circles', copy('loop'), 'loop is not in the build context'],
    ['of what --exclude takes away', copy('a', { excludes: ['a'] }), 'a is ignored'],
    ['of a folder that --exclude takes away', copy(['a', 'd'], { excludes: ['d'] }), 'd is ignored'],
    ['of what --exclude takes away beside others', copy(['b', 'a'], { excludes: ['a'] }), 'a is ignored'],
  ];
  it.each(cases)('is one %s', (_, given, message) => {
    expect(files.summaries(given)).toEqual({ kind: 'failure', message });
  });
});

describe('a copy of which nobody knows', () => {
  it('is one of a folder that was not looked into', () => {
    const where = new BuildahFiles();
    where.look(5000, ['d'], 'd/ 755', 'd/x =3', 'a =1');
    expect(where.summaries(copy('d/x'), ['d'])).toMatchObject({ kind: 'unknown' });
    expect(where.summaries(copy('a'), ['d'])).toMatchObject({ kind: 'known' });
  });

  it('is one through a link, one with **, one of what ADD unpacks, one of what cannot be looked at', () => {
    const where = new BuildahFiles(
      'd/ 755',
      'd/x =3',
      'l 777 >d',
      't.tar =tarodd',
      'u.tar =tarred',
      's/ 755',
      's/x unreadable',
    );
    expect(where.summaries(copy('l/x'))).toMatchObject({ kind: 'unknown', message: 'l/x leads through a link' });
    expect(where.summaries(copy('*/x'))).toMatchObject({ kind: 'unknown' });
    expect(where.summaries(copy('**/x'))).toMatchObject({ kind: 'unknown' });
    expect(where.summaries(copy('t.tar', { isAdd: true }))).toMatchObject({ kind: 'unknown' });
    const [unpacked, taken] = [where.summaries(copy('u.tar', { isAdd: true })), where.summaries(copy('u.tar'))];
    expect([unpacked.kind, taken.kind]).toEqual(['known', 'known']);
    expect(unpacked).not.toEqual(taken);
    expect(where.summaries(copy('t.tar'))).toMatchObject({ kind: 'known' });
    expect(where.summaries(copy('s'))).toMatchObject({ kind: 'unknown' });
  });
});

describe('what a copy takes', () => {
  it('is the sources with all that is below them', () => {
    expect(pathsOf(files.copies().taken(copy(['d', 'a', 'to-a'])))).toEqual(['a', 'a', 'd', 'd/x']);
    expect(pathsOf(files.copies().taken(copy('**/x')))).toEqual([]);
  });

  it('has the bytes of its files, second names not counted', () => {
    const where = new BuildahFiles('a =12345', 'd/ 755', 'd/1 644 #9 x2 =same', 'd/2 644 #9 x2 =same');
    expect(where.copies().bytes(copy(['a', 'd']))).toBe(9);
    expect(where.copies().bytes(copy([], { documents: [{ name: 'x', text: 'é\n' }] }))).toBe(3);
    expect(new BuildahFiles('a =1', 'd/ 755', 'd/a =2').copies().bytes(copy(['a', 'd']))).toBeUndefined();
  });
});

describe('what is mounted', () => {
  it('is asked for with all that is below it, and again after a change', () => {
    const where = new BuildahFiles('d/ 755 @1', 'd/x @1 =1', 'other @1 =2');
    const mounted = () => {
      const copies = where.copies();
      copies.mount('d');
      where.read(copies);
      return where.copies().mount('./d/');
    };
    const before = mounted();
    expect(before).toEqual({ digest: expect.stringMatching(/^sha256:/) as string });
    where.look(6000, [], 'd/ 755 @1', 'd/x @1 =1', 'other @5500 =3');
    expect(where.copies().mount('d')).toEqual(before);
    where.look(7000, [], 'd/ 755 @1', 'd/x @6500 =1', 'other @5500 =3');
    expect(where.copies().mount('d')).toEqual({ digest: undefined });
    expect(mounted()).not.toEqual(before);
  });

  it('is not known where it is not there, or was not looked into', () => {
    const where = new BuildahFiles();
    where.look(5000, ['d'], 'd/ 755', 'd/x =3');
    expect(where.copies(['d']).mount('d')).toMatchObject({ unknown: expect.stringContaining('ignored') as string });
    expect(where.copies().mount('no')).toEqual({ unknown: 'no is not in the build context' });
  });
});
