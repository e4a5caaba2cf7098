import { describe, expect, it } from 'vitest';
import { compareLists } from '../../../core/context/compareLists';
import { NOTHING_HELD } from '../../../core/context/received';
import { pastMoment, presentMoment, takenList } from '../../../core/context/takenList';
import type { Selector } from '../../../core/llb/contentInputs';
import { Folder, tree, visible } from '../support/folder';

function source(path: string, ...exclude: readonly string[]): Selector {
  return { path, wildcard: true, followSymlink: true, include: [], exclude };
}

const files = tree(
  'd/ 755',
  'd/a 644 =a',
  'd/a.b 644 =ab',
  'd/e/ 755',
  'd/e/x.log 644 =x',
  'd/e/y 644 =y',
  'd/z.log 644 =z',
  'l 777 >d',
);
const listed = (selector: Selector) =>
  takenList(files, selector, presentMoment(visible()))?.map(({ path }) => (path === '' ? '.' : path));

describe('what the builder lists for a digest', () => {
  it.each([
    ['/d', ['*.log'], ['d', 'd/a', 'd/a.b', 'd/e', 'd/e/x.log', 'd/e/y']],
    ['/d', ['**/*.log'], ['d', 'd/a', 'd/a.b', 'd/e', 'd/e/y']],
    ['/d', ['e'], ['d', 'd/a', 'd/a.b', 'd/z.log']],
    ['/d', ['e', '!e/y'], ['d', 'd/a', 'd/a.b', 'd/e', 'd/e/y', 'd/z.log']],
    ['/d', ['*'], []],
    ['/d/*.log', [], ['d/z.log']],
    ['/d/*', [], ['d/a', 'd/a.b', 'd/e', 'd/e/x.log', 'd/e/y', 'd/z.log']],
    ['/d/*', ['*.log'], ['d/a', 'd/a.b', 'd/e', 'd/e/y', 'd/z.log']],
    ['/*/a*', [], undefined],
    ['/d/none*', [], []],
    ['/none/*', [], []],
    ['/none', ['x'], undefined],
    ['/l', ['x'], undefined],
  ])('of %s without %j is %j', (path, exclude, expected) => {
    expect(listed(source(path, ...exclude))).toEqual(expected);
  });

  it('leaves out the mode of the context itself', () => {
    const all = takenList(tree('a 644 =a'), source('/', '*.log'), presentMoment(visible()));
    expect(all?.map(({ path }) => path)).toEqual(['a']);
  });

  it('follows the ignore file', () => {
    const list = takenList(files, source('/d/*'), presentMoment(visible('d/e', 'd/a')));
    expect(list?.map(({ path }) => path)).toEqual(['d/a.b', 'd/z.log']);
  });
});

describe('two lists', () => {
  const span = { start: 1990, end: 2100 };
  const rules = { hashesPaths: false, isMirrored: false, held: NOTHING_HELD };
  const compare = (folder: Folder, selector: Selector, more: Partial<typeof rules> = {}) => {
    const before = takenList(folder.tree, selector, pastMoment(folder.tree, visible(), span));
    const now = takenList(folder.tree, selector, presentMoment(visible()));
    return before === undefined || now === undefined ? undefined : compareLists(before, now, { ...rules, ...more });
  };
  const then = ['d/ 755 @100', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @100 =b'] as const;
  const seen = () => new Folder().look(1500, ...then).look(3000, ...then);

  it('are the same when nothing changed', () => {
    expect(compare(seen(), source('/d/*'))).toMatchObject({ result: 'same', unnoticed: [] });
  });

  it('are the same for a file that moved under its own name, before paths counted', () => {
    const folder = seen().look(5000, 'd/ 755 @4000', 'd/a/ 755 @4000', 'd/a/b 644 @4000 =b', 'd/a/k 644 @100 =k');
    // b comes before k now: another order is another list
    expect(compare(folder, source('/d/*'))).toMatchObject({ result: 'different' });
    const last = new Folder().look(1500, 'd/ 755 @100', 'd/a/ 755 @100', 'd/b 644 @100 =b');
    last.look(3000, 'd/ 755 @100', 'd/a/ 755 @100', 'd/b 644 @100 =b');
    last.look(5000, 'd/ 755 @4000', 'd/a/ 755 @4000', 'd/a/b 644 @4000 =b');
    expect(compare(last, source('/d/*'))).toMatchObject({ result: 'same', unnoticed: [{ path: 'd/a/b' }] });
    expect(compare(last, source('/d/*'), { hashesPaths: true })).toMatchObject({ result: 'different' });
  });

  it.each([
    ['content', ['d/ 755 @100', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @4000 =c'], 'different'],
    ['mode', ['d/ 755 @100', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 600 @4000 =b'], 'different'],
    ['name', ['d/ 755 @4000', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/c 644 @4000 =b'], 'different'],
    [
      'a file more',
      ['d/ 755 @4000', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @100 =b', 'd/c 644 @4000 =c'],
      'different',
    ],
    ['unread content', ['d/ 755 @100', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @4000 ?b'], 'unknown'],
    ['mode of a folder', ['d/ 755 @100', 'd/a/ 700 @4000', 'd/a/k 644 @100 =k', 'd/b 644 @100 =b'], 'unknown'],
    ['nothing but the time', ['d/ 755 @100', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @4000 =b'], 'same'],
  ])('after a change of %s', (_, lines, result) => {
    expect(compare(seen().look(5000, ...lines), source('/d/*'))).toMatchObject({ result });
  });

  it('are the same to a builder that still has the files, whatever kept its size and time', () => {
    const folder = seen().look(5000, 'd/ 755 @100', 'd/a/ 700 @4000', 'd/a/k 644 @100 =k', 'd/b 644 @4000 ~100 =c');
    expect(compare(folder, source('/d/*'), { isMirrored: true })).toMatchObject({
      result: 'same',
      unnoticed: [
        { path: 'd/a', change: 'mode' },
        { path: 'd/b', change: 'content' },
      ],
    });
  });

  it('cannot be compared when another folder was at the place', () => {
    const folder = seen().look(5000, 'd/ 755 @4000 #77', 'd/a/ 755 @100', 'd/a/k 644 @100 =k', 'd/b 644 @100 =b');
    expect(compare(folder, source('/d/*'))).toBeUndefined();
  });
});
