import { describe, expect, it } from 'vitest';
import { replaceByPattern, ShellPattern, trimByPattern } from '../../../core/dockerfile/shellPattern';

/** Does it match the whole of a text? */
const matches = (pattern: string, text: string) =>
  ShellPattern.parse(pattern, true)?.in(text).matchAt(0) === [...text].length;

describe('shell patterns', () => {
  it('know * and ?', () => {
    expect(matches('a*c', 'abbc')).toBe(true);
    expect(matches('a?c', 'abc')).toBe(true);
    expect(matches('a?c', 'abbc')).toBe(false);
  });

  it('take everything else literally', () => {
    for (const character of '[]{}.+()|^$/-') {
      expect(matches(`a${character}b`, `a${character}b`)).toBe(true);
      expect(matches(`a${character}b`, 'ab')).toBe(false);
    }
  });

  it('allow escapes of their own characters only', () => {
    expect(matches('a\\*b', 'a*b')).toBe(true);
    expect(matches('a\\*b', 'axb')).toBe(false);
    expect(matches('a\\/b', 'a/b')).toBe(true);
    expect(ShellPattern.parse('a\\b', true)).toBeUndefined();
    expect(ShellPattern.parse('a\\', true)).toBeUndefined();
  });

  it('take a time that grows with the text alone, as in the builder', () => {
    const started = performance.now();
    expect(trimByPattern('a'.repeat(50_000), '#*a*a*a*a*b', false)).toBe('a'.repeat(50_000));
    // found by damaging Dockerfiles: this one took forever
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    expect(trimByPattern(path, '*##*********', true)).toBe(path);
    expect(replaceByPattern('a'.repeat(30_000), '*b*a*c', true, () => 'x')).toBe('a'.repeat(30_000));
    expect(trimByPattern('a.b.c.d', '*.*.*', false)).toBe('c.d');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('replace the first or every match, and no empty one right behind another', () => {
    const replace = (value: string, pattern: string, all: boolean) =>
      replaceByPattern(value, pattern, all, (match) => `<${match}>`);
    expect(replace('a.b.c', '.', false)).toBe('a<.>b.c');
    expect(replace('a.b.c', '.', true)).toBe('a<.>b<.>c');
    expect(replace('abc', '*', true)).toBe('<abc>');
    expect(replace('', '*', true)).toBe('<>');
    expect(replace('one\ntwo', 'o*', true)).toBe('<one>\ntw<o>');
    expect(replace('é😀x', '?', true)).toBe('<é><😀><x>');
    expect(replace('abc', '', true)).toBe('<>a<>b<>c<>');
    expect(replace('abc', 'x', true)).toBe('abc');
  });

  it.each(['', '*', 'a*', '*a', 'a*b*', '?*a', '*a?', '**', 'a?*b', '*a*a*', '?'])(
    'match as a regular expression would: %s',
    (pattern) => {
      const source = [...pattern].map((one) => (one === '*' ? '[^\\n]*' : one === '?' ? '[^\\n]' : one)).join('');
      for (const greedy of [true, false]) {
        const expression = new RegExp(greedy ? source : source.replaceAll('*', '*?'), 'u');
        for (let number = 0; number < 3 ** 7; number++) {
          const text = [...number.toString(3).padStart(7, '0')].map((digit) => 'ab\n'[Number(digit)]).join('');
          const found = ShellPattern.parse(pattern, greedy)?.in(text).find(0);
          const wanted = expression.exec(text);
          const end = wanted === null ? undefined : wanted.index + wanted[0].length;
          expect([text, found?.start, found?.end]).toEqual([text, wanted?.index, end]);
        }
      }
    },
  );

  it('trim the shortest or the longest match at either end', () => {
    expect(trimByPattern('a.b.c', '*.', false)).toBe('b.c');
    expect(trimByPattern('a.b.c', '#*.', false)).toBe('c');
    expect(trimByPattern('a.b.c', '.*', true)).toBe('a.b');
    expect(trimByPattern('a.b.c', '%.*', true)).toBe('a');
    expect(trimByPattern('a*c', '\\*c', true)).toBe('a');
    expect(trimByPattern('abc', 'x', false)).toBe('abc');
  });
});
