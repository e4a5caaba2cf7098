import type { FileChange } from '../model';
import { looksSame, NOTHING_HELD, wasReceived, willBeReceived, type HeldCopy } from './received';
import type { Selection } from './selection';
import type { ContextNode } from './tree';

/** How two selections of the present context differ. */
export interface SelectionDifference {
  readonly changes: readonly FileChange[];
  /** What an incremental transfer may not notice: modes of directories, files whose bytes it may have kept. */
  readonly unnoticed: readonly FileChange[];
  /** Files whose content would decide. */
  readonly wanted: readonly ContextNode[];
  /** Files of equal size, time and mode whose content differs: a builder that still has the others takes those. */
  readonly hidden: readonly FileChange[];
  /** Files whose content would only tell whether there is something hidden. */
  readonly unread: readonly ContextNode[];
}

/**
 * Compares what was taken with other ignore patterns or under other names with what is taken now. Only for plainly
 * named sources: each has one top on either side.
 *
 * `isMirrored`: the builder still holds what was taken before, under the same paths.
 */
export function compareSelections(
  before: Selection,
  now: Selection,
  held: HeldCopy = NOTHING_HELD,
  isMirrored = false,
): SelectionDifference {
  const changes: FileChange[] = [];
  const unnoticed: FileChange[] = [];
  const wanted: ContextNode[] = [];
  const hidden: FileChange[] = [];
  const unread: ContextNode[] = [];

  const compare = (a: ContextNode, b: ContextNode): void => {
    const [x, y] = [a.entry, b.entry];
    const path = b.path;
    if (x === undefined || y?.type !== x.type) changes.push({ path, change: 'type' });
    else if (x.target !== y.target) changes.push({ path, change: 'link' });
    else if (x.type === 'dir') {
      // the mode of the context itself does not count
      if (x.mode !== y.mode && a.parent !== undefined && b.parent !== undefined)
        unnoticed.push({ path, change: 'mode' });
      compareNames(a, b);
    } else if (a !== b) compareFiles(a, b);
  };

  const compareNames = (a: ContextNode, b: ContextNode): void => {
    for (const child of a.children?.values() ?? []) {
      if (!before.nodes.has(child)) continue;
      const other = b.child(child.name);
      if (other === undefined || !now.nodes.has(other)) {
        changes.push({ path: b.path === '' ? child.name : `${b.path}/${child.name}`, change: 'removed' });
      } else compare(child, other);
    }
    for (const child of b.children?.values() ?? []) {
      if (!now.nodes.has(child)) continue;
      const other = a.child(child.name);
      if (other === undefined || !before.nodes.has(other)) changes.push({ path: child.path, change: 'added' });
    }
  };

  const compareFiles = (a: ContextNode, b: ContextNode): void => {
    const [x, y] = [a.entry, b.entry];
    const path = b.path;
    if (x?.mode !== y?.mode && x?.type !== 'symlink') changes.push({ path, change: 'mode' });
    else if (x?.type !== 'file') return;
    else if (x.size !== y?.size) changes.push({ path, change: 'content' });
    else if (x.size > 0) {
      if (isMirrored && a.path === b.path && looksSame(x, y)) {
        if (a.digest !== b.digest && a.digest !== undefined && b.digest !== undefined) {
          hidden.push({ path, change: 'content' });
        } else if (a.digest !== undefined && b.digest === undefined) unread.push(b);
        return;
      }
      const missing = [a, b].filter((node) => node.digest === undefined);
      if (missing.length > 0) wanted.push(...missing);
      else if (!wasReceived(a, { ...x, digest: a.digest }, held) || !willBeReceived(b, held))
        unnoticed.push({ path, change: 'content' });
      else if (a.digest !== b.digest) changes.push({ path, change: 'content' });
    }
  };

  for (const top of now.tops) {
    const other = before.tops.find((one) => one.selector === top.selector);
    if (other === undefined) changes.push({ path: top.named.path, change: 'added' });
    else compare(other.node, top.node);
  }
  return { changes, unnoticed, wanted, hidden, unread };
}

/** Do two selections take the very same paths? */
export function takesSamePaths(before: Selection, now: Selection): boolean {
  if (before.nodes.size !== now.nodes.size || before.tops.length !== now.tops.length) return false;
  for (const node of before.nodes) if (!now.nodes.has(node)) return false;
  return before.tops.every((top, index) => top.node === now.tops[index]?.node);
}
