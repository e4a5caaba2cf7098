import type { FileChange, FileChangeKind } from '../model';
import type { Entry, Version } from './entry';
import { goMatch } from './goMatch';
import { looksSame, NOTHING_HELD, wasReceived, willBeReceived, type HeldCopy } from './received';
import { SameDirectory } from './sameDirectory';
import type { SearchedNames, Selection } from './selection';
import type { ContextNode, ContextTree, TimeSpan } from './tree';
import type { Visibility } from './visibility';

/** How what an operation takes differs from what it was during a span of time. */
export interface Changes {
  /** Proven differences. */
  readonly proven: readonly FileChange[];
  /** Written since, but what was there before is not known. */
  readonly touched: readonly FileChange[];
  /** A directory in which something may have been added or removed since; empty text for the context itself. */
  readonly listing: string | undefined;
  /** Differs, but in a way that an incremental transfer does not notice. */
  readonly unnoticed: readonly FileChange[];
  /** Compared, but the builder may have, or have had, other bytes than the file. */
  readonly doubtful: readonly FileChange[];
  /** Files whose present content would decide. */
  readonly wanted: readonly ContextNode[];
}

/**
 * Compares what an operation takes now with what was there during `span`, a build's transfer of the context. Metadata
 * first: what was last changed before the span cannot have changed since. Only the rest is looked at.
 *
 * `isMirrored`: the builder still holds what it received in this span, so that a file of the same size, time and mode is
 * the same to it whatever it contains.
 */
export function changesSince(
  tree: ContextTree,
  selection: Selection,
  sees: Visibility,
  span: TimeSpan,
  held: HeldCopy = NOTHING_HELD,
  isMirrored = false,
): Changes {
  return new Comparing(tree, selection, sees, span, held, isMirrored).compare();
}

class Comparing {
  private readonly proven: FileChange[] = [];
  private readonly touched: FileChange[] = [];
  private readonly unnoticed: FileChange[] = [];
  private readonly doubtful: FileChange[] = [];
  private readonly wanted: ContextNode[] = [];
  private readonly directories: SameDirectory;
  private listing: string | undefined;

  constructor(
    private readonly tree: ContextTree,
    private readonly selection: Selection,
    private readonly sees: Visibility,
    private readonly span: TimeSpan,
    private readonly held: HeldCopy,
    private readonly isMirrored: boolean,
  ) {
    this.directories = new SameDirectory(tree, span);
  }

  compare(): Changes {
    const { selection, span } = this;
    for (const node of selection.way) {
      if (this.directories.unchanged(node)) continue;
      if (node.entry?.type === 'symlink') this.link(node);
      else if (!this.directories.isSame(node)) {
        this.listing ??= node.path;
        continue;
      }
      const searched = selection.searched.get(node);
      if (searched !== undefined) this.names(node, (name) => relevance(searched, name));
    }
    for (const node of selection.nodes) {
      if ((node.entry?.ctime ?? Infinity) < span.start) continue;
      if (node.parent !== undefined && !this.directories.isSame(node.parent)) {
        // what was remembered of this path was seen in another folder
        this.listing ??= node.parent.path;
        continue;
      }
      if (node.entry?.type === 'dir') this.directory(node);
      else this.file(node);
    }
    const { proven, touched, listing, unnoticed, doubtful, wanted } = this;
    return { proven, touched, listing, unnoticed, doubtful, wanted };
  }

  private link(node: ContextNode): void {
    const then = node.stateAt(this.span);
    // it leads elsewhere now: there may be the same content
    if (then === undefined || then.target !== node.entry?.target) {
      this.touched.push({ path: node.path, change: (then?.type ?? 'symlink') === 'symlink' ? 'link' : 'type' });
    }
  }

  private directory(node: ContextNode): void {
    if (!this.directories.isSame(node)) {
      this.listing ??= node.path;
      return;
    }
    this.names(node, () => 'taken');
    const then = node.stateAt(this.span);
    if (then === undefined || node === this.tree.root) return;
    if (this.wasFollowed(node, then)) this.touched.push({ path: node.path, change: 'type' });
    else if (then.type !== 'dir') this.proven.push({ path: node.path, change: 'type' });
    else if (then.mode !== node.entry?.mode) {
      // a builder that keeps nothing receives the folder with its mode
      const isNoticed = this.held.heldSince === Infinity && then.ctime < this.held.firstTransfer;
      (isNoticed ? this.proven : this.unnoticed).push({ path: node.path, change: 'mode' });
    }
  }

