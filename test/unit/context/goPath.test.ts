import { describe, expect, it } from 'vitest';
import { base, clean, join } from '../../../core/context/goPath';

describe('paths as Go cleans them', () => {
  it.each([
    ['', '.'],
    ['/', '/'],
    ['a//b/', 'a/b'],
    ['./a/../b', 'b'],
    ['../a', '../a'],
    ['/../a', '/a'],
    ['a/..', '.'],
  ])('%s becomes %s', (path, cleaned) => {
    expect(clean(path)).toBe(cleaned);
  });

  it('joins what is not empty', () => {
    expect(join('/w', 'a', '..', 'b')).toBe('/w/b');
    expect(join('', '')).toBe('');
  });

  it('gives the last element, the slash alone for a root', () => {
    expect(base('/a/b/')).toBe('b');
    expect(base('/')).toBe('/');
    expect(base('')).toBe('.');
  });
});
