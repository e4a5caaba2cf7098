import type { Entry, EntryType, Version } from '../../context/entry';
import { ContextTree, type ContextNode, type TimeSpan } from '../../context/tree';
import { asArray, asObject, asText } from '../../llb/decode';
import { Columns, ColumnsReader } from './columns';

/** Rises with every change of the format: a file of another version counts as absent. */
const VERSION = 2;
/** Paths that are gone and still remembered. */
const MAX_GHOSTS = 5000;
const TYPES: readonly EntryType[] = ['file', 'dir', 'symlink', 'fifo', 'socket', 'device', 'unreadable'];

const PRESENT = 1;
const PRUNED = 2;
const ARCHIVE_KNOWN = 4;
const ARCHIVE = 8;

const TYPE_SHIFT = 12;
const TYPE_MASK = 7;
const MODE_MASK = 0o7777;
const HAS_DIGEST = 1 << 16;
const HAS_TARGET = 1 << 17;
const HAS_NAMES = 1 << 18;

/** What the file says besides the tree. */
export interface TreeHeader {
  /** Real absolute path of the context: two roots may share the short name of their file. */
  readonly root: string;
  /** Names what was written: nothing else has this text. */
  readonly id: string;
  /** When the last complete look began; -1: there was none. */
  readonly lookedAt: number;
  /** When builds took the context. */
  readonly transfers: readonly TimeSpan[];
}

/**
 * The tree as bytes: one column for each property, since 50,000 small objects take ten times as long to write and to
 * read. Paths come with directories before what is in them; their states from old to new.
 */
export function encodeTree(tree: ContextTree, header: TreeHeader): Uint8Array {
  const nodes: ContextNode[] = [];
  const parents: number[] = [];
  let ghosts = 0;
  const collect = (node: ContextNode, parent: number): void => {
    const index = nodes.length;
    const isGhost = node.entry === undefined;
    if (isGhost && ghosts >= MAX_GHOSTS) return;
    nodes.push(node);
    parents.push(parent);
    for (const child of node.children?.values() ?? []) collect(child, index);
    // a ghost without a past is only worth what is below it
    if (isGhost && node.versions.length === 0 && nodes.length === index + 1 && node.parent !== undefined) {
      nodes.pop();
      parents.pop();
    } else if (isGhost) ghosts++;
  };
  collect(tree.root, 0);

  const states = new StateColumns(nodes.reduce((sum, node) => sum + node.versions.length + 1, 0));
  const counts = new Uint8Array(nodes.length);
  const flags = new Uint8Array(nodes.length);
  const listedAt = new Float64Array(nodes.length);
  for (const [index, node] of nodes.entries()) {
    const { entry, versions } = node;
    for (const version of versions) states.add(version, version.seenTo, version.digest, version.names);
    if (entry !== undefined) states.add(entry, node.seenTo, node.digestKept ? node.digest : undefined, undefined);
    counts[index] = versions.length + (entry === undefined ? 0 : 1);
    flags[index] = flagsOf(node);
    listedAt[index] = node.listedAt;
  }
  const columns = new Columns(VERSION);
  columns.text(JSON.stringify(header));
  columns.texts(nodes.map((node) => node.name));
  columns.integers(Uint32Array.from(parents));
  columns.bytes(flags);
  columns.bytes(counts);
  columns.floats(listedAt);
  states.write(columns);
  return columns.finish();
}

function spanOf(json: unknown): TimeSpan {
  const { start, end } = asObject(json);
  return { start: Number(start), end: Number(end) };
}

/** That the tree of an id was looked at again, and was the same. */
export interface SeenAgain {
  readonly id: string;
  /** When the last such look began. */
  readonly lookedAt: number;
}

/** A tree that was read. */
export interface DecodedTree {
  readonly tree: ContextTree;
  readonly header: TreeHeader;
  /** Every path that is there was looked at in the last complete look; see {@link isComplete}. */
  readonly complete: boolean;
}

