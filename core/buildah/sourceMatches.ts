import { goMatch } from '../context/goMatch';
import { clean } from '../context/goPath';
import { hasWildcard } from '../context/selection';
import type { ContextNode, ContextTree } from '../context/tree';
import { compareBytes } from './contentDigest';
import type { TakenContext } from './takenContext';

/** What a COPY or ADD of the build context takes. */
export type CopySummaries =
  /** One of these stands in the history, as it depends on what is at the destination. */
  | { readonly kind: 'known'; readonly summaries: readonly string[] }
  | { readonly kind: 'unread' }
  | { readonly kind: 'failure'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** Ends a computation of summaries; it does not leave ContextCopies. */
export class NoSummary extends Error {
  constructor(readonly result: Exclude<CopySummaries, { kind: 'known' }>) {
    super(result.kind);
  }
}

/** A match of a source, links followed. */
export interface SourceMatch {
  /** As it matched, relative to the context. */
  readonly named: string;
  /** What is taken: the end of the chain, where it matched a link, or the link itself where that leads nowhere. */
  readonly node: ContextNode;
  /** The link that matched. */
  readonly link: ContextNode | undefined;
}

const MAX_LINKS = 16;

/** What a source names, sorted; with wildcards, what they find (Go filepath.Glob). */
export function sourceMatches(tree: ContextTree, source: string): SourceMatch[] {
  const path = clean(`/${source}`).slice(1);
  if (path.split('/').includes('**')) {
    throw new NoSummary({ kind: 'unknown', message: `${source}: ** is not predicted for Buildah` });
  }
  const isGlob = hasWildcard(path);
  const named = isGlob ? glob(tree, path) : [path];
  return named.flatMap((one) => {
    const node = follow(tree, one);
    if (node === undefined && !isGlob) return [];
    const itself = lookUp(tree, one);
    const link = itself?.entry?.type === 'symlink' ? itself : undefined;
    const end = node ?? link;
    return end === undefined ? [] : [{ named: one === '' ? '.' : one, node: end, link }];
  });
}

function glob(tree: ContextTree, pattern: string): string[] {
  let found = [tree.root];
  const parts = pattern.split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    found = found.flatMap((folder) => {
      const children = [...(folder.children?.values() ?? [])].filter(({ entry }) => entry !== undefined);
      const fitting = children.filter(({ name }) => (hasWildcard(part) ? goMatch(part, name) === true : name === part));
      if (!isLast && fitting.some(({ entry }) => entry?.type === 'symlink')) {
        throw new NoSummary({ kind: 'unknown', message: `${pattern} leads through a link` });
      }
      return isLast ? fitting : fitting.filter(({ entry }) => entry?.type === 'dir');
    });
  }
  return found.map(({ path }) => path).sort(compareBytes);
}

/** The end of a chain of links; links on the way to it are not followed here, and left open. */
function follow(tree: ContextTree, path: string): ContextNode | undefined {
  let at = path;
  const passed = new Set<string>();
  for (let links = 0; links < MAX_LINKS; links++) {
    const node = lookUp(tree, at);
    if (node?.entry === undefined) return undefined;
    const { target } = node.entry;
    if (node.entry.type !== 'symlink' || target === undefined) return node;
    // a link in circles fails even where it is ignored (copier/copier.go resolvePath)
    if (passed.has(at)) throw new NoSummary(missing(path));
    passed.add(at);
    // the build context is the root of all that a link may lead to
    const folder = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '';
    at = clean(target.startsWith('/') ? target : `/${folder}/${target}`).slice(1);
  }
  throw new NoSummary({ kind: 'unknown', message: `${path} leads through more than ${MAX_LINKS} links` });
}

function lookUp(tree: ContextTree, path: string): ContextNode | undefined {
  let node: ContextNode | undefined = tree.root;
  if (path === '') return node;
  for (const name of path.split('/')) {
    if (node?.entry?.type === 'symlink') {
      throw new NoSummary({ kind: 'unknown', message: `${path} leads through a link` });
    }
    if (node?.pruned === true) throw new NoSummary({ kind: 'unknown', message: `${node.path} was not looked into` });
    node = node?.child(name);
  }
  return node;
}

/** What is ignored is passed over; a file that a link leads to is looked for in vain (copier/copier.go copierHandlerGet). */
export function isTaken({ named, node, link }: SourceMatch, takes: TakenContext): boolean {
  if (link !== undefined && takes.takes(link) !== true) return false;
  if (node === link) throw new NoSummary(missing(named));
  if (node.entry?.type === 'dir') return link !== undefined || !takes.passesOver(node);
  if (takes.takes(node) === true) return true;
  if (link === undefined) return false;
  throw new NoSummary({ kind: 'failure', message: `${named} leads to ${node.path}, which is ignored` });
}

export function missing(source: string): Extract<CopySummaries, { kind: 'failure' }> {
  return { kind: 'failure', message: `${source} is not in the build context` };
}
