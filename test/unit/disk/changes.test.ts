import { describe, expect, it } from 'vitest';
import {
  describeChanges,
  readChanges,
  readPathStat,
  type ImageFile,
  type WrittenFile,
} from '../../../core/disk/changes';

const from =
  <T>(files: Readonly<Record<string, T>>) =>
  (path: string): T | undefined =>
    files[path];
const file = (bytes: number): ImageFile & WrittenFile => ({ type: 'file', bytes });

describe('what a container changed', () => {
  const told = readChanges([
    { Path: '/w', Kind: 1 },
    { Path: '/etc', Kind: 0 },
    { Path: '/etc/hosts', Kind: 0 },
    { Path: '/gone', Kind: 2 },
    { Path: '/odd', Kind: 9 },
  ]);
  const sources = {
    written: from<WrittenFile>({ '/w': file(5), '/etc': { type: 'directory', bytes: 0 }, '/etc/hosts': file(12) }),
    inImage: from<ImageFile>({ '/etc/hosts': file(10), '/gone': { type: 'directory', bytes: 300 } }),
  };

  it('is sorted, a changed file with both of its sizes, a folder that went with all that was in it', () => {
    const { changes, bytes, hiddenBytes } = describeChanges(told, sources, '');
    expect(changes.map((one) => [one.path, one.change, one.type, one.bytes, one.imageBytes])).toEqual([
      ['/etc', 'changed', 'directory', 0, null],
      ['/etc/hosts', 'changed', 'file', 12, 10],
      ['/gone', 'deleted', 'directory', 0, 300],
      ['/w', 'added', 'file', 5, null],
    ]);
    expect([bytes, hiddenBytes]).toEqual([17, 310]);
  });

  it('has no sum where one size is not known', () => {
    const found = describeChanges(told, { ...sources, inImage: () => undefined }, 'Nobody knows.');
    expect([found.bytes, found.hiddenBytes, found.message]).toEqual([17, null, 'Nobody knows.']);
    expect(describeChanges(told, { ...sources, written: () => undefined }, '').bytes).toBeNull();
  });

  it('is nothing where the engine says null', () => {
    expect(describeChanges(readChanges(null), sources, '')).toEqual({
      changes: [],
      bytes: 0,
      hiddenBytes: 0,
      message: '',
    });
  });
});

describe('the header of an archived path', () => {
  const of = (mode: number): WrittenFile | undefined => readPathStat(JSON.stringify({ name: 'x', size: 7, mode }));

  it('tells files, folders, links and all else by the bits of Go', () => {
    expect(of(0o644)).toEqual({ type: 'file', bytes: 7 });
    expect(of(0x80000000 + 0o755)).toEqual({ type: 'directory', bytes: 0 });
    expect(of(0x08000000 + 0o777)).toEqual({ type: 'symlink', bytes: 7 });
    expect(of(0x02000000 + 0o644)).toEqual({ type: 'other', bytes: 0 });
    // setuid is no kind
    expect(of(0x00800000 + 0o755)).toEqual({ type: 'file', bytes: 7 });
  });

  it('may be anything', () => {
    for (const text of ['', '{', '[]', '{"mode":"x"}']) expect(readPathStat(text)).toBeUndefined();
  });
});
