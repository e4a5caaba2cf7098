import type { InputUse, Selector } from '../llb/contentInputs';
import { clean } from './goPath';
import { goMatch } from './goMatch';
import type { ContextNode, ContextTree } from './tree';
import type { Visibility } from './visibility';

/** One source of an operation, or one match of a source with wildcards. */
export interface SelectedTop {
  /** The path that was named or matched. */
  readonly named: ContextNode;
  /** What it is after following links. */
  readonly node: ContextNode;
  /** Which selector it comes from. */
  readonly selector: number;
}

/** What an operation takes from the build context. */
export interface Selection {
  readonly tops: readonly SelectedTop[];
  /** Everything whose content counts. */
  readonly nodes: ReadonlySet<ContextNode>;
  /** Directories and links on the way; their listing and mode do not count, but whether they are the same ones does. */
  readonly way: ReadonlySet<ContextNode>;
  /** Directories in which a wildcard looks for names, each with the pattern elements of it. */
  readonly searched: ReadonlyMap<ContextNode, readonly SearchedNames[]>;
  /** Plainly named sources that are not there. */
  readonly missing: readonly string[];
  /**
   * Folders before a wildcard that are not there. The list of matches is an empty one, and where that was built before it
   * is cached; a builder that has to look into the folder fails (tonistiigi/fsutil copy.go ResolveWildcards).
   */
  readonly unreachable: readonly string[];
  /** Sources with wildcards or --exclude: the builder hashes names without their folders (BuildKit before 0.26). */
  readonly filtered: boolean;
  /** Some of it is left out by --exclude: when nothing of it changed nothing that is taken did. */
  readonly superset: boolean;
  /** Why the selection may not be what the builder takes. */
  readonly inexact: string | undefined;
}

/** Names that a wildcard looks for in a directory. */
export interface SearchedNames {
  readonly pattern: string;
  /** More elements follow: such a name is only a way to what is taken. */
  readonly leadsOn: boolean;
}

/** Links that may be followed for one path (BuildKit util/system, containerd/continuity fs RootPath). */
const MAX_LINKS = 255;

/** Does a COPY source have wildcards? (BuildKit solver/llbsolver/ops/file.go containsWildcards) */
export function hasWildcard(path: string): boolean {
  for (let index = 0; index < path.length; index++) {
    const character = path.charAt(index);
    if (character === '\\') index++;
    else if (character === '*' || character === '?' || character === '[') return true;
  }
  return false;
}

/** Selects what an operation takes (BuildKit cache/contenthash/checksum.go Checksum, includedPaths). */
export function select(tree: ContextTree, sees: Visibility, use: InputUse): Selection {
  const selector = new Selecting(tree, sees);
  for (const [index, one] of use.selectors.entries()) selector.add(one, index);
  const selection = selector.result();
  return sees.problem === undefined ? selection : { ...selection, inexact: `the ignore file: ${sees.problem}` };
}

class Selecting {
  private readonly tops: SelectedTop[] = [];
  private readonly nodes = new Set<ContextNode>();
  private readonly way = new Set<ContextNode>();
  private readonly searched = new Map<ContextNode, SearchedNames[]>();
  private readonly missing: string[] = [];
  private readonly unreachable: string[] = [];
  private filtered = false;
  private superset = false;
  private inexact: string | undefined;

  constructor(
    private readonly tree: ContextTree,
    private readonly visibility: Visibility,
  ) {}

  result(): Selection {
    const { tops, nodes, way, searched, missing, unreachable, filtered, superset, inexact } = this;
    return { tops, nodes, way, searched, missing, unreachable, filtered, superset, inexact };
  }

  add(selector: Selector, index: number): void {
    if (selector.include.length > 0) this.inexact ??= '--parents is not predicted yet';
    if (selector.exclude.length > 0) {
      this.filtered = true;
      this.superset = true;
    }
    if (selector.path.includes('\\')) this.inexact ??= 'a source with an escaped character is not predicted yet';
    const path = clean(`/${selector.path}`);
    if (selector.wildcard && hasWildcard(path)) this.addMatches(path, index);
    else this.addPath(path, index);
  }

  private addPath(path: string, selector: number): void {
    const named = this.resolve(path);
    if (named === undefined) this.missing.push(path.slice(1));
    else this.take({ named: named.named, node: named.node, selector });
  }

