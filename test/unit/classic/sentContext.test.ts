import { describe, expect, it } from 'vitest';
import { SentContext } from '../../../core/classic/sentContext';
import { nodeOf, tree } from '../support/folder';

const FILES = [
  '.dockerignore',
  'Dockerfile',
  'a',
  'd/ 755',
  'd/keep',
  'd/sub/ 755',
  'd/sub/x',
  'd/sub/y',
  'dd/ 755',
  'dd/z',
];

/** Paths that are there once the archive was unpacked; in brackets those that are not in it themselves. */
function sent(patterns: readonly string[], dockerfile: string | undefined = 'Dockerfile', files = FILES): string[] {
  const where = tree(...files);
  const sees = new SentContext(patterns, dockerfile);
  return [...where.nodes()]
    .filter((node) => node.parent !== undefined && sees.sees(node))
    .map((node) => (sees.isSent(node) ? node.path : `(${node.path})`))
    .sort();
}
const ALL = ['.dockerignore', 'Dockerfile', 'a', 'd', 'd/keep', 'd/sub', 'd/sub/x', 'd/sub/y', 'dd', 'dd/z'];
const without = (...paths: readonly string[]): string[] => ALL.filter((one) => !paths.includes(one));
const below = (folder: string): string[] => ALL.filter((one) => one === folder || one.startsWith(`${folder}/`));

describe('what docker sends to the classic builder', () => {
  it('is everything without patterns', () => {
    expect(sent([])).toEqual(ALL);
  });

  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ['not an ignored file', ['a'], without('a')],
    ['nothing below an ignored folder', ['d'], without(...below('d'))],
    ['not what a pattern matches below', ['d/*/x'], without('d/sub/x')],
    [
      'an ignored folder that holds something that is not ignored, once it is unpacked',
      ['d', '!d/keep'],
      ['(d)', '.dockerignore', 'Dockerfile', 'a', 'd/keep', 'dd', 'dd/z'],
    ],
    [
      'the folders on the way to it',
      ['d', '!d/sub/x'],
      ['(d)', '(d/sub)', '.dockerignore', 'Dockerfile', 'a', 'd/sub/x', 'dd', 'dd/z'],
    ],
    [
      'a folder that is not ignored in one that is',
      ['d', '!d/sub'],
      ['(d)', '.dockerignore', 'Dockerfile', 'a', 'd/sub', 'd/sub/x', 'd/sub/y', 'dd', 'dd/z'],
    ],
    ['no folder that holds nothing of it', ['d', '!d/none'], without(...below('d'))],
    [
      'nothing in a folder into which docker does not look: the text of an exception has to begin with its path',
      ['d', '!*/keep'],
      without(...below('d')),
    ],
    ['nothing in a folder whose name only begins like an exception', ['dd', '!d/keep'], without(...below('dd'))],
  ];
  it.each(cases)('is %s', (_, patterns, paths) => {
    expect(sent(patterns)).toEqual([...paths].sort());
  });

  it('does not hold Dockerfile and ignore file where these are ignored: the builder removes them', () => {
    expect(sent(['Dockerfile', '.dockerignore'])).toEqual(without('Dockerfile', '.dockerignore'));
    expect(sent(['*'])).toEqual([]);
    expect(sent(['*', '!a'])).toEqual(['a']);
  });

  it('holds the folder of an ignored Dockerfile, which was sent for it', () => {
    expect(sent(['d'], 'd/sub/x')).toEqual(['(d)', '(d/sub)', ...without(...below('d'))].sort());
  });

  it('does not hold what is gone', () => {
    const where = tree('a', 'b');
    nodeOf(where, 'a').observeGone();
    expect(new SentContext([], 'Dockerfile').sees(nodeOf(where, 'a'))).toBe(false);
    expect(new SentContext(['b'], 'Dockerfile').sees(nodeOf(where, 'a'))).toBe(false);
  });

  it('has a random ignore file only where the Dockerfile is elsewhere', () => {
    const file = nodeOf(tree(...FILES), '.dockerignore');
    expect(new SentContext(['x'], 'Dockerfile').isRandom(file)).toBe(false);
    expect(new SentContext(['x'], undefined).isRandom(file)).toBe(true);
    expect(new SentContext(['.dockerignore'], undefined).isRandom(file)).toBe(false);
  });
});
