import { describe, expect, it } from 'vitest';
import { shellPattern, trimByPattern } from '../../../core/dockerfile/shellPattern';

const matches = (pattern: string, text: string) =>
  new RegExp(`^(?:${shellPattern(pattern, true, false) ?? ''})$`).test(text);

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
    expect(shellPattern('a\\b', true, false)).toBeUndefined();
    expect(shellPattern('a\\', true, false)).toBeUndefined();
  });

  it('are refused where they would take forever', () => {
    const started = performance.now();
    expect(trimByPattern('a'.repeat(50_000), '#*a*a*a*a*b', false)).toBeUndefined();
    expect(trimByPattern('a.b.c.d', '*.*.*', false)).toBe('c.d');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('trim the shortest or the longest match at either end', () => {
    expect(trimByPattern('a.b.c', '*.', false)).toBe('b.c');
    expect(trimByPattern('a.b.c', '#*.', false)).toBe('c');
    expect(trimByPattern('a.b.c', '.*', true)).toBe('a.b');
    expect(trimByPattern('a.b.c', '%.*', true)).toBe('a');
    expect(trimByPattern('a*c', '\\*c', true)).toBe('a');
    expect(trimByPattern('abc', 'x', false)).toBe('abc');
  });
});
