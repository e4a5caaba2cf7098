import { describe, expect, it } from 'vitest';
import { KnownTransfers } from '../../../core/context/knownTransfers';
import type { TimeSpan } from '../../../core/context/tree';
import { Folder, nodeOf } from '../support/folder';

// three builds, with a look before and after each
const BUILDS: readonly TimeSpan[] = [
  { start: 1000, end: 1100 },
  { start: 2000, end: 2100 },
  { start: 3000, end: 3100 },
];

/** Has the builder, at any time, the bytes that the file has now? `states`: what lies there around each build, and then. */
function gaveBytes(states: readonly (readonly string[])[], builds = BUILDS): boolean {
  const folder = new Folder();
  for (const [index, lines] of states.entries()) {
    folder.look(500 + 1000 * index, ...lines);
    folder.look(1150 + 1000 * index, ...lines);
  }
  const node = nodeOf(folder.tree, 'd/f');
  const { entry } = node;
  if (entry === undefined) throw new Error('nothing is there');
  return new KnownTransfers(folder.tree, builds).gaveBytesOf(node, { ...entry, digest: node.digest });
}

const EMPTY = ['d/ 755 @100', 'd/other 644 @100 =other'];
const MOVED_IN = ['d/ 755 @1200', 'd/f 644 @1200 ~50 =abc', 'd/other 644 @100 =other'];
const PLAIN = ['d/ 755 @100', 'd/f 644 @100 =abc'];
const EXECUTABLE = ['d/ 755 @100', 'd/f 755 @1200 ~100 =abc'];

describe('the bytes that a builder was given of a file', () => {
  it.each([
    ['was moved here after the first build', [EMPTY, MOVED_IN, MOVED_IN, MOVED_IN]],
    ['got another mode after the first build', [PLAIN, EXECUTABLE, EXECUTABLE, EXECUTABLE]],
    ['lies in a folder that came after it', [[], ...Array.from({ length: 3 }, () => ['./ 755 @1200', ...MOVED_IN])]],
    [
      'was only looked at, and read, as what it still is',
      [EMPTY, MOVED_IN, ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'], ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc']],
    ],
    [
      'has the size and time of what lay there long before it, with the same content',
      [EMPTY, MOVED_IN, EMPTY, MOVED_IN].map((lines, index) =>
        lines.map((line) => line.replace(/@1?[12]00/, `@${200 + 1000 * index}`)),
      ),
    ],
  ])('are its own when it %s', (_, states) => {
    expect(gaveBytes(states)).toBe(true);
  });

  it.each([
    ['it was there at the first build already: what was before that nobody knows', [PLAIN, PLAIN, PLAIN, PLAIN]],
    [
      'it was changed with its time kept, since the first build',
      [PLAIN, ...Array.from({ length: 3 }, () => ['d/ 755 @100', 'd/f 644 @1200 ~100 =xyz'])],
    ],
    [
      'it was changed with its time kept, after it had come',
      [EMPTY, MOVED_IN, ['d/ 755 @1200', 'd/f 644 @2200 ~50 =xyz'], ['d/ 755 @1200', 'd/f 644 @2200 ~50 =xyz']],
    ],
    [
      'an earlier state of equal size and time was never read',
      [
        EMPTY,
        ['d/ 755 @1200', 'd/f 644 @1200 ~50 ?abc'],
        ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'],
        ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'],
      ],
    ],
    [
      'it got its mode and lost it again: whether it is the same was not read',
      [
        ['d/ 755 @100', 'd/f 644 @100 ?abc'],
        ['d/ 755 @100', 'd/f 755 @1200 ~100 ?abc'],
        ['d/ 755 @100', 'd/f 644 @2200 ~100 =abc'],
        ['d/ 755 @100', 'd/f 644 @2200 ~100 =abc'],
      ],
    ],
    [
      'it came while a build went on',
      [EMPTY, EMPTY, ['d/ 755 @3050', 'd/f 644 @3050 ~50 =abc'], ['d/ 755 @3050', 'd/f 644 @3050 ~50 =abc']],
    ],
    [
      'its folder was another one then',
      [
        ['d/ 755 @100 #71', 'd/f 644 @100 ~60 =old'],
        ['d/ 755 @100 #72', 'd/f 644 @100 ~50 =abc'],
        ['d/ 755 @100 #72', 'd/f 644 @100 ~50 =abc'],
        ['d/ 755 @100 #72', 'd/f 644 @100 ~50 =abc'],
      ],
    ],
    [
      'its inode has more names',
      [EMPTY, ...Array.from({ length: 3 }, () => ['d/ 755 @1200', 'd/f 644 @1200 ~50 x2 =abc'])],
    ],
    [
      'its inode had more names',
      [
        EMPTY,
        ['d/ 755 @1200', 'd/f 644 @1200 ~50 x2 =abc'],
        ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'],
        ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'],
      ],
    ],
  ])('may be others: %s', (_, states) => {
    expect(gaveBytes(states)).toBe(false);
  });

  it.each<[string, readonly (readonly string[])[], boolean]>([
    ['came after the first build', [[], MOVED_IN, MOVED_IN, MOVED_IN], true],
    ['was there at the first build', [EMPTY, EMPTY, EMPTY, EMPTY], false],
    ['had another mode', [[], ['d/ 700 @1200'], ['d/ 755 @2200'], ['d/ 755 @2200']], false],
    ['was a file at the first build', [['d 700 @100 =x'], ['d/ 700 @1200'], ['d/ 700 @1200'], ['d/ 700 @1200']], true],
    ['was gone between', [[], ['d/ 700 @1200'], [], ['d/ 700 @3200']], true],
    ['was gone and had another mode before', [[], ['d/ 755 @1200'], [], ['d/ 700 @3200']], false],
  ])('and the mode of a folder that %s', (_, states, expected) => {
    const folder = new Folder();
    for (const [index, lines] of states.entries()) {
      const changed = `./ 755 @${200 + 1000 * index}`;
      folder.look(500 + 1000 * index, changed, ...lines);
      folder.look(1150 + 1000 * index, changed, ...lines);
    }
    const node = nodeOf(folder.tree, 'd');
    if (node.entry === undefined) fail();
    expect(new KnownTransfers(folder.tree, BUILDS).gaveModeOf(node, node.entry)).toBe(expected);
  });

  it('may be others where no transfer is known, or too many are', () => {
    const looks = [EMPTY, MOVED_IN, MOVED_IN, MOVED_IN];
    expect(gaveBytes(looks, [])).toBe(false);
    const many = Array.from({ length: 63 }, () => ({ start: 3000, end: 3100 }));
    expect(gaveBytes(looks, [...BUILDS.slice(0, 1), ...many])).toBe(true);
    expect(gaveBytes(looks, [...BUILDS.slice(0, 2), ...many])).toBe(false);
  });

  it('may be others of a file of another context', () => {
    const [one, other] = [new Folder(), new Folder()].map((folder) =>
      folder
        .look(500, ...EMPTY)
        .look(1150, ...EMPTY)
        .look(1500, ...MOVED_IN)
        .look(3500, ...MOVED_IN),
    );
    const node = nodeOf((one ?? fail()).tree, 'd/f');
    const { entry } = node;
    if (entry === undefined) fail();
    expect(new KnownTransfers((one ?? fail()).tree, BUILDS).gaveBytesOf(node, entry)).toBe(true);
    expect(new KnownTransfers((other ?? fail()).tree, BUILDS).gaveBytesOf(node, entry)).toBe(false);
  });
});

function fail(): never {
  throw new Error('not there');
}
