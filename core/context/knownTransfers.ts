import { sameState, type Entry, type Version } from './entry';
import { SameDirectory } from './sameDirectory';
import type { ContextNode, ContextTree, TimeSpan } from './tree';

/** Transfers that are looked at for each path, the newest. */
const MAX_TRANSFERS = 64;

interface Transfer {
  readonly span: TimeSpan;
  readonly directories: SameDirectory;
}

/**
 * All transfers of a context to a builder that are known. A transfer takes a file of equal size, time and mode for the
 * one of the transfer before it, and keeps those bytes (tonistiigi/fsutil diff.go): so where no two transfers found such
 * files with different content at a path, each gave the builder the bytes that the file had. What lay at the path before
 * a transfer that found no such file does not count, unless the builder has several copies of the context: it makes
 * another one where the first is in use (cache/refs.go), so for transfers at the same time.
 */
export class KnownTransfers {
  /** The newest, in order. */
  private readonly transfers: readonly Transfer[];
  /** Of these, how many follow only such as were one after the other. */
  private readonly oneByOne: number;

  /** @param spans when the transfers were, in any order. */
  constructor(
    private readonly tree: ContextTree,
    spans: readonly TimeSpan[],
  ) {
    const inOrder = [...spans].sort((a, b) => a.start - b.start);
    const left = Math.max(0, inOrder.length - MAX_TRANSFERS);
    const together = inOrder.findIndex(({ start }, index) => start <= (inOrder[index - 1]?.end ?? -Infinity));
    this.oneByOne = (together < 0 ? inOrder.length : together) - left;
    this.transfers = inOrder.slice(left).map((span) => ({ span, directories: new SameDirectory(tree, span) }));
  }

  /**
   * Had the builder the bytes of this state of a file when that was what it was given? False when that cannot be told, or
   * it never was.
   */
  hadBytesOf(node: ContextNode, state: FileState): boolean {
    const last = this.transfers.findLastIndex((transfer) => {
      const then = stateDuring(node, transfer);
      return then !== undefined && then.type !== 'absent' && sameState(then, state);
    });
    return last >= 0 && this.hasBytesOf(node, state, last);
  }

  /** Will the builder have them after the next transfer, if the file is in this state then? */
  willHaveBytesOf(node: ContextNode, state: FileState): boolean {
    return this.hasBytesOf(node, state, this.transfers.length - 1);
  }

  /** The same of the mode of a directory: of one that it has, a builder notices no other mode. */
  willHaveModeOf(node: ContextNode, { type, mode }: Entry): boolean {
    if (type !== 'dir') return false;
    return this.isGiven(node, this.transfers.length - 1, {
      isNoMatch: (then) => then.type !== 'dir',
      isEqual: (then) => then.mode === mode,
    });
  }

  private hasBytesOf(node: ContextNode, state: FileState, last: number): boolean {
    // of an inode with several names the builder makes one file, and it may keep that of another name
    if (state.type !== 'file' || state.links > 1) return false;
    return this.isGiven(node, last, {
      isNoMatch: (then) => !mayLookSame(then, state),
      isEqual: (then) =>
        then.links === 1 && (sameState(then, state) || (then.digest !== undefined && then.digest === state.digest)),
    });
  }

  /**
   * Did every transfer up to the last of these find what equals a state, since one that found no match for it? That one
   * may be the first of all: what was transferred before it nobody knows.
   */
  private isGiven(node: ContextNode, last: number, { isNoMatch, isEqual }: Likeness): boolean {
    if (rootOf(node) !== this.tree.root) return false;
    for (let index = last; index >= 0; index--) {
      const transfer = this.transfers[index];
      const then = transfer && stateDuring(node, transfer);
      if (then === undefined) return false;
      if (isNoMatch(then)) {
        if (index < this.oneByOne) return true;
      } else if (then.type === 'absent' || !isEqual(then)) return false;
    }
    return false;
  }
}

/** A state with the digest of the content, where it was read. */
type FileState = Entry & { readonly digest?: string | undefined };

/** How a builder takes what lay at a path before for what lies there now. */
interface Likeness {
  readonly isNoMatch: (then: Version | Absent) => boolean;
  /** Taken for it, and as good. */
  readonly isEqual: (then: Version) => boolean;
}

const ABSENT = { type: 'absent' } as const;
type Absent = typeof ABSENT;

/** What was at a path during a transfer; undefined when that is not known. */
function stateDuring(node: ContextNode, transfer: Transfer): Version | Absent | undefined {
  const { parent } = node;
  if (parent === undefined) return undefined;
  const { span, directories } = transfer;
  if (directories.isSame(parent)) {
    const state = node.stateAt(span);
    if (state !== undefined) return state;
  }
  return wasAbsent(node, transfer) ? ABSENT : undefined;
}

/** Did the nearest directory above that is known from then lack the name that leads here? */
function wasAbsent(node: ContextNode, transfer: Transfer): boolean {
  const { parent } = node;
  if (parent === undefined) return false;
  const above = parent.stateAt(transfer.span);
  if (above === undefined) return wasAbsent(parent, transfer);
  // another directory at this path tells nothing of what is in it now, but it is not a directory of another path
  const isThere = parent.parent === undefined || transfer.directories.isSame(parent.parent);
  return isThere && above.names?.includes(node.name) === false;
}

/** Might the builder take one for the other? Whether an inode has several names is not looked at. */
function mayLookSame(then: Version | Absent, state: Entry): boolean {
  return then.type === 'file' && then.size === state.size && then.mtime === state.mtime && then.mode === state.mode;
}

function rootOf(node: ContextNode): ContextNode {
  let top = node;
  while (top.parent !== undefined) top = top.parent;
  return top;
}
