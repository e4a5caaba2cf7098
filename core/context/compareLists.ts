import type { FileChange } from '../model';
import type { TakenEntry } from './takenList';
import { isDoubtful, looksSame, wasReceived, willBeReceived, type HeldCopy } from './received';
import type { ContextNode } from './tree';

/** How the builder's digests over two lists compare. */
export interface ListDifference {
  readonly result: 'same' | 'different' | 'unknown';
  /** Equal digests although these differ, or may: modes of directories, files of equal size and time. */
  readonly unnoticed: readonly FileChange[];
  /** Files whose content would decide. */
  readonly wanted: readonly ContextNode[];
}

/** What the builder takes into account, besides the state of each path. */
export interface ListRules {
  /** Paths count, not only last elements (BuildKit since 0.26). */
  readonly hashesPaths: boolean;
  /** The builder still holds the earlier files: see `changesSince`. */
  readonly isMirrored: boolean;
  /** Undefined: what is compared is what the files are, and no copy that a builder keeps of them. */
  readonly held: HeldCopy | undefined;
}

/** Compares what was listed at a past build with what is listed now (BuildKit cache/contenthash/checksum.go Checksum). */
export function compareLists(
  before: readonly TakenEntry[],
  now: readonly TakenEntry[],
  rules: ListRules,
): ListDifference {
  const unnoticed: FileChange[] = [];
  const wanted: ContextNode[] = [];
  const different: ListDifference = { result: 'different', unnoticed: [], wanted: [] };
  if (before.length !== now.length) return different;
  let isKnown = true;
  for (const [index, one] of now.entries()) {
    const other = before[index];
    if (other === undefined || other.entry.type !== one.entry.type) return different;
    if (rules.hashesPaths ? other.path !== one.path : other.name !== one.name) return different;
    if (other.path !== one.path) unnoticed.push({ path: one.path, change: 'added' });
    const state = compareStates(other, one, rules);
    if (state === 'different') return different;
    if (state === 'unnoticed')
      unnoticed.push({ path: one.path, change: one.entry.type === 'dir' ? 'mode' : 'content' });
    if (state === 'unknown') {
      isKnown = false;
      for (const { node } of [other, one])
        if (node.entry?.type === 'file' && node.digest === undefined) wanted.push(node);
    }
  }
  return { result: isKnown ? 'same' : 'unknown', unnoticed, wanted };
}

function compareStates(
  before: TakenEntry,
  now: TakenEntry,
  { isMirrored, held }: ListRules,
): 'same' | 'different' | 'unnoticed' | 'unknown' {
  const [a, b] = [before.entry, now.entry];
  if (held === undefined) return compareFiles(before, now);
  const isSamePath = before.node === now.node;
  // a directory that moved is one that is received anew
  if (a.type === 'dir') {
    if (a.mode !== b.mode) return isMirrored && isSamePath ? 'unnoticed' : 'unknown';
    return isMirrored || !isDoubtful(now.node, held) ? 'same' : 'unknown';
  }
  if (a.type === 'symlink') return a.target === b.target ? 'same' : 'different';
  if (a.mode !== b.mode) return 'different';
  if (a.type !== 'file') return 'same';
  if (a.size !== b.size) return 'different';
  if (a.size === 0) return 'same';
  if (isSamePath && a.ctime === b.ctime && a.ino === b.ino) {
    return isMirrored || !isDoubtful(now.node, held) ? 'same' : 'unknown';
  }
  const isKnown = before.digest !== undefined && now.digest !== undefined;
  if (isMirrored && isSamePath && looksSame(a, b)) {
    return isKnown && before.digest !== now.digest ? 'unnoticed' : 'same';
  }
  if (!isKnown || !wasReceived(before.node, { ...a, digest: before.digest }, held) || !willBeReceived(now.node, held))
    return 'unknown';
  return before.digest === now.digest ? 'same' : 'different';
}

/** Of files that both are received whole. */
function compareFiles(before: TakenEntry, now: TakenEntry): 'same' | 'different' | 'unknown' {
  const [a, b] = [before.entry, now.entry];
  if (a.type === 'symlink') return a.target === b.target ? 'same' : 'different';
  if (a.mode !== b.mode) return 'different';
  if (a.type !== 'file') return 'same';
  if (a.size !== b.size) return 'different';
  if (a.size === 0) return 'same';
  if (before.digest === undefined || now.digest === undefined) return 'unknown';
  return before.digest === now.digest ? 'same' : 'different';
}
