import { describe, expect, it } from 'vitest';
import { isDoubtful, isSuspect, NOTHING_HELD, type HeldCopy } from '../../../core/context/received';
import { Selections } from '../../../core/context/selections';
import { Totals } from '../../../core/context/totals';
import type { ContextTree } from '../../../core/context/tree';
import { copyOf, Folder, nodeOf } from '../support/folder';

const HELD: HeldCopy = { ...NOTHING_HELD, firstTransfer: 1000, heldSince: 1000, mirror: { start: 1000, end: 1100 } };

/** What is added up from one look to the next, and what is added up anew, as text. */
function both(tree: ContextTree, held: HeldCopy, since: readonly number[]): readonly [string, string] {
  const selections = Selections.of(tree);
  const selection = selections.select(copyOf('d'), []);
  const told = (totals: Totals): string =>
    JSON.stringify([
      ...[totals.fileBytes, totals.linkBytes, totals.shared],
      [...totals.suspicious()].map((node) => node.path),
      since.map((start) => [...totals.since(start)].filter((node) => isSince(node.entry?.ctime, start)).map(path)),
    ]);
  const fresh = new Totals(selection, tree.root.changes, held);
  fresh.refresh();
  return [told(selections.totalsOf(selection, held)), told(fresh)];
}

const path = (node: { readonly path: string }): string => node.path;
const isSince = (ctime: number | undefined, start: number): boolean => (ctime ?? Infinity) >= start;
const files = (...changed: readonly string[]): readonly string[] => {
  const names = new Set(changed.map((line) => line.split(' ')[0]));
  const all = Array.from({ length: 40 }, (_, index) => `d/f${index} 644 @100 =${'x'.repeat(index)}`);
  return [...all, 'd/link 777 @100 >f1', 'other 644 @100 =other'].map((line) =>
    names.has(line.split(' ')[0] ?? '')
      ? (changed.find((one) => one.split(' ')[0] === line.split(' ')[0]) ?? '')
      : line,
  );
};

describe('what is added up of a selection', () => {
  it.each([
    ['another size', ['d/f3 644 @2000 =longer']],
    ['an older time', ['d/f3 644 @2000 ~5 =xxx']],
    ['the same size and time', ['d/f3 644 @2000 ~100 =abc']],
    ['another name of the inode', ['d/f3 644 @2000 ~100 x2 =xxx']],
    ['a file beside it', ['other 644 @2000 =changed']],
    ['many files', Array.from({ length: 20 }, (_, index) => `d/f${index * 2} 644 @2000 =${index}`)],
    ['another target', ['d/link 777 @2000 >f20']],
    ['another mode of the folder', ['d/ 700 @2000']],
  ])('is followed: %s', (_, changed) => {
    const folder = new Folder().look(500, ...files());
    const times = [50, 1000, 1900];
    both(folder.tree, HELD, times);
    const lines = changed.every((line) => line.startsWith('d/ ')) ? [...changed, ...files()] : files(...changed);
    folder.look(3000, ...lines);
    const [followed, anew] = both(folder.tree, HELD, times);
    expect(followed).toBe(anew);
    // and back again
    folder.look(4000, ...files());
    const [back, backAnew] = both(folder.tree, HELD, times);
    expect(back).toBe(backAnew);
  });

  it('is followed after more changes than are kept', () => {
    const folder = new Folder().look(500, ...files());
    both(folder.tree, HELD, [1000]);
    for (let turn = 1; turn <= 3000; turn++) {
      nodeOf(folder.tree, 'd/f3').observe(entryAt(turn), 5000 + turn);
    }
    const [followed, anew] = both(folder.tree, HELD, [1000]);
    expect(followed).toBe(anew);
    expect(followed).toMatch(/^\[3777,2,/);
  });

  it('ends with what another copy of the builder makes suspect', () => {
    const folder = new Folder().look(500, ...files('d/f3 644 @100 ~5 =xxx'));
    const suspects = (held: HeldCopy): string[] => {
      const selections = Selections.of(folder.tree);
      return [...selections.totalsOf(selections.select(copyOf('d'), []), held).suspicious()].map(path);
    };
    expect(suspects(HELD)).toEqual([]);
    expect(suspects({ ...HELD, firstTransfer: 50, heldSince: 50 })).toContain('d/f3');
    expect(suspects(NOTHING_HELD)).toEqual([]);
  });

  it('has every doubtful path among the suspects, whatever was seen since', () => {
    const folder = new Folder()
      .look(500, 'd/a 644 @100 ~5 =a', 'd/b 644 @100 =b', 'd/c 644 @100 =c')
      .look(1050, 'd/a 644 @100 ~5 =a', 'd/b 644 @1040 ~100 =b', 'd/c 644 @100 =c')
      .look(3000, 'd/a 644 @100 ~5 =a', 'd/b 644 @1040 ~100 =b', 'd/c 644 @2000 ~100 =x');
    for (const time of [0, 50, 1000, 1045, 5000]) {
      for (const mirror of [undefined, HELD.mirror, { start: 1045, end: 1060 }]) {
        const held = { ...NOTHING_HELD, firstTransfer: time, heldSince: time, mirror };
        for (const node of folder.tree.nodes()) {
          if (isDoubtful(node, held)) expect(isSuspect(node, held)).toBe(true);
        }
      }
    }
  });
});

function entryAt(turn: number) {
  const [size, mtime, ctime] = [turn, 5000 + turn, 5000 + turn];
  return { type: 'file', mode: 0o644, size, mtime, ctime, ino: 7, links: 1 } as const;
}
