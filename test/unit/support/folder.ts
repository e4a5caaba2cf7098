import type { Entry, EntryType } from '../../../core/context/entry';
import { compileIgnore, type IgnoreMatcher, type ParentMatches } from '../../../core/context/ignoreMatcher';
import { ContextTree, type ContextNode } from '../../../core/context/tree';
import { Visibility } from '../../../core/context/visibility';
import type { InputUse, Selector } from '../../../core/llb/contentInputs';

/** One line of a listing, parsed. */
interface Line {
  readonly path: string;
  readonly entry: Entry;
  readonly content: string | undefined;
  readonly read: boolean;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  fifo: 'fifo',
  socket: 'socket',
  device: 'device',
  unreadable: 'unreadable',
};

/**
 * A folder that is looked at now and then. Each look is a complete listing, one path a line:
 *
 *     src/ 755 @100              a directory, last changed (ctime) at 100 ms
 *     src/a.txt 644 @100 =hello  a file whose content was read: its digest is the content itself
 *     src/b.txt 644 @100 ?hello  a file that nobody read yet
 *     src/l 777 @100 >a.txt      a symbolic link
 *
 * More words: `~50` another mtime, `#7` another inode, `x2` names of the inode, `fifo`, `socket`, `device`,
 * `unreadable`; content that begins with `tar` is an archive. Directories that are not listed are 755 and old; so is the context itself unless `./` lists it.
 */
export class Folder {
  readonly tree = new ContextTree();
  private readonly inodes = new Map<string, number>();
  private readonly contents = new Map<ContextNode, string>();
  /** The directory above did not change since the beginning. */
  constructor(parentChanged: number | undefined = 1) {
    this.tree.parentChanged = parentChanged;
  }

  /** Looks at everything at a moment. What is not listed is gone. */
  look(now: number, ...lines: readonly string[]): this {
    return this.lookIgnoring(now, [], lines);
  }

  /** The same with ignore patterns: what is ignored as a whole is not looked into. */
  lookIgnoring(now: number, patterns: readonly string[], lines: readonly string[]): this {
    const listed = new Map<string, Line>();
    for (const text of ['./ 755 @1', ...lines]) {
      const line = this.parse(text);
      for (const above of parentsOf(line.path)) {
        if (!listed.has(above)) listed.set(above, this.parse(`${above}/ 755 @1`));
      }
      listed.set(line.path, line);
    }
    const { matcher } = compileIgnore(patterns);
    this.note('', listed, now, patterns.length === 0 ? undefined : matcher, undefined);
    return this;
  }

  /** Reads files whose content was asked for. */
  read(nodes: Iterable<ContextNode>, now: number): void {
    for (const node of [...nodes]) this.observeContent(node, now);
  }

  private note(
    path: string,
    listed: ReadonlyMap<string, Line>,
    now: number,
    matcher: IgnoreMatcher | undefined,
    info: ParentMatches | undefined,
  ): void {
    const node = this.tree.node(path, true);
    const line = listed.get(path);
    if (node === undefined || line === undefined) return;
    node.observe(line.entry, now);
    if (line.content !== undefined) this.contents.set(node, line.content);
    if (line.read) this.observeContent(node, now);
    if (line.entry.type !== 'dir') return;
    const walked = path === '' ? undefined : matcher?.walk(path, info);
    node.pruned = walked?.matched === true && matcher?.mayReinclude(path) === false;
    node.children ??= new Map();
    const names = node.pruned ? [] : childrenOf(path, listed);
    for (const child of node.children.values()) if (!names.includes(child.name)) child.observeGone();
    if (!node.pruned) node.listedAt = now;
    for (const name of names) this.note(path === '' ? name : `${path}/${name}`, listed, now, matcher, walked?.info);
  }

  private observeContent(node: ContextNode, now: number): void {
    const digest = this.contents.get(node);
    if (node.entry === undefined || digest === undefined) return;
    node.observeContent(node.entry, { digest, archive: digest.startsWith('tar') }, now);
  }

  private parse(text: string): Line {
    const [name = '', ...words] = text.split(' ');
    const path = name === './' ? '' : name.replace(/\/$/, '');
    let mode = 0o644;
    let ctime = 0;
    let mtime: number | undefined;
    let ino: number | undefined;
    let links = 1;
    let target: string | undefined;
    let content: string | undefined;
    let read = false;
    let type: EntryType = name.endsWith('/') ? 'dir' : 'file';
    for (const word of words) {
      const rest = word.slice(1);
      if (/^\d+$/.test(word)) mode = parseInt(word, 8);
      else if (word.startsWith('@')) ctime = Number(rest);
      else if (word.startsWith('~')) mtime = Number(rest);
      else if (word.startsWith('#')) ino = Number(rest);
      else if (/^x\d+$/.test(word)) links = Number(rest);
      else if (word.startsWith('>')) [type, target] = ['symlink', rest];
      else if (word.startsWith('=') || word.startsWith('?')) [content, read] = [rest, word.startsWith('=')];
      else if (word !== '') type = TYPES[word] ?? fail(`what is "${word}" in "${text}"?`);
    }
    if (ino === undefined) {
      ino = this.inodes.get(path) ?? 1000 + this.inodes.size;
      this.inodes.set(path, ino);
    }
    const size = content?.length ?? target?.length ?? 0;
    const entry: Entry = {
      type,
      mode,
      size,
      mtime: mtime ?? ctime,
      ctime,
      ino,
      links,
      ...(target === undefined ? {} : { target }),
    };
    return { path, entry, content: type === 'file' ? (content ?? '') : undefined, read };
  }
}

function fail(message: string): never {
  throw new Error(message);
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function childrenOf(path: string, listed: ReadonlyMap<string, Line>): string[] {
  const prefix = path === '' ? '' : `${path}/`;
  return [...listed.keys()]
    .filter((one) => one !== '' && one.startsWith(prefix) && !one.slice(prefix.length).includes('/'))
    .map((one) => one.slice(prefix.length));
}

/** A tree that was looked at once, at 5000 ms. */
export function tree(...lines: readonly string[]): ContextTree {
  return new Folder().look(5000, ...lines).tree;
}

/** The node of a path that must be there. */
export function nodeOf(where: ContextTree, path: string): ContextNode {
  return where.node(path) ?? fail(`${path} is not in the tree`);
}

/** What `COPY sources… /x` takes; `exclude` as with --exclude. */
export function copyOf(sources: string | readonly string[], exclude: readonly string[] = []): InputUse {
  const paths = typeof sources === 'string' ? [sources] : sources;
  const selectors = paths.map((path): Selector => ({
    path: path.startsWith('/') ? path : `/${path}`,
    wildcard: true,
    followSymlink: true,
    include: [],
    exclude,
  }));
  return { byContent: true, selectors };
}

/** What ignore patterns let through. */
export function visible(...patterns: readonly string[]): Visibility {
  return new Visibility(patterns.length === 0 ? undefined : compileIgnore(patterns).matcher);
}

/** Paths of nodes, sorted. */
export function pathsOf(nodes: Iterable<ContextNode>): string[] {
  return [...nodes].map((node) => node.path || '.').sort();
}