  /** A pattern is matched element by element; what lies below a match belongs to it. */
  private addMatches(path: string, selector: number): void {
    this.filtered = true;
    const parts = path.slice(1).split('/');
    const first = parts.findIndex(hasWildcard);
    // a folder that is not there makes the list an empty one, until there is one
    const prefix = this.resolve(`/${parts.slice(0, first).join('/')}`, (directory, name) =>
      this.search(directory, { pattern: name, leadsOn: true }),
    );
    if (prefix?.node.entry?.type !== 'dir') {
      if (prefix !== undefined) this.nodesOnWay(prefix.node);
      this.unreachable.push(parts.slice(0, first).join('/'));
      return;
    }
    this.match(prefix.node, parts.slice(first), selector);
  }

  private match(directory: ContextNode, patterns: readonly string[], selector: number): void {
    const [pattern, ...rest] = patterns;
    if (pattern === undefined) return;
    this.nodesOnWay(directory);
    if (directory.entry?.type !== 'dir') return;
    // which names are there decides what is taken
    this.search(directory, { pattern, leadsOn: rest.length > 0 });
    if (directory.pruned) this.inexact ??= `${directory.path} was ignored and not looked into`;
    for (const child of directory.children?.values() ?? []) {
      if (!this.visibility.sees(child) || goMatch(pattern, child.name) !== true) continue;
      if (rest.length > 0) {
        // what has a fitting name but is no folder now may have been one
        this.way.add(child);
        this.match(child, rest, selector);
        continue;
      }
      if (child.entry?.type !== 'symlink') {
        this.take({ named: child, node: child, selector });
        continue;
      }
      this.way.add(child);
      const target = this.resolve(`/${child.path}`);
      if (target === undefined) this.inexact ??= `${child.path} is a link to nothing`;
      else this.take({ named: child, node: target.node, selector });
    }
  }

  private search(directory: ContextNode, names: SearchedNames): void {
    const searchedHere = this.searched.get(directory);
    if (searchedHere === undefined) this.searched.set(directory, [names]);
    else searchedHere.push(names);
  }

  private take(top: SelectedTop): void {
    this.tops.push(top);
    this.nodesOnWay(top.node.parent);
    this.collect(top.node);
  }

  private collect(node: ContextNode): void {
    this.nodes.add(node);
    if (node.entry?.type === 'unreadable') this.inexact ??= `${node.path} cannot be read`;
    if (node.entry?.type !== 'dir') return;
    if (node.pruned) this.inexact ??= `${node.path} was ignored and not looked into`;
    for (const child of node.children?.values() ?? []) if (this.visibility.sees(child)) this.collect(child);
  }

  private nodesOnWay(node: ContextNode | undefined): void {
    for (let above = node; above !== undefined && !this.way.has(above); above = above.parent) this.way.add(above);
  }

  /** Follows the path from the context's root; links cannot leave it. */
  private resolve(
    path: string,
    isMissing?: (directory: ContextNode, name: string) => void,
  ): { named: ContextNode; node: ContextNode } | undefined {
    let parts = path.split('/').filter((part) => part !== '');
    let node = this.tree.root;
    let named: ContextNode | undefined;
    let links = 0;
    while (parts.length > 0) {
      const [name = '', ...rest] = parts;
      parts = rest;
      if (name === '..') {
        node = node.parent ?? node;
        continue;
      }
      if (node.entry?.type !== 'dir') {
        this.nodesOnWay(node);
        return undefined;
      }
      const child = node.child(name);
      if (child === undefined || !this.visibility.sees(child)) {
        if (node.pruned) this.inexact ??= `${node.path} was ignored and not looked into`;
        this.nodesOnWay(node);
        isMissing?.(node, name);
        return undefined;
      }
      if (parts.length === 0 && links === 0) named = child;
      const target = child.entry?.target;
      if (child.entry?.type !== 'symlink' || target === undefined) {
        node = child;
        continue;
      }
      if (++links > MAX_LINKS) return undefined;
      this.way.add(child);
      this.nodesOnWay(node);
      const next = target.split('/').filter((part) => part !== '' && part !== '.');
      if (target.startsWith('/')) node = this.tree.root;
      parts = [...next, ...parts];
    }
    return { named: named ?? node, node };
  }
}
