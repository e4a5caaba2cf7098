import { describe, expect, it } from 'vitest';
import { Folder, nodeOf, tree, visible } from '../support/folder';

const files = tree('a.txt 644 =a', 'd/x.txt 644 =x', 'd/y.log 644 =y', 'd/sub/z.txt 644 =z', 'n/foo.log 644 =f');
const seen = (...patterns: readonly string[]) => {
  const visibility = visible(...patterns);
  return [...files.nodes()]
    .filter((node) => node.entry?.type === 'file' && visibility.sees(node))
    .map((node) => node.path);
};

describe('what reaches the builder', () => {
  it.each([
    [[], ['a.txt', 'd/x.txt', 'd/y.log', 'd/sub/z.txt', 'n/foo.log']],
    [['*.txt'], ['d/x.txt', 'd/y.log', 'd/sub/z.txt', 'n/foo.log']],
    [['**/*.log'], ['a.txt', 'd/x.txt', 'd/sub/z.txt']],
    [['d'], ['a.txt', 'n/foo.log']],
    [
      ['d', '!d/x.txt'],
      ['a.txt', 'd/x.txt', 'n/foo.log'],
    ],
    [
      ['!d/x.txt', 'd'],
      ['a.txt', 'n/foo.log'],
    ],
    [['*', '!a.txt'], ['a.txt']],
    [['**', '!d/sub/z.txt'], ['d/sub/z.txt']],
  ])('with %j', (patterns, expected) => {
    expect(seen(...patterns)).toEqual(expected);
  });

  it('has a folder whose content is ignored, but not one that is ignored with nothing brought back', () => {
    expect(visible('d/*').sees(nodeOf(files, 'd'))).toBe(true);
    expect(visible('n', '!n/gone').sees(nodeOf(files, 'n'))).toBe(false);
    expect(visible('d', '!d/sub/z.txt').sees(nodeOf(files, 'd/sub'))).toBe(true);
  });

  it('has nothing that is gone, and always the context itself', () => {
    const { tree: later } = new Folder().look(10, 'a 644 =1').look(20);
    expect(visible().sees(nodeOf(later, 'a'))).toBe(false);
    expect(visible('**').sees(later.root)).toBe(true);
  });

  it('is told for names that are gone', () => {
    const would = (name: string, ...patterns: readonly string[]) => visible(...patterns).wouldSee(files.root, name);
    expect(would('gone', '*.log')).toBe(true);
    expect(would('gone.log', '*.log')).toBe(false);
    // a folder of that name may have had something that was brought back
    expect(would('gone', '*', '!gone/x')).toBeUndefined();
    expect(visible('d').wouldSee(nodeOf(files, 'd'), 'gone')).toBe(false);
  });

  it('ends at a pattern that the builder cannot apply', () => {
    const visibility = visible('\\e');
    visibility.sees(nodeOf(files, 'a.txt'));
    expect(visibility.problem).toBeDefined();
  });
});
