import { describe, expect, it } from 'vitest';
import { LayerEntries, type LayerEntry } from '../../../core/image/layerEntries';
import { Random } from '../../generator/random';
import { entryOf, layer } from '../support/layers';

const random = new Random('entries');
const KINDS = ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo'] as const;

/** More than the columns have at first. */
const MANY: LayerEntry[] = Array.from({ length: 1000 }, (_, index) => ({
  path: `p${index}`,
  type: random.pick(KINDS),
  size: random.int(0, Number.MAX_SAFE_INTEGER - 1),
  mode: random.int(0, 0o7777),
  uid: random.int(0, 0xffffffff),
  gid: random.int(0, 0xffffffff),
  link: random.chance(0.5) ? '' : `l${index}`,
  modified: random.int(-1e12, 1e12),
  offset: random.int(0, 2 ** 50),
}));

function listOf(entries: readonly LayerEntry[]): LayerEntries {
  const list = new LayerEntries();
  for (const entry of entries) list.add(entry);
  return list;
}

const all = (list: LayerEntries): LayerEntry[] => Array.from({ length: list.length }, (_, index) => list.at(index));

describe('the entries of a layer', () => {
  it('come back as they were', () => {
    const list = listOf(MANY);
    expect(all(list)).toEqual(MANY);
    expect(list.path(999)).toBe('p999');
  });

  it('come back from what is stored of them, and more can follow', () => {
    const list = listOf(MANY);
    list.setDigest(7, new Uint8Array(32).fill(5));
    const again = LayerEntries.from(list.parts());
    expect(all(again)).toEqual(MANY);
    expect(again.digest(7)).toEqual(new Uint8Array(16).fill(5));
    again.add(entryOf('more 5'));
    again.setDigest(1000, new Uint8Array(32).fill(6));
    expect([again.length, again.at(1000), again.digest(1000)?.[0]]).toEqual([1001, entryOf('more 5'), 6]);
    expect(LayerEntries.from(layer().parts())).toHaveLength(0);
    const first = LayerEntries.from(layer().parts());
    first.add(entryOf('first 5'));
    expect(all(first)).toEqual([entryOf('first 5')]);
  });

  it('have the digests that were noted, and no others', () => {
    const list = listOf(MANY);
    list.setDigest(3, new Uint8Array(32).fill(1));
    list.setDigest(900, new Uint8Array(32).fill(2));
    expect([2, 3, 4, 900, 999].map((index) => list.digest(index)?.[0])).toEqual([
      undefined,
      1,
      undefined,
      2,
      undefined,
    ]);
  });

  it('know the size of their layer, with what comes twice', () => {
    expect(layer('a 10', 'a 3', 'd/', 'l >a').bytes).toBe(13);
  });

  it('tell whether mode and owner are the same', () => {
    const one = entryOf('a 1');
    const others = listOf([
      one,
      { ...one, mode: 0o600 },
      { ...one, uid: 1 },
      { ...one, gid: 1 },
      { ...one, modified: 9 },
    ]);
    const same = Array.from({ length: 5 }, (_, index) => listOf([one]).hasSameAccess(0, others, index));
    expect(same).toEqual([true, false, false, false, true]);
  });
});
