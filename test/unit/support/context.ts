import type { Entry } from '../../../core/context/entry';
import { ContextTree } from '../../../core/context/tree';

/** One path: `d/` is a directory, `l ->t` a link; `=` gives the content, whose text is also its digest. */
export interface File {
  readonly path: string;
  /** Milliseconds of the last change. */
  readonly at: number;
  readonly content?: string;
  readonly mode?: number;
  readonly mtime?: number;
  readonly ino?: number;
  readonly target?: string;
  /** False: nobody read the content. */
  readonly read?: boolean;
}

/** Looks at a build context at a moment: every file that is not named is gone. */
export function look(tree: ContextTree, now: number, files: readonly File[]): void {
  const paths = new Set(files.map(({ path }) => path.replace(/\/$/, '')));
  // directories first see their new state, then their new names
  for (const file of files) {
    const node = tree.node(file.path.replace(/\/$/, ''), true);
    if (node === undefined) continue;
    const entry = entryOf(file);
    node.observe(entry, now);
    if (entry.type === 'dir') node.listedAt = now;
    if (entry.type === 'file' && file.read !== false) {
      node.observeContent(entry, { digest: file.content ?? '', archive: false }, now);
    }
  }
  for (const node of tree.nodes()) if (node.parent !== undefined && !paths.has(node.path)) node.observeGone();
}

function entryOf(file: File): Entry {
  const { path, at, content = '', mode = 0o644, mtime = at, target } = file;
  const isDirectory = path === '' || path.endsWith('/');
  const ino = file.ino ?? [...path].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7);
  const common = { mode: isDirectory ? (file.mode ?? 0o755) : mode, mtime, ctime: at, ino, links: 1 };
  if (isDirectory) return { type: 'dir', size: 0, ...common };
  if (target !== undefined) return { type: 'symlink', size: target.length, target, ...common };
  return { type: 'file', size: content.length, ...common };
}

/** A context that was looked at once. */
export function contextOf(now: number, files: readonly File[]): ContextTree {
  const tree = new ContextTree();
  tree.parentChanged = 0;
  look(tree, now, files);
  return tree;
}
