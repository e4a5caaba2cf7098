import { describe, expect, it } from 'vitest';
import { asPath, compareNames, folderOf, nameOf } from '../../../core/image/entryPath';
import { Random } from '../../generator/random';

describe('a name of an archive as a path', () => {
  it.each([
    ['a/b', 'a/b'],
    ['./a/b/', 'a/b'],
    ['/a', 'a'],
    ['a//b', 'a/b'],
    ['a/./b', 'a/b'],
    ['a/../b', 'b'],
    ['../a', 'a'],
    ['a/../../../b', 'b'],
    ['.', ''],
    ['./', ''],
    ['/', ''],
    ['', ''],
    ['..', ''],
    ['a/b/..', 'a'],
    ['...', '...'],
    ['.../..a/a..', '.../..a/a..'],
    ['.a/..b', '.a/..b'],
    [' /a', ' /a'],
    ['a\\..\\b', 'a\\..\\b'],
  ])('"%s" is "%s"', (name, path) => {
    expect(asPath(name)).toBe(path);
    expect(asPath(path)).toBe(path);
  });

  it('has a folder and a name', () => {
    expect(['a/b/c', 'a', ''].map((path) => [folderOf(path), nameOf(path)])).toEqual([
      ['a/b', 'c'],
      ['', 'a'],
      ['', ''],
    ]);
  });
});

describe('the order of names', () => {
  it('is that of their bytes in UTF-8', () => {
    const random = new Random('names');
    const letters = [
      '',
      'a',
      'b',
      'Z',
      '.',
      '-',
      '/',
      'é',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\ufffd',
      '😀',
      '🚀',
    ];
    const name = (): string => Array.from({ length: random.int(0, 4) }, () => random.pick(letters)).join('');
    for (let run = 0; run < 5000; run++) {
      const [a, b] = [name(), name()];
      const wanted = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareNames(a, b)), JSON.stringify([a, b])).toBe(wanted);
    }
  });
});
