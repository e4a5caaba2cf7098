import type { LayerEntries } from '../../../core/image/layerEntries';
import type { Efficiency } from '../../../core/image/efficiency';

/*
 * dive's figures once more, as its definitions say and with nothing of ours: flat lists of paths in the place of trees.
 * Slow, and that does not matter.
 */

interface Stat {
  readonly size: number;
  readonly isFolder: boolean;
}

type Flat = Map<string, Stat>;

const NOTHING: Stat = { size: 0, isFolder: false };
const lastOf = (path: string): string => path.split('/').at(-1) ?? '';
const isBelow = (path: string, above: string): boolean => path.startsWith(`${above}/`);

/** Notes a path and, without data, every path above that is not noted yet. */
function note(flat: Flat, path: string, stat: Stat): void {
  const names = path.split('/');
  for (let length = 1; length <= names.length; length++) {
    const above = names.slice(0, length).join('/');
    if (flat.has(above)) continue;
    if (names[length - 1]?.startsWith('.wh..wh..') === true) return;
    flat.set(above, NOTHING);
  }
  flat.set(path, stat);
}

/** Children before their folders, names by their bytes. */
function inOrder(flat: Flat): string[] {
  return [...flat.keys()].sort((a, b) => {
    const [left, right] = [a.split('/'), b.split('/')];
    for (let index = 0; index < Math.min(left.length, right.length); index++) {
      const order = Buffer.compare(Buffer.from(left[index] ?? ''), Buffer.from(right[index] ?? ''));
      if (order !== 0) return order;
    }
    return right.length - left.length;
  });
}

/** The path without the mark of a whiteout in its last name. */
function shown(path: string): string {
  const names = path.split('/');
  names.push((names.pop() ?? '').replace(/^\.wh\./, ''));
  return names.join('/');
}

const isWhiteout = (path: string): boolean => lastOf(path).startsWith('.wh.');
/** The path that a whiteout is about; a folder for one without a name. */
const meant = (path: string): string => shown(path).replace(/\/$/, '');

function stack(lower: Flat, upper: Flat): void {
  for (const path of inOrder(upper)) {
    const stat = upper.get(path) ?? NOTHING;
    if (!isWhiteout(path)) note(lower, path, stat);
    else {
      const gone = meant(path);
      for (const one of [...lower.keys()]) if (gone !== '' && (one === gone || isBelow(one, gone))) lower.delete(one);
    }
  }
}

export function restated(layers: readonly LayerEntries[]): Efficiency {
  const flats = layers.map((entries): Flat => {
    const flat: Flat = new Map();
    for (let index = 0; index < entries.length; index++) {
      const { path, size, type } = entries.at(index);
      note(flat, path, { size, isFolder: type === 'directory' });
    }
    return flat;
  });
  const cumulative = new Map<string, number>();
  const least = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const [number, flat] of flats.entries()) {
    const paths = inOrder(flat);
    for (const path of paths) {
      if (paths.some((other) => isBelow(other, path))) continue;
      const key = `/${shown(path)}`;
      if (!cumulative.has(key)) {
        cumulative.set(key, 0);
        least.set(key, -1);
        counts.set(key, 0);
      }
      let size = flat.get(path)?.size ?? 0;
      if (isWhiteout(path)) {
        // the first layer stands on itself
        const below: Flat = new Map(flats[0]);
        for (const one of flats.slice(0, number)) stack(below, one);
        const gone = meant(path);
        const before = gone === '' ? NOTHING : below.get(gone);
        if (before === undefined) break;
        size = 0;
        if (before.isFolder) {
          for (const [one, stat] of below) if (one === gone || isBelow(one, gone)) size += stat.size;
        }
      }
      cumulative.set(key, (cumulative.get(key) ?? 0) + size);
      const smallest = least.get(key) ?? -1;
      least.set(key, smallest < 0 ? size : Math.min(smallest, size));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
  const inefficient = [...counts]
    .filter(([, count]) => count > 1)
    .map(([path, count]) => ({ path, count, bytes: cumulative.get(path) ?? 0 }));
  const sizes = layers.map((entries) => sum(Array.from({ length: entries.length }, (_, at) => entries.at(at).size)));
  const [wastedBytes, userSizeBytes] = [sum(inefficient.map(({ bytes }) => bytes)), sum(sizes.slice(1))];
  const all = sum(cumulative.values());
  return {
    score: all === 0 ? 1 : sum(least.values()) / all,
    ...{ wastedBytes, sizeBytes: sum(sizes), userSizeBytes },
    userWastedPercent: wastedBytes / userSizeBytes,
    inefficient,
  };
}
