import { sameState, type Entry, type Version } from './entry';
import { SameDirectory } from './sameDirectory';
import type { ContextNode, ContextTree, TimeSpan } from './tree';

/** More transfers than these are not looked through for each file. */
const MAX_TRANSFERS = 64;

interface Transfer {
  readonly span: TimeSpan;
  readonly directories: SameDirectory;
}

/**
 * All transfers of a context to a builder that are known. A transfer takes a file of equal size, time and mode for the
 * one of the transfer before it, and keeps those bytes (tonistiigi/fsutil diff.go): so where no two transfers found such
 * files with different content at a path, each gave the builder the bytes that the file had.
 */
export class KnownTransfers {
  private readonly transfers: readonly Transfer[];

  /** @param spans when the transfers were, in any order. */
  constructor(
    private readonly tree: ContextTree,
    spans: readonly TimeSpan[],
  ) {
    const inOrder = [...spans].sort((a, b) => a.start - b.start);
    this.transfers =
      inOrder.length > MAX_TRANSFERS
        ? []
        : inOrder.map((span) => ({ span, directories: new SameDirectory(tree, span) }));
  }

  /**
   * Had, and will have, the builder the bytes of this state of a file whenever that was what it was given? False when
   * that cannot be told.
   */
  gaveBytesOf(node: ContextNode, state: Entry & { readonly digest?: string | undefined }): boolean {
    // of an inode with several names the builder makes one file, and it may keep that of another name
    if (state.type !== 'file' || state.links > 1) return false;
    return this.every(
      node,
      (then) => !mayLookSame(then, state),
      (then) =>
        then.links === 1 && (sameState(then, state) || (then.digest !== undefined && then.digest === state.digest)),
    );
  }

  /** The same of the mode of a directory: of one that it has, a builder notices no other mode. */
  gaveModeOf(node: ContextNode, { type, mode }: Entry): boolean {
    if (type !== 'dir') return false;
    return this.every(
      node,
      (then) => then.type !== 'dir',
      (then) => then.mode === mode,
    );
  }

  /**
   * Did every transfer find what is no match for a state, or what equals it? The first one must have found no match: what
   * was transferred before it nobody knows.
   */
  private every(
    node: ContextNode,
    isNoMatch: (then: Version | Absent) => boolean,
    isEqual: (then: Version) => boolean,
  ): boolean {
    if (this.transfers.length === 0 || rootOf(node) !== this.tree.root) return false;
    return this.transfers.every((transfer, index) => {
      const then = stateDuring(node, transfer);
      if (then === undefined) return false;
      return isNoMatch(then) || (index > 0 && then.type !== 'absent' && isEqual(then));
    });
  }
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