/**
 * The tree that was encoded; undefined when the bytes are broken, or of another version or root. `again` counts for every
 * path that was looked at in the last complete look, but for what is ignored as a whole: changes of it are not counted.
 */
export function decodeTree(bytes: Uint8Array, root: string, again?: SeenAgain): DecodedTree | undefined {
  const columns = ColumnsReader.open(bytes, VERSION);
  if (columns === undefined) return undefined;
  const json = asObject(JSON.parse(columns.text()));
  if (json['root'] !== root) return undefined;
  const transfers = asArray(json['transfers']).map(spanOf);
  const header = { root, id: asText(json['id']), lookedAt: Number(json['lookedAt']), transfers };
  const names = columns.texts();
  const parents = columns.integers();
  const flags = columns.bytes();
  const counts = columns.bytes();
  const listedAt = columns.floats();
  const states = new States(columns);
  const { lookedAt } = header;
  const seenAgain = again?.id === header.id && lookedAt >= 0 ? again.lookedAt : lookedAt;
  let complete = lookedAt >= 0;

  const tree = new ContextTree();
  const nodes: ContextNode[] = [tree.root];
  for (const [index, name] of names.entries()) {
    const node = index === 0 ? tree.root : nodes[parents[index] ?? 0]?.ensureChild(name);
    if (node === undefined) return undefined;
    nodes[index] = node;
    const bits = flags[index] ?? 0;
    const count = counts[index] ?? 0;
    const isPresent = (bits & PRESENT) !== 0;
    node.listedAt = listedAt[index] ?? 0;
    node.pruned = (bits & PRUNED) !== 0;
    if (count > 1 || !isPresent) {
      const past = Array.from({ length: isPresent ? count - 1 : count }, () => states.nextVersion());
      if (past.length > 0) node.versions = past;
    }
    if (!isPresent) continue;
    if ((bits & ARCHIVE_KNOWN) !== 0) node.archive = (bits & ARCHIVE) !== 0;
    states.nextPresent(node);
    if (node.pruned) continue;
    if (node.seenTo < lookedAt) complete = false;
    else node.observeSame(seenAgain);
  }
  tree.root.changes.transfers = transfers;
  tree.lookedAt = lookedAt < 0 ? undefined : Math.max(lookedAt, seenAgain);
  return { tree, header, complete };
}

/** Takes states in their order. */
class StateColumns {
  private readonly mtime: Float64Array;
  private readonly ctime: Float64Array;
  private readonly seenTo: Float64Array;
  private readonly ino: Float64Array;
  private readonly size: Float64Array;
  private readonly links: Uint32Array;
  private readonly bits: Uint32Array;
  private readonly digests: string[] = [];
  private readonly targets: string[] = [];
  private readonly names: string[] = [];
  private count = 0;

  constructor(most: number) {
    this.mtime = new Float64Array(most);
    this.ctime = new Float64Array(most);
    this.seenTo = new Float64Array(most);
    this.ino = new Float64Array(most);
    this.size = new Float64Array(most);
    this.links = new Uint32Array(most);
    this.bits = new Uint32Array(most);
  }

  add(entry: Entry, seenTo: number, digest: string | undefined, names: readonly string[] | undefined): void {
    const index = this.count++;
    this.mtime[index] = entry.mtime;
    this.ctime[index] = entry.ctime;
    this.seenTo[index] = seenTo;
    this.ino[index] = entry.ino;
    this.size[index] = entry.size;
    this.links[index] = entry.links;
    let bits = entry.mode | (TYPES.indexOf(entry.type) << TYPE_SHIFT);
    if (digest !== undefined) {
      bits |= HAS_DIGEST;
      this.digests.push(digest);
    }
    if (entry.target !== undefined) {
      bits |= HAS_TARGET;
      this.targets.push(entry.target);
    }
    if (names !== undefined) {
      bits |= HAS_NAMES;
      this.names.push(names.join('/'));
    }
    this.bits[index] = bits;
  }

