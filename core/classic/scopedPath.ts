import { clean } from '../context/goPath';
import type { ContextNode, ContextTree } from '../context/tree';
import type { SentContext } from './sentContext';

/** Links that may be followed for one path (moby/sys/symlink fs.go evalSymlinksInScope). */
const MAX_LINKS = 255;

/** Where a path of the context leads to. */
export interface ScopedPath {
  /** Relative to the context, links followed; what does not exist stays as it is written. Empty for the context. */
  readonly path: string;
  /** Undefined: there is nothing. */
  readonly node: ContextNode | undefined;
}

/**
 * Follows the links of a path as if the context were the root (moby/sys/symlink fs.go FollowSymlinkInScope); undefined
 * where the builder gives up: too many links, or a path through a file.
 */
export function followInScope(tree: ContextTree, sees: SentContext, path: string): ScopedPath | undefined {
  let left = path;
  let done = '';
  let links = 0;
  while (left !== '') {
    const slash = left.indexOf('/');
    const part = slash < 0 ? left : left.slice(0, slash);
    left = slash < 0 ? '' : left.slice(slash + 1);
    if (part === '') continue;
    const next = clean(`/${done}${part}`);
    if (next === '/') {
      done = '';
      continue;
    }
    const found = lookUp(tree, sees, next.slice(1));
    if (found === 'not a directory') return undefined;
    if (found?.entry?.type !== 'symlink') {
      done += `${part}/`;
      continue;
    }
    if (++links > MAX_LINKS) return undefined;
    const target = found.entry.target ?? '';
    if (target.startsWith('/')) done = '';
    left = `${target}/${left}`;
  }
  const end = clean(`/${done}`).slice(1);
  const node = lookUp(tree, sees, end);
  return node === 'not a directory' ? undefined : { path: end, node };
}

/** What a cleaned path without links names, links on the way not followed. */
function lookUp(tree: ContextTree, sees: SentContext, path: string): ContextNode | 'not a directory' | undefined {
  let node = tree.root;
  if (path === '') return node;
  for (const name of path.split('/')) {
    if (node.entry?.type !== 'dir') return 'not a directory';
    const child = node.child(name);
    if (child === undefined || !sees.sees(child)) return undefined;
    node = child;
  }
  return node;
}
