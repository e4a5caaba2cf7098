import { base, clean } from '../context/goPath';
import { hasWildcard } from '../context/selection';
import type { ContextNode, ContextTree } from '../context/tree';
import type { Sha256 } from '../evidence/facts';
import { utf8 } from '../llb/utf8';
import {
  compareBytes,
  contentSummary,
  copiedFileName,
  directoryArchive,
  fileArchive,
  renameFails,
  type Archive,
  type AtDestination,
  type SourceDigest,
  type SourceEntry,
} from './contentDigest';
import type { BuildahCopy } from './probe';
import { isTaken, missing, NoSummary, sourceMatches, type CopySummaries, type SourceMatch } from './sourceMatches';
import { TakenContext } from './takenContext';

/** A digest that has to be computed from files; the key tells what it is made of. */
export type WantedDigest =
  | {
      readonly kind: 'archive';
      readonly key: string;
      readonly archive: Archive;
      readonly location: string;
      readonly nodes: readonly ContextNode[];
    }
  /** Of what is in an archive, as ADD unpacks it; `NOT_UNPACKED` or `NOT_FOLLOWED` where there is none. */
  | { readonly kind: 'unpacked'; readonly key: string; readonly path: string; readonly nodes: readonly ContextNode[] }
  /** Of a path as a mount shows it, with owners. */
  | { readonly kind: 'mount'; readonly key: string; readonly path: string };

const SUMMARIES = 200;

/** Computes what Buildah writes of copied and mounted files into the history, from the index of the build context. */
export class ContextCopies {
  /** What has to be read for what was asked so far. */
  readonly wanted = new Map<string, WantedDigest>();
  /** Files of which it has to be known whether they are archives. */
  readonly wantedNodes = new Set<ContextNode>();
  private readonly results = new Map<string, CopySummaries>();
  private readonly takenBy = new Map<string, TakenContext>();

  constructor(
    private readonly tree: ContextTree,
    private readonly patterns: readonly string[],
    private readonly sha256: Sha256,
  ) {}

  /** The summaries that a copy of the build context may have. */
  summaries(copy: BuildahCopy): CopySummaries {
    const { sources, documents, destination, workingDir, rule, excludes, isAdd } = copy;
    const key = JSON.stringify([sources, documents, destination, workingDir, rule, excludes, isAdd]);
    let result = this.results.get(key);
    if (result === undefined) {
      result = this.compute(copy);
      this.results.set(key, result);
    }
    return result;
  }

  /** The checksum of a mounted path, with what stands before it; undefined: it has to be read. */
  mount(path: string): { readonly digest: string | undefined } | { readonly unknown: string } {
    const node = this.tree.node(clean(`/${path}`).slice(1));
    if (node?.entry === undefined) return { unknown: `${path} is not in the build context` };
    const states: string[] = [];
    for (const one of this.tree.nodes(node)) {
      if (one.pruned) return { unknown: `${one.path} is ignored and was not looked into, but is mounted` };
      if (one.entry !== undefined) states.push(stateOf(one));
    }
    const key = `mount ${this.sha256(states.join('\n'))}`;
    const digest = this.tree.archives.get(key);
    if (digest === undefined) this.wanted.set(key, { kind: 'mount', key, path: node.path });
    return { digest };
  }

  /**
   * A path that a copy takes and that changed after a time (milliseconds) in nothing that is looked at: in its owner, which
   * does not count, or in an attribute, which does. Undefined: there is none.
   */
  changedQuietly(copy: BuildahCopy, after: number): string | undefined {
    for (const { path, entry, versions } of this.taken(copy)) {
      if (entry === undefined || entry.ctime <= after || entry.mtime > after) continue;
      const before = versions.findLast(({ ctime }) => ctime <= after);
      const isSame =
        before !== undefined &&
        before.ino === entry.ino &&
        before.mtime === entry.mtime &&
        before.size === entry.size &&
        before.mode === entry.mode &&
        before.links === entry.links;
      if (isSame) return path;
    }
    return undefined;
  }

  /** Every path that a copy takes. */
  *taken(copy: Pick<BuildahCopy, 'sources' | 'excludes'>): Generator<ContextNode> {
    const takes = this.taker(copy.excludes);
    try {
      for (const { node } of copy.sources.flatMap((source) => sourceMatches(this.tree, source)))
        yield* this.below(node, takes, true);
    } catch (error) {
      if (!(error instanceof NoSummary)) throw error;
    }
  }

