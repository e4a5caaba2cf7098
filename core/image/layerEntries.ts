/** What an entry of a layer's tar archive is. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** One entry of a layer, in the order of its archive. */
export interface LayerEntry {
  /** Relative to the root of the image, cleaned, with `/`: never absolute, never with `..`. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of a regular file; 0 for everything else. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky, without the type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Target of a symbolic link as it was written; of a hard link, the cleaned path of the other name. */
  readonly link: string;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Where the content begins in the uncompressed archive of the layer, in bytes; -1 for files with holes: it is in parts. */
  readonly offset: number;
}

const TYPES: readonly EntryType[] = ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo'];

/** A layer of an image may have as many entries; what has more is not read further. */
export const MAX_ENTRIES = 4_000_000;

/** The numbers of a list of entries, one column each; what is stored. */
export interface EntryColumns {
  readonly types: Uint8Array;
  readonly modes: Uint16Array;
  readonly uids: Uint32Array;
  readonly gids: Uint32Array;
  readonly sizes: Float64Array;
  readonly modified: Float64Array;
  readonly offsets: Float64Array;
}

/** All of a list of entries, to be stored. */
export interface EntryParts {
  readonly paths: readonly string[];
  readonly links: Iterable<readonly [number, string]>;
  readonly columns: EntryColumns;
  readonly digests: Uint8Array | undefined;
}

/** Bytes of a digest of a content that are kept: 128 bits of SHA-256 are far beyond any chance. */
export const DIGEST_BYTES = 16;

/** The entries of a layer in columns: a million of them has to fit into the memory of an editor's server. */
export class LayerEntries {
  private readonly paths: string[] = [];
  private readonly links = new Map<number, string>();
  private columns: EntryColumns = makeColumns(64);
  private count = 0;
  private digests: Uint8Array | undefined;

  /** Rebuilds a list from what was stored of it. */
  static from({ paths, links, columns, digests }: EntryParts): LayerEntries {
    const entries = new LayerEntries();
    entries.digests = digests;
    for (const path of paths) entries.paths.push(path);
    for (const [index, link] of links) entries.links.set(index, link);
    entries.columns = columns;
    entries.count = paths.length;
    return entries;
  }

  get length(): number {
    return this.count;
  }

  add(entry: LayerEntry): void {
    const index = this.count++;
    if (index === this.columns.types.length) this.columns = grown(this.columns);
    const { types, modes, uids, gids, sizes, modified, offsets } = this.columns;
    this.paths.push(entry.path);
    if (entry.link !== '') this.links.set(index, entry.link);
    types[index] = TYPES.indexOf(entry.type);
    modes[index] = entry.mode;
    uids[index] = entry.uid;
    gids[index] = entry.gid;
    sizes[index] = entry.size;
    modified[index] = entry.modified;
    offsets[index] = entry.offset;
  }

  at(index: number): LayerEntry {
    const { modes, uids, gids, sizes, modified, offsets } = this.columns;
    return {
      path: this.path(index),
      type: this.type(index),
      size: sizes[index] ?? 0,
      mode: modes[index] ?? 0,
      uid: uids[index] ?? 0,
      gid: gids[index] ?? 0,
      link: this.link(index),
      modified: modified[index] ?? 0,
      offset: offsets[index] ?? 0,
    };
  }

  path(index: number): string {
    return this.paths[index] ?? '';
  }

  type(index: number): EntryType {
    return TYPES[this.columns.types[index] ?? 0] ?? 'file';
  }

  size(index: number): number {
    return this.columns.sizes[index] ?? 0;
  }

  link(index: number): string {
    return this.links.get(index) ?? '';
  }

  /** Do two entries have the same mode and owner? */
  hasSameAccess(index: number, other: LayerEntries, otherIndex: number): boolean {
    const [own, theirs] = [this.columns, other.columns];
    return (
      own.modes[index] === theirs.modes[otherIndex] &&
      own.uids[index] === theirs.uids[otherIndex] &&
      own.gids[index] === theirs.gids[otherIndex]
    );
  }

  /** The digest of a regular file's content; undefined where it was not computed. */
  digest(index: number): Uint8Array | undefined {
    const digest = this.digests?.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    return digest?.length === DIGEST_BYTES && digest.some((byte) => byte !== 0) ? digest : undefined;
  }

  /** Notes the digest of a regular file's content; what is beyond {@link DIGEST_BYTES} is left out. */
  setDigest(index: number, digest: Uint8Array): void {
    const needed = (index + 1) * DIGEST_BYTES;
    if (this.digests === undefined || this.digests.length < needed) {
      const more = new Uint8Array(Math.max(needed, this.columns.types.length * DIGEST_BYTES));
      more.set(this.digests ?? new Uint8Array(0));
      this.digests = more;
    }
    this.digests.set(digest.subarray(0, DIGEST_BYTES), index * DIGEST_BYTES);
  }

  /** Bytes of all entries, also of those that a later entry of the same archive replaces: the size of the layer. */
  get bytes(): number {
    let sum = 0;
    for (let index = 0; index < this.count; index++) sum += this.columns.sizes[index] ?? 0;
    return sum;
  }

  /** What is to be stored. */
  parts(): EntryParts {
    const cut = <T extends { slice(start: number, end: number): T }>(column: T): T => column.slice(0, this.count);
    const { types, modes, uids, gids, sizes, modified, offsets } = this.columns;
    return {
      paths: this.paths,
      links: this.links,
      columns: {
        ...{ types: cut(types), modes: cut(modes), uids: cut(uids), gids: cut(gids) },
        ...{ sizes: cut(sizes), modified: cut(modified), offsets: cut(offsets) },
      },
      digests: this.digests?.slice(0, this.count * DIGEST_BYTES),
    };
  }
}

function makeColumns(length: number): EntryColumns {
  return {
    types: new Uint8Array(length),
    modes: new Uint16Array(length),
    uids: new Uint32Array(length),
    gids: new Uint32Array(length),
    sizes: new Float64Array(length),
    modified: new Float64Array(length),
    offsets: new Float64Array(length),
  };
}

function grown(columns: EntryColumns): EntryColumns {
  // a list that was stored empty has no room to double
  const more = makeColumns(Math.max(64, columns.types.length * 2));
  more.types.set(columns.types);
  more.modes.set(columns.modes);
  more.uids.set(columns.uids);
  more.gids.set(columns.gids);
  more.sizes.set(columns.sizes);
  more.modified.set(columns.modified);
  more.offsets.set(columns.offsets);
  return more;
}
