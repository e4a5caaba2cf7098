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
  const known = new KnownTransfers(folder.tree, builds);
  const had = known.hadBytesOf(node, { ...entry, digest: node.digest });
  // nothing changed since the last build
  expect(known.willHaveBytesOf(node, { ...entry, digest: node.digest })).toBe(had);
  return had;
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
      'changed nothing but its last change, and was read before and after',
      [EMPTY, MOVED_IN, ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc'], ['d/ 755 @1200', 'd/f 644 @2200 ~50 =abc']],
    ],
    [
      'got another mode and lost it again',
      [
        ['d/ 755 @100', 'd/f 644 @100 ?abc'],
        ['d/ 755 @100', 'd/f 755 @1200 ~100 ?abc'],
        ['d/ 755 @100', 'd/f 644 @2200 ~100 ?abc'],
        ['d/ 755 @100', 'd/f 644 @2200 ~100 ?abc'],
      ],
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
    ['was gone and had another mode before', [[], ['d/ 755 @1200'], [], ['d/ 700 @3200']], true],
  ])('and the mode of a folder that %s', (_, states, expected) => {
    const folder = new Folder();
    for (const [index, lines] of states.entries()) {
      const changed = `./ 755 @${200 + 1000 * index}`;
      folder.look(500 + 1000 * index, changed, ...lines);
      folder.look(1150 + 1000 * index, changed, ...lines);
    }
    const node = nodeOf(folder.tree, 'd');
    if (node.entry === undefined) fail();
    expect(new KnownTransfers(folder.tree, BUILDS).willHaveModeOf(node, node.entry)).toBe(expected);
  });

  it('may be others where no transfer is known, or too many are', () => {
    const looks = [EMPTY, MOVED_IN, MOVED_IN, MOVED_IN];
    expect(gaveBytes(looks, [])).toBe(false);
    const many = Array.from({ length: 63 }, () => ({ start: 3000, end: 3100 }));
    expect(gaveBytes(looks, [...BUILDS.slice(0, 1), ...many])).toBe(true);
    expect(gaveBytes(looks, [...BUILDS.slice(0, 2), ...many])).toBe(false);
  });

  const QUIETLY_OTHER = [
    PLAIN,
    EMPTY,
    ['d/ 755 @2200', 'd/f 644 @2200 ~100 =xyz'],
    ['d/ 755 @2200', 'd/f 644 @2200 ~100 =xyz'],
  ];

  it('are its own whatever lay there before something else did, if the builds were one after the other', () => {
    const [first, second, third] = BUILDS;
    if (first === undefined || second === undefined || third === undefined) fail();
    const states = QUIETLY_OTHER.map((lines, index) => (index === 1 ? ['d/ 755 @1200', ...lines.slice(1)] : lines));
    expect(gaveBytes(states)).toBe(true);
    // two at the same time: the builder has two copies, and one of them still has the other file
    expect(gaveBytes(states, [first, { start: 1050, end: 1120 }, second, third])).toBe(false);
    expect(gaveBytes(states, [first, second, third, { start: 3050, end: 3120 }])).toBe(true);
  });

  it('of an earlier state are told by what lay there before it, not by what came later', () => {
    const folder = new Folder();
    const later = 'd/f 644 @2200 =other';
    for (const [index, line] of ['d/f 644 @100 =abc', 'd/f 644 @1200 ~100 =xyz', later, later].entries()) {
      folder.look(500 + 1000 * index, 'd/ 755 @100', line);
      folder.look(1150 + 1000 * index, 'd/ 755 @100', line);
    }
    const node = nodeOf(folder.tree, 'd/f');
    const [before, quiet] = node.versions;
    if (before === undefined || quiet === undefined || node.entry === undefined) fail();
    const known = new KnownTransfers(folder.tree, BUILDS);
    expect(known.hadBytesOf(node, quiet)).toBe(false);
    expect(known.hadBytesOf(node, node.entry)).toBe(true);
    // the next transfer would find it changed, were it there again
    expect(known.willHaveBytesOf(node, quiet)).toBe(true);
  });

  it('were none where the state was never built', () => {
    const folder = new Folder()
      .look(500, ...EMPTY)
      .look(1150, ...EMPTY)
      .look(4000, ...MOVED_IN);
    const node = nodeOf(folder.tree, 'd/f');
    if (node.entry === undefined) fail();
    const known = new KnownTransfers(folder.tree, BUILDS.slice(0, 1));
    expect([known.hadBytesOf(node, node.entry), known.willHaveBytesOf(node, node.entry)]).toEqual([false, true]);
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
    expect(new KnownTransfers((one ?? fail()).tree, BUILDS).hadBytesOf(node, entry)).toBe(true);
    expect(new KnownTransfers((other ?? fail()).tree, BUILDS).hadBytesOf(node, entry)).toBe(false);
  });
});

function fail(): never {
  throw new Error('not there');
}
