import type { InputUse } from '../llb/contentInputs';
import { changesSince } from './changes';
import { Selections } from './selections';
import type { ContextTree, TimeSpan } from './tree';

/**
 * Is what an operation takes from the build context what it was during all of a span? False also when that is not
 * known.
 */
export function isUnchanged(tree: ContextTree, use: InputUse, patterns: readonly string[], span: TimeSpan): boolean {
  const { root } = tree;
  const wasReplaced = root.versions.some((one) => one.ino !== root.entry?.ino && one.seenTo >= span.start);
  if (wasReplaced || tree.movedAt >= span.start || root.seenTo < span.end) return false;
  const selections = Selections.of(tree);
  const selection = selections.select(use, patterns);
  if (selection.inexact !== undefined || selection.missing.length > 0) return false;
  const changes = changesSince(tree, selection, selections.visibility(patterns), span);
  const { proven, touched, listing, unnoticed, doubtful, wanted } = changes;
  return listing === undefined && [proven, touched, unnoticed, doubtful, wanted].every(({ length }) => length === 0);
}
