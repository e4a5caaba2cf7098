import { TICK, type Entry } from './entry';
import type { KnownTransfers } from './knownTransfers';
import type { ContextNode, TimeSpan } from './tree';

/**
 * What is known of the copy that a builder keeps of a context. It takes a file of equal size, time and mode for the same
 * and keeps its old bytes (tonistiigi/fsutil diff.go), so that what it has need not be what the files are.
 */
export interface HeldCopy {
  /** When the first known transfer of a context of this name began, by this machine's clock; Infinity for none. */
  readonly firstTransfer: number;
  /** Since when files may be held that the next transfer is compared with; Infinity: there are none. */
  readonly heldSince: number;
  /** The transfer whose files are held, if that is known. */
  readonly mirror: TimeSpan | undefined;
  /** All transfers that it may have come from; undefined when they are not known. */
  readonly transfers: KnownTransfers | undefined;
}

/** Nothing was ever transferred: what the builder gets is what the files are. */
export const NOTHING_HELD: HeldCopy = {
  firstTransfer: Infinity,
  heldSince: Infinity,
  mirror: undefined,
  transfers: undefined,
};

/**
 * Were the bytes of a state certainly transferred when they were asked for? Bytes that were written at the time that the
 * file says are no older ones; nor are those that did not change since before there was anything to compare with.
 */
function isSincere(entry: Entry, since: number): boolean {
  return Math.abs(entry.ctime - entry.mtime) <= TICK || entry.ctime < since;
}

/** Had the builder at a past build the bytes that the file at a path had then? */
export function wasReceived(
  node: ContextNode,
  then: Entry & { readonly digest?: string | undefined },
  held: HeldCopy,
): boolean {
  return isSincere(then, held.firstTransfer) || held.transfers?.hadBytesOf(node, then) === true;
}

/** Will the builder have the bytes that the file has now? */
export function willBeReceived(node: ContextNode, held: HeldCopy): boolean {
  const { entry } = node;
  if (entry === undefined || isSincere(entry, held.heldSince)) return true;
  if (held.mirror !== undefined) {
    const kept = node.stateAt(held.mirror);
    if (kept === undefined ? wasAbsent(node, held.mirror) : !looksSame(kept, entry)) return true;
  }
  return held.transfers?.willHaveBytesOf(node, stateNow(node, entry)) === true;
}

/** Had the builder, and will it have, the bytes of the present state, as all transfers tell? */
function isKnownToBeGiven(node: ContextNode, entry: Entry, { transfers }: HeldCopy): boolean {
  const state = stateNow(node, entry);
  return transfers !== undefined && transfers.hadBytesOf(node, state) && transfers.willHaveBytesOf(node, state);
}

/** The present state, with a digest only where it is good beyond this moment. */
function stateNow(node: ContextNode, entry: Entry): Entry & { readonly digest: string | undefined } {
  return { ...entry, digest: node.digestKept ? node.digest : undefined };
}

/** Is it known that there was nothing at a path during a span of time? */
function wasAbsent(node: ContextNode, span: TimeSpan): boolean {
  const { parent } = node;
  if (parent === undefined) return false;
  const above = parent.stateAt(span);
  return above === undefined ? wasAbsent(parent, span) : above.names?.includes(node.name) === false;
}

/** Does the builder see no difference between two states of a path? Names of one inode are told apart from files. */
export function looksSame(a: Entry, b: Entry): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.mode === b.mode && a.links === 1 && b.links === 1;
}

/** May the builder have had other bytes of a file, or another mode of a folder, since it is what it is? */
export function isDoubtful(node: ContextNode, held: HeldCopy): boolean {
  const { entry, versions } = node;
  if (versions.length > 0 && changedQuietly(node))
    return entry?.type !== 'file' || !isKnownToBeGiven(node, entry, held);
  if (entry?.type === 'file')
    return entry.size > 0 && !(willBeReceived(node, held) && wasReceived(node, stateNow(node, entry), held));
  // the mode of the context itself does not count; of a folder that was watched changed modes are known
  if (entry?.type !== 'dir' || node.parent === undefined || versions.length > 0) return false;
  return entry.ctime >= held.firstTransfer && held.transfers?.willHaveModeOf(node, entry) !== true;
}

/**
 * May {@link isDoubtful} hold for a path, now or after further looks that find it the same? Follows from what is known
 * of the path itself, and is true of few paths: so it is asked once, and the whole question for those each time.
 */
export function isSuspect(node: ContextNode, held: HeldCopy): boolean {
  const { entry, versions } = node;
  if (versions.length > 0 && changedQuietly(node)) return true;
  if (entry?.type === 'file') {
    return entry.size > 0 && !(isSincere(entry, held.firstTransfer) && isSincere(entry, held.heldSince));
  }
  return isDoubtful(node, held);
}

/** Did the path ever change while size, time and mode stayed (a file), or get another mode (a directory)? */
export function changedQuietly(node: ContextNode): boolean {
  const states = [...node.versions, ...(node.entry === undefined ? [] : [{ ...node.entry, digest: node.digest }])];
  return states.some((one, index) => states.slice(index + 1).some((later) => differQuietly(one, later)));
}

function differQuietly(
  a: Entry & { digest?: string | undefined },
  b: Entry & { digest?: string | undefined },
): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'dir') return a.mode !== b.mode;
  if (a.type !== 'file' || a.size !== b.size || a.mtime !== b.mtime || a.mode !== b.mode) return false;
  return a.digest === undefined || a.digest !== b.digest;
}
