import { DiveTree, visit } from './diveTree';
import type { LayerEntries } from './layerEntries';

/** A path that several layers have, as dive counts it. */
export interface InefficientFile {
  /** With a leading `/`. */
  readonly path: string;
  /** Entries for it, whiteouts too. */
  readonly count: number;
  /** Bytes of all its copies, also of the one that is seen in the end. */
  readonly bytes: number;
}

/** dive's figures of an image, by dive's definitions (dive filetree/efficiency.go, image/analysis.go). */
export interface Efficiency {
  /** 0 to 1. */
  readonly score: number;
  readonly wastedBytes: number;
  /** Bytes of all layers. */
  readonly sizeBytes: number;
  /** Bytes of all layers but the first. */
  readonly userSizeBytes: number;
  /** A ratio; infinite or no number where nothing was added. */
  readonly userWastedPercent: number;
  /** Most bytes first. */
  readonly inefficient: readonly InefficientFile[];
}

interface Tally {
  bytes: number;
  least: number;
  count: number;
}

/** The least of no copies; dive adds it up like any other, so a removal of what never was costs one byte. */
const NONE_YET = -1;

/**
 * dive's efficiency of the layers of an image, bit for bit. It counts every copy of a file as waste, also the last one,
 * and does not see what a removed folder held; see `shadowed.ts` for what is really lost.
 */
export function efficiencyOf(layers: readonly LayerEntries[]): Efficiency {
  const tallies = new Map<string, Tally>();
  const trees = layers.map((entries) => DiveTree.of(entries));
  // dive copies the first tree and then stacks it on itself: its whiteouts stay in it as names
  const below = trees[0]?.copy() ?? new DiveTree();
  for (const [index, tree] of trees.entries()) {
    if (index > 0) below.stack(trees[index - 1] ?? tree);
    visit(tree.root, (node) => {
      if (node.children.size > 0) return true;
      let tally = tallies.get(node.path);
      if (tally === undefined) tallies.set(node.path, (tally = { bytes: 0, least: NONE_YET, count: 0 }));
      let bytes = node.size;
      if (node.isWhiteout) {
        const removed = below.find(node.path);
        // dive looks no further at a layer that removes what is not there
        if (removed === undefined) return false;
        bytes = 0;
        if (removed.isFolder) {
          bytes = removed.size;
          visit(removed, (one) => {
            bytes += one.size;
            return true;
          });
        }
      }
      tally.least = tally.least === NONE_YET ? bytes : Math.min(tally.least, bytes);
      tally.bytes += bytes;
      tally.count++;
      return true;
    });
  }
  return figures(layers, tallies);
}

function figures(layers: readonly LayerEntries[], tallies: ReadonlyMap<string, Tally>): Efficiency {
  let [least, all, wastedBytes] = [0, 0, 0];
  const inefficient: InefficientFile[] = [];
  for (const [path, tally] of tallies) {
    least += tally.least;
    all += tally.bytes;
    if (tally.count < 2) continue;
    wastedBytes += tally.bytes;
    inefficient.push({ path, count: tally.count, bytes: tally.bytes });
  }
  const sizes = layers.map((entries) => entries.bytes);
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  const userSizeBytes = sizeBytes - (sizes[0] ?? 0);
  return {
    score: all === 0 ? 1 : least / all,
    ...{ wastedBytes, sizeBytes, userSizeBytes, userWastedPercent: wastedBytes / userSizeBytes },
    inefficient: inefficient.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)),
  };
}