  /** Bytes of the layer that a copy makes; undefined where that is not certain. */
  bytes(copy: BuildahCopy): number | undefined {
    const sizes = new Map<string, number>();
    for (const { name, text } of copy.documents) sizes.set(name, utf8(text).length);
    const takes = this.taker(copy.excludes);
    try {
      for (const { named, node } of copy.sources.flatMap((source) => sourceMatches(this.tree, source))) {
        const inodes = new Set<number>();
        const isFolder = node.entry?.type === 'dir';
        if (!isFolder && copy.isAdd && node.archive !== false && (node.entry?.size ?? 0) > 0) return undefined;
        for (const one of isFolder ? this.below(node, takes, false) : [node]) {
          const { entry } = one;
          if (entry?.type !== 'file') continue;
          const name = isFolder ? one.path.slice(node.path.length).replace(/^\//, '') : base(named);
          if (sizes.has(name)) return undefined;
          const isAgain = entry.links > 1 && inodes.has(entry.ino);
          inodes.add(entry.ino);
          sizes.set(name, isAgain ? 0 : entry.size);
        }
      }
    } catch (error) {
      if (error instanceof NoSummary) return undefined;
      throw error;
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  private compute(copy: BuildahCopy): CopySummaries {
    try {
      const takes = this.taker(copy.excludes);
      const matches = copy.sources.map((source) => {
        const found = sourceMatches(this.tree, source);
        // of several sources a pattern may find nothing, as long as another one does
        if (found.length === 0 && hasWildcard(source)) return [];
        if (found.length === 0) throw new NoSummary(missing(source));
        const taken = found.filter((match) => isTaken(match, takes));
        if (taken.length === 0) throw new NoSummary({ kind: 'failure', message: `${source} is ignored` });
        return taken;
      });
      const all = matches.flat();
      const [source] = copy.sources;
      if (all.length === 0 && source !== undefined) throw new NoSummary(missing(source));
      // what is at the destination decides the name of a single file; nobody looks into the image for that
      const ofDocuments = this.documentAlternatives(copy);
      const ofFiles = unique(PLACES.map((at) => this.names(copy, all, at))).map((names) =>
        all.map((match, index) => this.digest(match, names[index] ?? '', copy, takes)),
      );
      // here-documents are copied first
      const digests = ofDocuments.flatMap((first) => ofFiles.map((second) => [...first, ...second]));
      const known = digests.filter((list) => list.every((one) => one !== undefined));
      if (known.length < digests.length) return { kind: 'unread' };
      return { kind: 'known', summaries: known.map((list) => contentSummary(list, this.sha256)) };
    } catch (error) {
      if (error instanceof NoSummary) return error.result;
      throw error;
    }
  }

  /** Digests of here-documents, as they depend on what is at the destination; one empty list without any. */
  private documentAlternatives({ documents, destination, workingDir, rule }: BuildahCopy): SourceDigest[][] {
    const [first] = documents;
    if (first === undefined) return [[]];
    const how = { isRegular: true, words: documents.length, workdir: workingDir };
    const decided = unique(PLACES.map((at) => [copiedFileName(first.name, destination, at, how)]));
    return decided.map(([name = '']) => {
      const isRenamed = name !== first.name;
      return documents.map((document) => {
        const content = Uint8Array.from(utf8(document.text));
        const entry: SourceEntry = { path: '', type: 'file', mode: 0o644, size: content.length };
        const archive = fileArchive(entry, isRenamed ? name : document.name, rule) ?? [];
        const pieces = [...archive].map((piece) => (piece instanceof Uint8Array ? piece : content));
        return { kind: 'file', digest: this.sha256(joined(pieces)) };
      });
    });
  }

  private names(copy: BuildahCopy, matches: readonly SourceMatch[], at: AtDestination): readonly string[] {
    const [first] = matches;
    const isRegular = first?.node.entry?.type === 'file';
    const how = { isRegular, words: copy.sources.length, workdir: copy.workingDir };
    const decided = copiedFileName(first?.named ?? '', copy.destination, at, how);
    const isRenamed = decided !== base(first?.named ?? '') || at === 'file';
    return matches.map(({ named }) => {
      const name = isRenamed ? decided : base(named);
      if (isRenamed && renameFails(named, name)) {
        throw new NoSummary({ kind: 'unknown', message: `Buildah may not be able to give ${named} the name ${name}` });
      }
      return name;
    });
  }

  /** Undefined: files of it have to be read. */
  private digest(
    { node }: SourceMatch,
    name: string,
    copy: BuildahCopy,
    takes: TakenContext,
  ): SourceDigest | undefined {
    const isFolder = node.entry?.type === 'dir';
    if (!isFolder && copy.isAdd && (node.entry?.size ?? 0) > 0) {
      if (node.archive === undefined) {
        this.wantedNodes.add(node);
        return undefined;
      }
      if (node.archive) {
        const unpacked = this.unpacked(node);
        if (unpacked === undefined) return undefined;
        if (unpacked === NOT_FOLLOWED) {
          throw new NoSummary({ kind: 'unknown', message: `${node.path} may be unpacked, which is not followed` });
        }
        if (unpacked !== NOT_UNPACKED) return { kind: 'file', digest: unpacked };
      }
    }
    const nodes = isFolder ? [...this.below(node, takes, false)] : [node];
    const entries = nodes.map((one) => this.entryOf(one, isFolder ? node : undefined));
    const archive = isFolder
      ? directoryArchive(entries, copy.rule)
      : fileArchive(entries[0] ?? NOTHING, name, copy.rule);
    if (archive === undefined) throw new NoSummary({ kind: 'unknown', message: `what ${node.path} is is not known` });
    const identity = [JSON.stringify([isFolder ? '' : name, copy.rule]), ...nodes.map(stateOf)].join('\n');
    const key = `copy ${this.sha256(identity)}`;
    const digest = this.tree.archives.get(key);
    if (digest !== undefined) return { kind: isFolder ? 'dir' : 'file', digest };
    // a file is an archive of one, whose content has an empty path
    this.wanted.set(key, { kind: 'archive', key, archive, location: node.path, nodes });
    return undefined;
  }

  /** Undefined: it has to be read. */
  private unpacked(node: ContextNode): string | undefined {
    const key = `unpacked ${this.sha256(stateOf(node))}`;
    const known = this.tree.archives.get(key);
    if (known === undefined) this.wanted.set(key, { kind: 'unpacked', key, path: node.path, nodes: [node] });
    return known;
  }

  private entryOf({ entry, path }: ContextNode, top: ContextNode | undefined): SourceEntry {
    if (entry === undefined) return NOTHING;
    const { type, mode, size, target, links, ino } = entry;
    return {
      path: top === undefined ? '' : path.slice(top.path.length).replace(/^\//, ''),
      type,
      mode,
      size: type === 'file' ? size : 0,
      ...(target === undefined ? {} : { target }),
      ...(type === 'file' && links > 1 ? { inode: String(ino) } : {}),
    };
  }

  private taker(excludes: readonly string[]): TakenContext {
    const key = JSON.stringify(excludes);
    let taken = this.takenBy.get(key);
    if (taken === undefined) {
      taken = new TakenContext([...this.patterns, ...excludes]);
      this.takenBy.set(key, taken);
    }
    return taken;
  }

  /** What is below a folder, in the order in which Go walks. */
  private *below(node: ContextNode, takes: TakenContext, withTop: boolean): Generator<ContextNode> {
    if (withTop) yield node;
    if (node.entry?.type !== 'dir') return;
    if (node.pruned) {
      throw new NoSummary({ kind: 'unknown', message: `${node.path} was ignored and not looked into` });
    }
    const children = [...(node.children?.values() ?? [])].filter(({ entry }) => entry !== undefined);
    children.sort((a, b) => compareBytes(a.name, b.name));
    for (const child of children) {
      const taken = takes.takes(child);
      if (taken === false) continue;
      if (taken === true) yield child;
      yield* this.below(child, takes, false);
    }
  }
}

/** In the place of a digest: a file that begins like an archive, and is none. */
export const NOT_UNPACKED = 'not unpacked';
/** In the place of a digest: an archive whose entries are not plain ones. */
export const NOT_FOLLOWED = 'not followed';

/** Digests of archives that are kept of one context; those that were used longest ago go first. */
export const MAX_ARCHIVES = SUMMARIES;

const PLACES: readonly AtDestination[] = ['nothing', 'file', 'directory'];

function unique(lists: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(lists.map((list) => [JSON.stringify(list), list])).values()];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const NOTHING: SourceEntry = { path: '', type: 'unreadable', mode: 0, size: 0 };

/** Changes whenever the path may have changed. */
function stateOf({ path, entry }: ContextNode): string {
  if (entry === undefined) return `${path} gone`;
  const { type, mode, size, mtime, ctime, ino, target = '' } = entry;
  return JSON.stringify([path, type, mode, size, mtime, ctime, ino, target]);
}
