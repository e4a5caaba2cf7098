import { describe, expect, it } from 'vitest';
import { compareSelections, takesSamePaths } from '../../../core/context/sameness';
import { select } from '../../../core/context/selection';
import { copyOf, pathsOf, tree, visible } from '../support/folder';

const files = tree(
  'a/f 644 =same',
  'a/sub/g 644 =g',
  'b/f 644 =same',
  'b/sub/g 644 =g',
  'c/f 644 =oops',
  'm/f 755 =same',
  'u/f 644 ?same',
  'k/f 777 >x',
);
const pick = (source: string, ...patterns: readonly string[]) => select(files, visible(...patterns), copyOf(source));
const differ = (before: string, now: string) => compareSelections(pick(before), pick(now));

describe('what is taken from another place', () => {
  it('is the same when all of it is', () => {
    expect(differ('a', 'b')).toEqual({ changes: [], unnoticed: [], wanted: [], hidden: [], unread: [] });
    expect(differ('a/f', 'b/f').changes).toEqual([]);
  });

  it.each([
    ['a/f', 'c/f', 'content'],
    ['a/f', 'm/f', 'mode'],
    ['a/f', 'a/sub/g', 'content'],
    ['a/f', 'a/sub', 'type'],
  ])('differs between %s and %s by its %s', (before, now, change) => {
    expect(differ(before, now).changes).toEqual([{ path: now, change }]);
  });

  it('differs by what is not there or new', () => {
    expect(differ('a', 'c').changes).toEqual([
      { path: 'c/f', change: 'content' },
      { path: 'c/sub', change: 'removed' },
    ]);
    expect(differ('u', 'a').changes).toContainEqual({ path: 'a/sub', change: 'added' });
  });

  it('wants content that nobody read', () => {
    expect(pathsOf(differ('a/f', 'u/f').wanted)).toEqual(['u/f']);
  });

  it('with another mode of a folder may go unnoticed', () => {
    const modes = tree('a/ 755', 'a/f 644 =f', 'b/ 700', 'b/f 644 =f');
    const [before, now] = ['a', 'b'].map((one) => select(modes, visible(), copyOf(one)));
    if (before === undefined || now === undefined) throw new Error('two selections');
    expect(compareSelections(before, now).unnoticed).toEqual([{ path: 'b', change: 'mode' }]);
  });
});

describe('what is taken under other ignore patterns', () => {
  it('lacks what is ignored now', () => {
    expect(compareSelections(pick('a'), pick('a', 'a/sub')).changes).toEqual([{ path: 'a/sub', change: 'removed' }]);
    expect(compareSelections(pick('a', 'a/f'), pick('a')).changes).toEqual([{ path: 'a/f', change: 'added' }]);
  });

  it('is the very same when the patterns match nothing of it', () => {
    expect(takesSamePaths(pick('a'), pick('a', '*.log', 'c'))).toBe(true);
    expect(takesSamePaths(pick('a'), pick('a', 'a/f'))).toBe(false);
    expect(takesSamePaths(pick('a'), pick('b'))).toBe(false);
  });
});