  /** A source that was a link then: what it led to may have been the same. */
  private wasFollowed(node: ContextNode, then: Version): boolean {
    return (
      then.type === 'symlink' && node.entry?.type !== 'symlink' && this.selection.tops.some((top) => top.node === node)
    );
  }

  /** Compares the names in a directory with those of then. */
  private names(node: ContextNode, relevanceOf: (name: string) => Relevance): void {
    const names = node.stateAt(this.span)?.names;
    if (names === undefined) {
      this.listing ??= node.path;
      return;
    }
    const before = new Set(names);
    for (const name of names) {
      const relevance = relevanceOf(name);
      if (relevance === 'none' || node.child(name)?.entry !== undefined) continue;
      const path = node.path === '' ? name : `${node.path}/${name}`;
      const seen = this.sees.wouldSee(node, name);
      if (seen === true && relevance === 'taken') this.proven.push({ path, change: 'removed' });
      else if (seen !== false) this.listing ??= node.path;
    }
    for (const child of node.children?.values() ?? []) {
      const relevance = relevanceOf(child.name);
      if (before.has(child.name) || relevance === 'none' || !this.sees.sees(child)) continue;
      if (relevance === 'taken') this.proven.push({ path: child.path, change: 'added' });
      // a plain file leads nowhere
      else if (child.entry?.type === 'dir' || child.entry?.type === 'symlink') this.listing ??= node.path;
    }
  }

  private file(node: ContextNode): void {
    const then = node.stateAt(this.span);
    const { entry } = node;
    if (entry === undefined) return;
    if (then === undefined) {
      const listed = node.parent?.stateAt(this.span)?.names;
      if (listed?.includes(node.name) === false) return; // told as added
      this.touched.push({ path: node.path, change: 'content' });
      return;
    }
    if (this.wasFollowed(node, then)) {
      this.touched.push({ path: node.path, change: 'type' });
      return;
    }
    const change = visibleDifference(then, entry);
    if (change !== undefined) this.proven.push({ path: node.path, change });
    else if (entry.type === 'file' && entry.size > 0) this.content(node, entry, then);
  }

  /** Two files of equal size and mode. */
  private content(node: ContextNode, entry: Entry, then: Version): void {
    const change: FileChange = { path: node.path, change: 'content' };
    const isKept = this.isMirrored && looksSame(then, entry);
    if (then.digest === undefined || node.digest === undefined) {
      if (then.digest !== undefined) this.wanted.push(node);
      // of a file that the builder keeps it only matters whether there is something that it does not notice
      if (!isKept) this.touched.push(change);
      return;
    }
    const isSame = then.digest === node.digest;
    if (isKept) {
      if (!isSame) this.unnoticed.push(change);
    } else if (!wasReceived(node, then, this.held) || !willBeReceived(node, this.held)) {
      (then.mtime === entry.mtime && !isSame ? this.unnoticed : this.doubtful).push(change);
    } else if (!isSame) this.proven.push(change);
  }
}

/** What a name in a directory is to an operation: taken itself, perhaps a way to what is taken, or nothing. */
type Relevance = 'taken' | 'way' | 'none';

function relevance(searched: readonly SearchedNames[], name: string): Relevance {
  const matching = searched.filter(({ pattern }) => goMatch(pattern, name) === true);
  if (matching.length === 0) return 'none';
  return matching.some(({ leadsOn }) => !leadsOn) ? 'taken' : 'way';
}

/** What every transfer notices. */
function visibleDifference(then: Version, entry: Entry): FileChangeKind | undefined {
  if (then.type !== entry.type) return 'type';
  if (then.target !== entry.target) return 'link';
  if (entry.type !== 'symlink' && then.mode !== entry.mode) return 'mode';
  return entry.type === 'file' && then.size !== entry.size ? 'content' : undefined;
}
