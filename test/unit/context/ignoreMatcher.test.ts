import { describe, expect, it } from 'vitest';
import { readIgnoreFile } from '../../../core/context/ignoreFile';
import { compileIgnore, type IgnoreMatcher } from '../../../core/context/ignoreMatcher';

function matcher(text: string): IgnoreMatcher {
  const compiled = compileIgnore(readIgnoreFile(text));
  if (compiled.matcher === undefined) throw new Error(compiled.error);
  return compiled.matcher;
}

const tree = ['a.txt', 'b.txt', 'foo.log', 'd', 'd/x.txt', 'd/y.log', 'd/sub', 'd/sub/z.txt', 'n', 'n/foo.log'];
const excluded = (text: string): string[] => tree.filter((path) => matcher(text).matchesOrParentMatches(path) === true);

describe('an ignore pattern', () => {
  it.each([
    ['*.log', ['foo.log']],
    ['**/*.log', ['foo.log', 'd/y.log', 'n/foo.log']],
    ['foo.log', ['foo.log']],
    ['d/', ['d', 'd/x.txt', 'd/y.log', 'd/sub', 'd/sub/z.txt']],
    ['d/*', ['d/x.txt', 'd/y.log', 'd/sub', 'd/sub/z.txt']],
    ['d/**', ['d/x.txt', 'd/y.log', 'd/sub', 'd/sub/z.txt']],
    ['d\n!d/x.txt', ['d', 'd/y.log', 'd/sub', 'd/sub/z.txt']],
    ['!d/x.txt\nd', ['d', 'd/x.txt', 'd/y.log', 'd/sub', 'd/sub/z.txt']],
    ['?.txt', ['a.txt', 'b.txt']],
    ['d/../b.txt', ['b.txt']],
    ['!a.txt', []],
    ['A.TXT', []],
  ])('%j takes out %j', (text, expected) => {
    expect(excluded(text)).toEqual(expected);
  });

  it('is refused as the builder refuses it', () => {
    expect(compileIgnore(['!']).error).toMatch(/illegal exclusion pattern/);
    expect(compileIgnore(['a[']).error).toMatch(/syntax error in pattern/);
  });
});

describe('an excluded folder', () => {
  it('is looked into only for exceptions below it', () => {
    expect(matcher('node_modules').mayReinclude('node_modules')).toBe(false);
    expect(matcher('d\n!d/x.txt').mayReinclude('d')).toBe(true);
    expect(matcher('d\nn\n!d/x.txt').mayReinclude('n')).toBe(false);
    expect(matcher('d\n!**/x.txt').mayReinclude('d')).toBe(true);
  });
});

describe('a large context', () => {
  it('is matched in a moment', () => {
    const patterns = ['.git', 'node_modules', '**/*.log', 'dist', '*.md', 'docs/**', 'a/b/c', '!a/b/c/d', 'tmp*', '?x'];
    const compiled = matcher(patterns.join('\n'));
    const started = performance.now();
    for (let index = 0; index < 50_000; index++) compiled.walk(`src/folder${index % 100}/file${index}.ts`, undefined);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
