import type { Entry } from './entry';
import { isSuspect, type HeldCopy } from './received';
import type { Selection } from './selection';
import type { ChangeCount, ContextNode } from './tree';

/** Times of which it is kept what changed since. */
const MAX_TIMES = 64;
/** Where more than this part of all changed, all is looked through. */
const FEW = 1 / 8;

/**
 * What is added up of a selection. With very many files adding up takes longer than all else in a prediction, and from
 * one prediction to the next mostly one file changes: so only what changed is added and taken off.
 */
export class Totals {
  /** No path that is taken, or on the way to it, changed later than this. */
  newest = -Infinity;
  /** Bytes of the regular files. */
  fileBytes = 0;
  /** Bytes of the target texts of links. */
  linkBytes = 0;
  /** Paths whose inode has other names, too. */
  shared = 0;
  private readonly nodes: readonly ContextNode[];
  /** Positions of paths that may be doubtful, in ascending order. */
  private suspects: number[] = [];
  /** The same of what was changed at a time or later; undefined: too many. */
  private readonly changedSince = new Map<number, number[] | undefined>();
  /** Up to where the changes were followed; undefined: nothing was added up yet. */
  private position: number | undefined;

  constructor(
    private readonly selection: Selection,
    private readonly changes: ChangeCount,
    private readonly held: HeldCopy,
  ) {
    this.nodes = [...selection.nodes];
  }

  /** Does it tell which paths are suspect with this copy? */
  isFor({ firstTransfer, heldSince }: HeldCopy): boolean {
    return this.held.firstTransfer === firstTransfer && this.held.heldSince === heldSince;
  }

  /** Catches up with what changed. To be called while the selection is valid: no path came, went or became another thing. */
  refresh(): void {
    const { position, changes } = this;
    if (position === changes.position) return;
    const news = position === undefined ? undefined : changes.since(position);
    this.position = changes.position;
    if (news === undefined) {
      this.count();
      return;
    }
    const before = new Map<ContextNode, Entry | undefined>();
    for (const change of news) if (!before.has(change.node)) before.set(change.node, change.before);
    for (const [node, entry] of before) {
      if (this.selection.nodes.has(node)) this.replace(node, entry);
      if (this.selection.way.has(node)) this.seeTime(node.entry);
    }
  }

  /** Paths that {@link isSuspect} holds for. */
  *suspicious(): Generator<ContextNode> {
    for (const index of this.suspects) {
      const node = this.nodes[index];
      if (node !== undefined) yield node;
    }
  }

  /** What is taken and was changed at this time or later, in the order of the selection; at most a part of it needs a look. */
  since(start: number): ReadonlySet<ContextNode> {
    if (!this.changedSince.has(start)) {
      if (this.changedSince.size >= MAX_TIMES) this.changedSince.clear();
      const found: number[] = [];
      for (const [index, { entry }] of this.nodes.entries()) if (isSince(entry, start)) found.push(index);
      this.changedSince.set(start, found.length > this.nodes.length * FEW ? undefined : found);
    }
    const known = this.changedSince.get(start);
    return known === undefined ? this.selection.nodes : new Set(known.flatMap((index) => this.nodes[index] ?? []));
  }

  private count(): void {
    this.newest = -Infinity;
    this.fileBytes = 0;
    this.linkBytes = 0;
    this.shared = 0;
    this.suspects = [];
    this.changedSince.clear();
    const { nodes, held } = this;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index];
      if (node === undefined) continue;
      this.add(node.entry, 1);
      if (isSuspect(node, held)) this.suspects.push(index);
    }
    for (const { entry } of this.selection.way) this.seeTime(entry);
  }

  private replace(node: ContextNode, before: Entry | undefined): void {
    const index = this.nodes.indexOf(node);
    this.add(before, -1);
    this.add(node.entry, 1);
    note(this.suspects, index, isSuspect(node, this.held));
    for (const [start, known] of this.changedSince) {
      if (known !== undefined) note(known, index, isSince(node.entry, start));
    }
  }

  private add(entry: Entry | undefined, sign: 1 | -1): void {
    if (sign === 1) this.seeTime(entry);
    if (entry === undefined) return;
    if (entry.type === 'file') this.fileBytes += sign * entry.size;
    if (entry.type === 'symlink') this.linkBytes += sign * entry.size;
    if (entry.links > 1) this.shared += sign;
  }

  private seeTime(entry: Entry | undefined): void {
    const time = entry?.ctime ?? Infinity;
    if (time > this.newest) this.newest = time;
  }
}

function isSince(entry: Entry | undefined, start: number): boolean {
  return (entry?.ctime ?? Infinity) >= start;
}

/** Adds a number to, or removes it from, an ascending list. */
function note(list: number[], value: number, isIn: boolean): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  const wasIn = list[low] === value;
  if (isIn && !wasIn) list.splice(low, 0, value);
  else if (!isIn && wasIn) list.splice(low, 1);
}
