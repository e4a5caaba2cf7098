import { TICK } from './entry';
import type { InputUse } from '../llb/contentInputs';
import { changesSince } from './changes';
import { Selections } from './selections';
import type { ContextNode, ContextTree, TimeSpan } from './tree';

/** Paths of which more is known than the last complete look tells, each with the time of its last change. */
export type KnownChanges = Readonly<Record<string, number>>;

/**
 * Is what an operation takes from the build context what it was during all of a span? False also when that is not
 * known. A path whose last change is that of `known` counts as the same.
 */
export function isUnchanged(
  tree: ContextTree,
  use: InputUse,
  patterns: readonly string[],
  span: TimeSpan,
  known: KnownChanges = {},
): boolean {
  const { root } = tree;
  const wasReplaced = root.versions.some((one) => one.ino !== root.entry?.ino && one.seenTo >= span.start);
  if (wasReplaced || tree.movedAt >= span.start || root.seenTo < span.end) return false;
  const selections = Selections.of(tree);
  const selection = selections.select(use, patterns);
  if (selection.inexact !== undefined || selection.missing.length > 0) return false;
  const isFresh = (node: ContextNode): boolean =>
    (node.entry?.ctime ?? Infinity) >= span.start && known[node.path] !== node.entry?.ctime;
  const nodes = new Set([...selection.nodes].filter(isFresh));
  const way = new Set([...selection.way].filter((node) => known[node.path] === undefined || isFresh(node)));
  const changes = changesSince(tree, { ...selection, nodes, way }, selections.visibility(patterns), span);
  const { proven, touched, listing, unnoticed, doubtful, wanted } = changes;
  return listing === undefined && [proven, touched, unnoticed, doubtful, wanted].every(({ length }) => length === 0);
}

/** Of what operations take: the paths that changed after the last complete look, and were looked at again since. */
export function knownChanges(
  tree: ContextTree,
  uses: readonly InputUse[],
  patterns: readonly string[],
): Record<string, number> {
  const known: Record<string, number> = {};
  const since = (tree.lookedAt ?? Infinity) - TICK;
  for (const use of uses) {
    const { nodes, way } = Selections.of(tree).select(use, patterns);
    for (const set of [nodes, way]) {
      for (const { entry, path, seenTo } of set) {
        // two changes within a tick look like one
        if (entry !== undefined && entry.ctime >= since && entry.ctime + TICK <= seenTo) known[path] = entry.ctime;
      }
    }
  }
  return known;
}