  write(columns: Columns): void {
    const { count } = this;
    for (const column of [this.mtime, this.ctime, this.seenTo, this.ino, this.size]) {
      columns.floats(column.subarray(0, count));
    }
    columns.integers(this.links.subarray(0, count));
    columns.integers(this.bits.subarray(0, count));
    for (const texts of [this.digests, this.targets, this.names]) columns.texts(texts);
  }
}

/** Reads states in their order. */
class States {
  private readonly mtime: Float64Array;
  private readonly ctime: Float64Array;
  private readonly seenTo: Float64Array;
  private readonly ino: Float64Array;
  private readonly size: Float64Array;
  private readonly links: Uint32Array;
  private readonly bits: Uint32Array;
  private readonly digests: readonly string[];
  private readonly targets: readonly string[];
  private readonly names: readonly string[];
  private next = 0;
  private nextDigest = 0;
  private nextTarget = 0;
  private nextNames = 0;

  constructor(columns: ColumnsReader) {
    this.mtime = columns.floats();
    this.ctime = columns.floats();
    this.seenTo = columns.floats();
    this.ino = columns.floats();
    this.size = columns.floats();
    this.links = columns.integers();
    this.bits = columns.integers();
    this.digests = columns.texts();
    this.targets = columns.texts();
    this.names = columns.texts();
  }

  nextVersion(): Version {
    const seenTo = this.seenTo[this.next] ?? 0;
    const bits = this.bits[this.next] ?? 0;
    const entry = this.entry(bits);
    const digest = this.digest(bits);
    const names = (bits & HAS_NAMES) === 0 ? undefined : (this.names[this.nextNames++] ?? '');
    return {
      ...entry,
      seenTo,
      ...(digest === undefined ? {} : { digest }),
      ...(names === undefined ? {} : { names: names === '' ? [] : names.split('/') }),
    };
  }

  nextPresent(node: ContextNode): void {
    node.seenTo = this.seenTo[this.next] ?? 0;
    const bits = this.bits[this.next] ?? 0;
    node.entry = this.entry(bits);
    node.digest = this.digest(bits);
    node.digestKept = node.digest !== undefined;
  }

  private entry(bits: number): Entry {
    const index = this.next++;
    const entry = {
      type: TYPES[(bits >> TYPE_SHIFT) & TYPE_MASK] ?? 'unreadable',
      mode: bits & MODE_MASK,
      size: this.size[index] ?? 0,
      mtime: this.mtime[index] ?? 0,
      // what is not known may have changed just now
      ctime: this.ctime[index] ?? Number.MAX_SAFE_INTEGER,
      ino: this.ino[index] ?? 0,
      links: this.links[index] ?? 1,
    };
    if ((bits & HAS_TARGET) === 0) return entry;
    return { ...entry, target: this.targets[this.nextTarget++] ?? '' };
  }

  private digest(bits: number): string | undefined {
    return (bits & HAS_DIGEST) === 0 ? undefined : this.digests[this.nextDigest++];
  }
}

function flagsOf({ entry, pruned, archive, digestKept }: ContextNode): number {
  const known = archive !== undefined && digestKept;
  return (
    (entry === undefined ? 0 : PRESENT) |
    (pruned ? PRUNED : 0) |
    (known ? ARCHIVE_KNOWN : 0) |
    (known && archive ? ARCHIVE : 0)
  );
}

/**
 * Was everything that is there looked at in the look that began then, or later? What is ignored as a whole may have
 * changed unnoticed.
 */
export function isComplete({ root }: ContextTree, lookedAt: number): boolean {
  const wasSeen = (node: ContextNode): boolean => {
    if (node.entry === undefined || node.pruned) return true; // what is below is gone, too
    if (node.seenTo < lookedAt) return false;
    if (node.children !== undefined) for (const child of node.children.values()) if (!wasSeen(child)) return false;
    return true;
  };
  return wasSeen(root);
}
