import { describe, expect, it } from 'vitest';
import { readIgnoreFile } from '../../../core/context/ignoreFile';
import { compileIgnore, type IgnoreMatcher, type WalkMatch } from '../../../core/context/ignoreMatcher';

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

describe('a directory in which no pattern makes a difference', () => {
  const PARTS = ['a', 'b', 'ab', 'a.b', '.', 'x'];
  const directories = ['', ...PARTS, ...PARTS.flatMap((one) => PARTS.map((two) => `${one}/${two}`))];
  it.each([
    [['a']],
    [['a/b']],
    [['a/b', '!a/b/x', 'a/b/x/a']],
    [['*', '!a']],
    [['*/b', '!a/*']],
    [['**/b']],
    [['a/**']],
    [['**', '!a/b']],
    [['?', 'a?']],
    [['[ab]/x']],
    [['a^b']],
    [['a\\\\b', '\\\\a/x']],
    [['/a', 'b/', './x']],
    [['a/*/b']],
    [['!a', 'a', '!a/x']],
  ])('with %j', (patterns) => {
    const { matcher } = compileIgnore(patterns);
    if (matcher === undefined) throw new Error('the patterns are good');
    const walked = (path: string): WalkMatch | undefined => {
      let above: WalkMatch | undefined;
      const parts = path.split('/');
      for (const [index] of parts.entries()) {
        above = matcher.walk(parts.slice(0, index + 1).join('/'), above?.info);
      }
      return path === '' ? undefined : above;
    };
    for (const directory of directories) {
      const above = walked(directory);
      if (above?.problem !== undefined || !matcher.decidesAll(directory, above?.info ?? [])) continue;
      for (const name of PARTS) {
        const path = directory === '' ? name : `${directory}/${name}`;
        const below = matcher.walk(path, above?.info);
        expect([path, below.matched, below.problem]).toEqual([path, above?.matched ?? false, undefined]);
        expect(below.info.map((one) => one)).toEqual(patterns.map((_, index) => above?.info[index] ?? false));
      }
    }
  });

  it('is nearly every one when patterns are plain', () => {
    const { matcher } = compileIgnore(['.git', 'dist/out', '*.md']);
    expect(['', 'dist', 'src', 'src/deep'].map((one) => matcher?.decidesAll(one, []))).toEqual([
      ...[false, false, true, true],
    ]);
  });
});
