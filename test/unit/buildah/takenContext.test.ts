import { describe, expect, it } from 'vitest';
import { TakenContext } from '../../../core/buildah/takenContext';
import { nodeOf, tree } from '../support/folder';

const FILES = ['a', 'a.txt', 'd/ 755', 'd/keep', 'd/sub/ 755', 'd/sub/x', 'dd/ 755', 'dd/z'];

/** Paths that are taken; in brackets those of which only what is below counts. */
function taken(...patterns: readonly string[]): string[] {
  const where = tree(...FILES);
  const takes = new TakenContext(patterns);
  return [...where.nodes()]
    .filter((node) => node.parent !== undefined)
    .flatMap((node) => {
      const result = takes.takes(node);
      return result === false ? [] : [result === 'below' ? `(${node.path})` : node.path];
    })
    .sort();
}
const ALL = ['a', 'a.txt', 'd', 'd/keep', 'd/sub', 'd/sub/x', 'dd', 'dd/z'];
const without = (...paths: readonly string[]): string[] => ALL.filter((one) => !paths.includes(one));

describe('what Buildah takes of the build context', () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ['everything without patterns', [], ALL],
    ['not an ignored file', ['a'], without('a')],
    ['not what is directly below an ignored folder', ['dd'], without('dd', 'dd/z')],
    ['nothing of an ignored folder', ['d'], without('d', 'd/keep', 'd/sub', 'd/sub/x')],
    ['not what a wildcard matches', ['*.txt'], without('a.txt')],
    ['not what a deep pattern matches', ['**/x'], without('d/sub/x')],
    ['what the last pattern says', ['a', '!a'], ALL],
    ['not what is ignored again', ['!a', 'a'], without('a')],
    [
      'of an ignored folder what is not ignored, the folder itself not',
      ['d', '!d/keep'],
      ['(d)', ...without('d', 'd/sub', 'd/sub/x')].sort(),
    ],
    ['all but one thing', ['*', '!a'], ['a']],
  ];
  it.each(cases)('is %s', (_, patterns, paths) => {
    expect(taken(...patterns)).toEqual(paths);
  });

  it('is always the context itself, and nothing that is gone', () => {
    const where = tree('a');
    expect(new TakenContext(['*']).takes(where.root)).toBe(true);
    nodeOf(where, 'a').observeGone();
    expect(new TakenContext([]).takes(nodeOf(where, 'a'))).toBe(false);
  });

  it('is everything where the patterns are none', () => {
    expect(taken('a[')).toEqual(ALL);
  });
});
