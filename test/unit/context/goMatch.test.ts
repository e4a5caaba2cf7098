import { describe, expect, it } from 'vitest';
import { goMatch } from '../../../core/context/goMatch';

describe('wildcards of COPY sources, as Go matches them', () => {
  it.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'd/a.txt', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?c', 'aéc', true],
    ['[a-c]', 'b', true],
    ['[^a-c]', 'b', false],
    ['[^a-c]', 'd', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a*b*c', 'axxbyyc', true],
    ['a*', 'a', true],
    ['', '', true],
    ['*', '', true],
    ['d/*', 'd/x', true],
    ['d/*', 'd', false],
    ['a[', 'a', undefined],
    ['[]a]', 'a', undefined],
    ['[a-]', 'a', undefined],
    ['\\', 'a', undefined],
  ])('%s on %s is %s', (pattern, name, expected) => {
    expect(goMatch(pattern, name)).toBe(expected);
  });
});
