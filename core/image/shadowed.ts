import { HardLinks, keyOf } from './hardLinks';
import type { LayerEntries } from './layerEntries';
import { StackedTree, type EntryPlace, type HiddenEntry } from './stackedTree';

/** Bytes in an image that no container can see. */
export interface ShadowedFile extends HiddenEntry {
  readonly path: string;
  readonly bytes: number;
  /** The copy that is seen instead has the same content: only mode, owner or time were changed. Undefined: not known. */
  readonly metadataOnly: boolean | undefined;
}

/** What an image carries and nobody sees: each byte counted once. */
export interface Shadowed {
  readonly bytes: number;
  /** Part of {@link bytes}: stored again with the same content. */
  readonly metadataOnlyBytes: number;
  /** Part of {@link bytes} of which it is not known whether the content is the same. */
  readonly unclearBytes: number;
  /** Part of {@link bytes}: both copies, or the copy and its removal, lie in the base image. */
  readonly inheritedBytes: number;
  /** Most bytes first. */
  readonly files: readonly ShadowedFile[];
}

/** Do two entries of equal size have the same content? Undefined: not known. */
export type SameContent = (a: EntryPlace, b: EntryPlace) => boolean | undefined;

/** Answers by the digests of contents; `others` are the layers of the second entry, where they are another image's. */
export function sameByDigest(layers: readonly LayerEntries[], others = layers): SameContent {
  return (a, b) => {
    const [left, right] = [layers[a.layer]?.digest(a.index), others[b.layer]?.digest(b.index)];
    if (left === undefined || right === undefined) return undefined;
    return left.every((byte, index) => byte === right[index]);
  };
}

/** Two copies whose contents have to be compared. */
export interface ContentQuestion {
  readonly hidden: EntryPlace;
  readonly visible: EntryPlace;
}

interface Hidden {
  readonly entry: HiddenEntry;
  readonly path: string;
}

/** Finds the copies of files that are not in the final file system. */
export class ShadowedSearch {
  private readonly hidden: Hidden[] = [];
  private readonly links = new HardLinks();
  private readonly tree: StackedTree;
  private readonly alive = new Set<string>();
  /** By content: what hid the last of its other names so far. */
  private readonly last = new Map<string, HiddenEntry>();

  constructor(private readonly layers: readonly LayerEntries[]) {
    this.tree = new StackedTree(layers);
    this.tree.applyAll({
      hidden: (entry, path) => this.note(entry, path),
      placed: (node) => this.links.note(this.tree, node),
    });
    for (const { place } of this.tree.below()) {
      if (place !== undefined) this.alive.add(keyOf(this.links.contentOf(place)));
    }
  }

  /** Contents that have to be compared to tell what was stored again without a change. */
  get questions(): readonly ContentQuestion[] {
    return this.lost().flatMap(({ entry, path }) => {
      const visible = this.sameSize(entry, path);
      return visible === undefined ? [] : [{ hidden: entry, visible }];
    });
  }

  /** `baseLayers`: how many of the first layers are the base image's. */
  result(baseLayers: number, isSame: SameContent): Shadowed {
    const files = this.lost().map(({ entry, path }): ShadowedFile => {
      const visible = this.sameSize(entry, path);
      const metadataOnly = visible === undefined ? false : isSame(entry, visible);
      return { ...entry, path, bytes: this.bytesOf(entry), metadataOnly };
    });
    files.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.layer - b.layer));
    const sum = (counts: (file: ShadowedFile) => boolean): number =>
      files.reduce((bytes, file) => bytes + (counts(file) ? file.bytes : 0), 0);
    return {
      bytes: sum(() => true),
      metadataOnlyBytes: sum(({ metadataOnly }) => metadataOnly === true),
      unclearBytes: sum(({ metadataOnly }) => metadataOnly === undefined),
      inheritedBytes: sum(({ by }) => by < baseLayers),
      files,
    };
  }

  /** Hidden files with bytes of which no name is left. */
  private lost(): readonly Hidden[] {
    return this.hidden.flatMap(({ entry, path }) => {
      const key = keyOf(entry);
      if (this.bytesOf(entry) === 0 || this.alive.has(key)) return [];
      // what has several names is lost with the last of them
      const { by, how } = this.last.get(key) ?? entry;
      if (by <= entry.by) return [{ entry, path }];
      return [{ entry: { ...entry, by, how: how === 'repeated' ? 'replaced' : how }, path }];
    });
  }

  private note(entry: HiddenEntry, path: string): void {
    this.hidden.push({ entry, path });
    const content = this.links.contentOf(entry);
    if (content !== entry) this.last.set(keyOf(content), entry);
  }

  /** What is seen at the path of a hidden file, where it may have the same content. */
  private sameSize(entry: EntryPlace, path: string): EntryPlace | undefined {
    const place = this.tree.find(path)?.place;
    if (place === undefined) return undefined;
    const visible = this.links.contentOf(place);
    const isFile = this.layers[visible.layer]?.type(visible.index) === 'file';
    return isFile && this.bytesOf(visible) === this.bytesOf(entry) ? visible : undefined;
  }

  private bytesOf({ layer, index }: EntryPlace): number {
    return this.layers[layer]?.size(index) ?? 0;
  }
}
