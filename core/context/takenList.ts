import type { Selector } from '../llb/contentInputs';
import type { Entry } from './entry';
import { goMatch } from './goMatch';
import { compileIgnore, type IgnoreMatcher, type ParentMatches } from './ignoreMatcher';
import { SameDirectory } from './sameDirectory';
import { hasWildcard } from './selection';
import type { ContextNode, ContextTree, TimeSpan } from './tree';
import type { Visibility } from './visibility';

/** What one path is to the content digest of a source with wildcards or `--exclude`. */
export interface TakenEntry {
  /** Relative to the context. */
  readonly path: string;
  readonly name: string;
  readonly node: ContextNode;
  readonly entry: Entry;
  readonly digest: string | undefined;
}

/** A state of the context: that of now, or what is remembered of a span of time. Undefined: not known. */
export interface Moment {
  readonly entry: (node: ContextNode) => Entry | undefined;
  /** What is in a directory and reaches the builder. */
  readonly children: (node: ContextNode) => readonly ContextNode[] | undefined;
  readonly digest: (node: ContextNode) => string | undefined;
}

/** The context as it is now. */
export function presentMoment(sees: Visibility): Moment {
  return {
    entry: (node) => node.entry,
    children: (node) =>
      node.pruned ? undefined : [...(node.children?.values() ?? [])].filter((one) => sees.sees(one)),
    digest: (node) => node.digest,
  };
}

/** The context as it is remembered to have been during a span of time. */
export function pastMoment(tree: ContextTree, sees: Visibility, span: TimeSpan): Moment {
  const directories = new SameDirectory(tree, span);
  // what was remembered of a path may have been seen in another folder of that name
  const isReliable = (node: ContextNode): boolean =>
    node.entry?.type === 'dir'
      ? directories.isSame(node)
      : new Set(node.versions.filter((one) => one.type === 'dir').map((one) => one.ino)).size <= 1;
  return {
    entry: (node) => (node.parent === undefined || isReliable(node.parent) ? node.stateAt(span) : undefined),
    children: (node) => {
      if (!isReliable(node)) return undefined;
      const names = node.stateAt(span)?.names;
      const found: ContextNode[] = [];
      for (const name of names ?? []) {
        const seen = sees.wouldSee(node, name);
        const child = node.child(name);
        if (seen === undefined || (seen && child === undefined)) return undefined;
        if (seen && child !== undefined) found.push(child);
      }
      return names === undefined ? undefined : found;
    },
    digest: (node) => node.stateAt(span)?.digest,
  };
}

/**
 * What the builder lists, in its order, to make the content digest of a source with wildcards or `--exclude` (BuildKit
 * cache/contenthash/checksum.go includedPaths). Undefined when that is not known, or not followed here: links at the top.
 */
export function takenList(tree: ContextTree, selector: Selector, at: Moment): readonly TakenEntry[] | undefined {
  if (selector.include.length > 0) return undefined;
  const { matcher, error } = compileIgnore(selector.exclude);
  if (error !== undefined) return undefined;
  const listing = new Listing(at, matcher);
  const parts = selector.path.split('/').filter((part) => part !== '');
  return listing.find(tree.root, parts, selector.wildcard && hasWildcard(selector.path)) ? listing.entries : undefined;
}

/** A directory on the way to something that may be taken. */
interface Header {
  readonly entry: TakenEntry;
  readonly info: ParentMatches;
  isTaken: boolean;
}

class Listing {
  readonly entries: TakenEntry[] = [];
  private readonly headers: Header[] = [];

  constructor(
    private readonly at: Moment,
    private readonly matcher: IgnoreMatcher,
  ) {}

  /** Follows the elements of a source from a directory; false when that cannot be told. */
  find(node: ContextNode, parts: readonly string[], isWild: boolean): boolean {
    const [part, ...rest] = parts;
    if (part === undefined) return this.take(node, '', undefined, node.parent !== undefined);
    const entry = this.at.entry(node);
    if (entry === undefined) return false;
    // a link on the way, or a name that is no folder
    if (entry.type !== 'dir') return entry.type === 'file' && isWild;
    const children = this.at.children(node);
    if (children === undefined) return false;
    if (!hasWildcard(part)) {
      const child = children.find((one) => one.name === part);
      // a plain source that is not there ends the build; a pattern finds nothing
      return child === undefined ? isWild : this.find(child, rest, isWild);
    }
    return sorted(children)
      .filter((child) => goMatch(part, child.name) === true)
      .every((child) => this.find(child, rest, isWild));
  }

  /** Adds a path with what is below it; `path` is relative to the source. */
  private take(node: ContextNode, path: string, parent: ParentMatches | undefined, counts: boolean): boolean {
    const entry = this.at.entry(node);
    if (entry === undefined || entry.type === 'unreadable') return false;
    if (path === '' && entry.type === 'symlink') return false;
    const { matched, info, problem } = this.matcher.walk(path, parent);
    if (problem !== undefined) return false;
    const own: TakenEntry = { path: node.path, name: node.name, node, entry, digest: this.at.digest(node) };
    if (entry.type !== 'dir') {
      if (!matched) this.add(own);
      return true;
    }
    const children = this.at.children(node);
    if (children === undefined) return false;
    // the mode of the context itself does not count
    if (counts) this.headers.push({ entry: own, info, isTaken: !matched });
    if (counts && !matched) this.entries.push(own);
    const isKnown = sorted(children).every((child) =>
      this.take(child, path === '' ? child.name : `${path}/${child.name}`, counts ? info : undefined, true),
    );
    if (counts) this.headers.pop();
    return isKnown;
  }

  /** A file that is taken brings the directories above it along. */
  private add(entry: TakenEntry): void {
    for (const header of this.headers) {
      if (header.isTaken) continue;
      header.isTaken = true;
      this.entries.push(header.entry);
    }
    this.entries.push(entry);
  }
}

/** In the order of the bytes of their names. */
function sorted(nodes: readonly ContextNode[]): ContextNode[] {
  return [...nodes].sort((a, b) => compareBytes(a.name, b.name));
}

/** UTF-16 sorts surrogates before the last code points of the basic plane, UTF-8 after them. */
function compareBytes(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let index = 0; index < Math.min(x.length, y.length); index++) {
    const difference = (x[index]?.codePointAt(0) ?? 0) - (y[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
