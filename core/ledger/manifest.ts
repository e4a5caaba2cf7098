import { compileIgnore } from '../context/ignoreMatcher';
import type { Entry, EntryType, Version } from '../context/entry';
import { ContextTree, type ContextNode, type TimeSpan } from '../context/tree';
import { Visibility } from '../context/visibility';

/** One path of a build context: type, mode, size, last change, digest of its content, target of a link. */
export type ManifestEntry = readonly [
  path: string,
  type: EntryType,
  mode: number,
  size: number,
  ctime: number,
  digest?: string | null,
  target?: string,
];

/** What the build context of one build was. No contents. */
export interface Manifest {
  /** The ignore patterns of the build. */
  readonly patterns: readonly string[];
  /** Directories before what is in them. */
  readonly entries: readonly ManifestEntry[];
  /** Paths that were written so soon before or after that nobody knows what the build saw. */
  readonly unknown: readonly string[];
}

/** Writes down what a build context was during all of a span, as far as it is remembered. */
export function takeManifest(tree: ContextTree, patterns: readonly string[], span: TimeSpan): Manifest {
  const sees = new Visibility(compileIgnore(patterns).matcher);
  const entries: ManifestEntry[] = [];
  const unknown: string[] = [];
  const visit = (node: ContextNode): void => {
    const { parent } = node;
    if (parent !== undefined && !isSent(sees, node, parent)) return;
    const state = stateDuring(node, span);
    if (state === 'unknown') unknown.push(node.path);
    else if (state !== 'absent' && parent !== undefined) entries.push(entryOf(node.path, state));
    for (const child of node.children?.values() ?? []) visit(child);
  };
  visit(tree.root);
  return { patterns, entries, unknown };
}

function isSent(sees: Visibility, node: ContextNode, parent: ContextNode): boolean {
  return node.entry === undefined ? sees.wouldSee(parent, node.name) !== false : sees.sees(node);
}

/** A path that is not known to have been there may have been absent: then its folder's names of then do not have it. */
function stateDuring(node: ContextNode, span: TimeSpan): Version | 'absent' | 'unknown' {
  const state = node.stateAt(span);
  if (state !== undefined) return state;
  const names = node.parent?.stateAt(span)?.names;
  if (names !== undefined && !names.includes(node.name)) return 'absent';
  const wasGone = node.entry === undefined && node.versions.every(({ seenTo }) => seenTo < span.start);
  return wasGone ? 'absent' : 'unknown';
}

function entryOf(path: string, state: Version): ManifestEntry {
  const { type, mode, size, ctime, digest, target } = state;
  if (target !== undefined) return [path, type, mode, size, ctime, digest ?? null, target];
  return digest === undefined ? [path, type, mode, size, ctime] : [path, type, mode, size, ctime, digest];
}

/** The tree that a manifest was taken of, as it was then. */
export function treeOf({ entries }: Pick<Manifest, 'entries'>): ContextTree {
  const tree = new ContextTree();
  tree.root.observe(plainEntry('dir', 0o755, 0, 0), 1);
  for (const [path, type, mode, size, ctime, digest, target] of entries) {
    const node = tree.node(path, true);
    if (node === undefined) continue;
    const entry = plainEntry(type, mode, size, ctime);
    node.observe(target === undefined ? entry : { ...entry, target }, 1);
    node.digest = digest ?? undefined;
  }
  return tree;
}

function plainEntry(type: EntryType, mode: number, size: number, ctime: number): Entry {
  return { type, mode, size, mtime: 0, ctime, ino: 0, links: 1 };
}
