import type { ContextNode, ContextTree, TimeSpan } from './tree';

/**
 * Tells whether the directory at a path is the one that was there during a span of time. Only then do the time stamps in
 * it speak of this path: renaming a directory leaves them alone.
 */
export class SameDirectory {
  private readonly same = new Map<ContextNode, boolean>();

  constructor(
    private readonly tree: ContextTree,
    private readonly span: TimeSpan,
  ) {}

  /** Was the path last changed before the span? */
  unchanged(node: ContextNode): boolean {
    return (node.entry?.ctime ?? Infinity) < this.span.start;
  }

  isSame(node: ContextNode): boolean {
    let same = this.same.get(node);
    if (same === undefined) {
      const { parent } = node;
      same = (this.unchanged(node) || this.sameInode(node)) && (parent === undefined || this.isSame(parent));
      this.same.set(node, same);
    }
    return same;
  }

  private sameInode(node: ContextNode): boolean {
    const then = node.stateAt(this.span);
    if (then !== undefined) return then.ino === node.entry?.ino;
    const { parent } = node;
    // nothing was moved into a directory that did not change
    if (parent !== undefined) return this.unchanged(parent) && this.isSame(parent);
    if ((this.tree.parentChanged ?? Infinity) < this.span.start) return true;
    // the context itself: every look at it found this very directory, the first one before the build
    return (
      node.versions.length > 0 &&
      node.versions.every((one) => one.ino === node.entry?.ino && one.type === 'dir') &&
      (node.versions[0]?.seenTo ?? Infinity) < this.span.start
    );
  }
}
