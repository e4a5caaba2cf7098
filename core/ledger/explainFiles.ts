import type { Selection } from '../context/selection';
import { Selections } from '../context/selections';
import { presentMoment, takenList } from '../context/takenList';
import type { ContextNode, ContextTree } from '../context/tree';
import type { InputUse } from '../llb/contentInputs';
import type { FileChange } from '../model';

/** A build context as one build saw it, or as it is now. */
export interface ContextState {
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
  /** Paths of which nobody knows what they were. */
  readonly unknown: ReadonlySet<string>;
}

/** How what one operation takes differs between two states of a context. */
export interface FileDifference {
  readonly changes: readonly FileChange[];
  /** May differ: what they contained is not known on one side. */
  readonly unsure: readonly string[];
  /** Files whose present content would decide. */
  readonly wanted: readonly ContextNode[];
}

/** Compares what an operation took; undefined when what it takes is not known exactly. */
export function compareFiles(
  before: ContextState,
  after: ContextState,
  use: { readonly before: InputUse; readonly after: InputUse },
): FileDifference | undefined {
  const [theirs, ours] = [takenBy(before, use.before), takenBy(after, use.after)];
  if (theirs === undefined || ours === undefined) return undefined;
  return compareTaken(before, after, theirs, ours);
}

/** Compares paths that were taken then and later. */
export function compareTaken(
  before: ContextState,
  after: ContextState,
  theirs: ReadonlyMap<string, ContextNode>,
  ours: ReadonlyMap<string, ContextNode>,
): FileDifference {
  const changes: FileChange[] = [];
  const unsure: string[] = [];
  const wanted: ContextNode[] = [];
  for (const [path, node] of ours) {
    const other = theirs.get(path);
    if (other === undefined) {
      if (before.unknown.has(path)) unsure.push(path);
      else changes.push({ path, change: 'added' });
      continue;
    }
    const change = changeOf(other, node);
    if (change === 'unsure') {
      unsure.push(path);
      wanted.push(...[other, node].filter(({ digest }) => digest === undefined));
    } else if (change !== undefined) changes.push({ path, change });
  }
  for (const path of theirs.keys()) {
    if (ours.has(path)) continue;
    if (after.unknown.has(path)) unsure.push(path);
    else changes.push({ path, change: 'removed' });
  }
  return { changes, unsure, wanted };
}

function takenBy({ tree, patterns }: ContextState, use: InputUse): ReadonlyMap<string, ContextNode> | undefined {
  const selections = Selections.of(tree);
  const selection: Selection = selections.select(use, patterns);
  if (selection.inexact !== undefined) return undefined;
  if (!selection.superset) return byPath(selection.nodes);
  const now = presentMoment(selections.visibility(patterns));
  const kept: ContextNode[] = [];
  for (const selector of use.selectors) {
    const list = takenList(tree, selector, now);
    if (list === undefined) return undefined;
    kept.push(...list.map(({ node }) => node));
  }
  return byPath(kept);
}

/** Nodes by their paths; the context itself is no file of it. */
export function byPath(nodes: Iterable<ContextNode>): ReadonlyMap<string, ContextNode> {
  const paths = new Map<string, ContextNode>();
  for (const node of nodes) if (node.parent !== undefined) paths.set(node.path, node);
  return paths;
}

function changeOf(before: ContextNode, after: ContextNode): FileChange['change'] | 'unsure' | undefined {
  const [then, now] = [before.entry, after.entry];
  if (then === undefined || now === undefined) return undefined;
  if (then.type !== now.type) return 'type';
  if (then.target !== now.target) return 'link';
  if (then.type !== 'symlink' && then.mode !== now.mode) return 'mode';
  if (then.type !== 'file') return undefined;
  if (then.size !== now.size) return 'content';
  // not written in between
  if (then.size === 0 || then.ctime === now.ctime) return undefined;
  if (before.digest === undefined || after.digest === undefined) return 'unsure';
  return before.digest === after.digest ? undefined : 'content';
}
