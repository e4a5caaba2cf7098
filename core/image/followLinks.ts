import type { EntryPlace, StackedTree, StackNode } from './stackedTree';

/** Links that are followed for one path; Linux allows as many (path_resolution(7)). */
const MAX_LINKS = 40;

/** Where a path leads once its symbolic links are followed. */
export type Followed =
  /** Relative to the root of the image, without links. */
  | { readonly kind: 'found'; readonly path: string; readonly node: StackNode }
  | { readonly kind: 'nothing' }
  /** Links lead to each other, or there are too many of them; `link` is the last one that was not followed. */
  | { readonly kind: 'loop'; readonly link: string };

/** What following needs to know of the entry at a place. */
export interface LinkEntries {
  readonly linkAt: (place: EntryPlace) => string | undefined;
}

/**
 * Follows the symbolic links of a path within an image, as a container would: a target that begins with `/` begins at the
 * root of the image, and `..` never leads out of it.
 */
export function followLinks(tree: StackedTree, path: string, { linkAt }: LinkEntries): Followed {
  let node = tree.root;
  let parts = path.split('/');
  let links = 0;
  while (parts.length > 0) {
    const [name = '', ...rest] = parts;
    parts = rest;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      node = node.parent ?? tree.root;
      continue;
    }
    const child = node.children?.get(name);
    if (child === undefined) return { kind: 'nothing' };
    const target = child.place && linkAt(child.place);
    if (target === undefined) {
      node = child;
      continue;
    }
    if (++links > MAX_LINKS) return { kind: 'loop', link: child.path };
    if (target.startsWith('/')) node = tree.root;
    parts = [...target.split('/'), ...parts];
  }
  return { kind: 'found', path: node === tree.root ? '' : node.path, node };
}
