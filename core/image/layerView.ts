import { folderOf, nameOf, WHITEOUT } from './entryPath';
import { followLinks, type Followed } from './followLinks';
import { HardLinks } from './hardLinks';
import type { EntryType, LayerEntries } from './layerEntries';
import { sameByDigest } from './shadowed';
import { StackedTree, type EntryPlace, type StackNode } from './stackedTree';

/** What a layer does to a path. */
export type FileChangeInLayer = 'added' | 'modified' | 'removed' | 'unmodified';

/** A name in a folder of an image, as one of its layers leaves it. */
export interface LayerFile {
  readonly name: string;
  readonly path: string;
  readonly type: EntryType;
  readonly change: FileChangeInLayer;
  /** Of a file its own bytes; of a folder those of all files that are shown below it; of what was removed, what is gone. */
  readonly bytes: number;
  /** Where its content is; undefined for a folder that no entry is there for. */
  readonly place: EntryPlace | undefined;
  readonly hasChildren: boolean;
}

/**
 * The files of an image after one of its layers, with what that layer did. `whole`: everything that is there; otherwise
 * only what the layer itself has or removes.
 */
export class LayerView {
  private readonly before: StackedTree;
  private readonly after: StackedTree;
  /** Folders with something in them that this layer has or removes. */
  private readonly touched = new Set<string>();
  private readonly sizes = new Map<string, number>();
  private readonly hardLinks = new HardLinks();

  constructor(
    private readonly layers: readonly LayerEntries[],
    readonly layer: number,
  ) {
    this.before = new StackedTree(layers);
    this.after = new StackedTree(layers);
    for (let height = 0; height < layer; height++) this.before.applyNext();
    const placed = (node: StackNode): void => this.hardLinks.note(this.after, node);
    for (let height = 0; height <= layer; height++) this.after.applyNext({ placed });
    this.noteTouched();
  }

  /** The names in a folder; empty path: the root. */
  children(folder: string, whole: boolean): LayerFile[] {
    const [old, now] = [this.before.find(folder), this.after.find(folder)];
    const names = new Set([...(old?.children?.keys() ?? []), ...(now?.children?.keys() ?? [])]);
    const files: LayerFile[] = [];
    for (const name of names) {
      const file = this.file(folder, name, old?.children?.get(name), now?.children?.get(name), whole);
      if (file !== undefined) files.push(file);
    }
    return files;
  }

  /** What is at a path after this layer; undefined where there is nothing, or it was removed. */
  find(path: string): LayerFile | undefined {
    const node = this.after.find(path);
    if (node === undefined || node === this.after.root) return undefined;
    return this.file(folderOf(path), nameOf(path), this.before.find(path), node, true);
  }

  /** Where a path leads after this layer; symbolic links are followed within the image. */
  follow(path: string): Followed {
    return followLinks(this.after, path, { linkAt: (place) => this.linkAt(place) });
  }

  /** The entry with the content of what is at a path once links of both kinds are followed; undefined: no regular file. */
  content(path: string): EntryPlace | undefined {
    const followed = this.follow(path);
    const place = followed.kind === 'found' ? followed.node.place : undefined;
    const content = place && this.hardLinks.contentOf(place);
    return content !== undefined && this.layers[content.layer]?.type(content.index) === 'file' ? content : undefined;
  }

  /** The target of a symbolic link, also of one that a hard link names; undefined for everything else. */
  private linkAt(place: EntryPlace): string | undefined {
    const { layer, index } = this.hardLinks.contentOf(place);
    const entries = this.layers[layer];
    return entries?.type(index) === 'symlink' ? entries.link(index) : undefined;
  }

  /** The layer below that has the copy of a file which this layer replaces; undefined where there is none. */
  older(path: string): number | undefined {
    const place = this.before.find(path)?.place;
    return place !== undefined && this.layers[place.layer]?.type(place.index) === 'file' ? place.layer : undefined;
  }

  private file(
    folder: string,
    name: string,
    old: StackNode | undefined,
    now: StackNode | undefined,
    whole: boolean,
  ): LayerFile | undefined {
    const node = now ?? old;
    if (node === undefined) return undefined;
    const path = folder === '' ? name : `${folder}/${name}`;
    const change = this.changeOf(path, old, now);
    const isTouched = this.touched.has(path) || now?.place?.layer === this.layer;
    if (!whole && change === 'unmodified' && !isTouched) return undefined;
    const { place } = node;
    const type = place === undefined ? 'directory' : (this.layers[place.layer]?.type(place.index) ?? 'file');
    return {
      ...{ name, path, type, change, place },
      bytes: type === 'directory' ? this.bytesBelow(node, path, whole || now === undefined) : this.bytesOf(place),
      hasChildren: (node.children?.size ?? 0) > 0 || (type === 'directory' && this.touched.has(path)),
    };
  }

  private changeOf(path: string, old: StackNode | undefined, now: StackNode | undefined): FileChangeInLayer {
    if (now === undefined) return 'removed';
    if (old === undefined) return 'added';
    const isFolder = this.isFolder(now.place) && this.isFolder(old.place);
    if (isFolder && this.touched.has(path)) return 'modified';
    const [before, after] = [old.place, now.place];
    if (before === undefined || after === undefined || before === after) return 'unmodified';
    if (before.layer === after.layer && before.index === after.index) return 'unmodified';
    return this.isSame(before, after) ? 'unmodified' : 'modified';
  }

  /** Is it the same with the same content, only stored again? As long as nobody compared contents it counts as another. */
  private isSame(a: EntryPlace, b: EntryPlace): boolean {
    const [left, right] = [this.layers[a.layer], this.layers[b.layer]];
    if (left === undefined || right === undefined) return false;
    const isAlike =
      left.type(a.index) === right.type(b.index) &&
      left.size(a.index) === right.size(b.index) &&
      left.link(a.index) === right.link(b.index) &&
      left.hasSameAccess(a.index, right, b.index);
    if (!isAlike) return false;
    return left.type(a.index) !== 'file' || left.size(a.index) === 0 || sameByDigest(this.layers)(a, b) === true;
  }

  private isFolder(place: EntryPlace | undefined): boolean {
    return place === undefined || this.layers[place.layer]?.type(place.index) === 'directory';
  }

  private bytesOf(place: EntryPlace | undefined): number {
    return place === undefined ? 0 : (this.layers[place.layer]?.size(place.index) ?? 0);
  }

  private bytesBelow(folder: StackNode, path: string, whole: boolean): number {
    const key = `${whole ? 'whole' : 'layer'} ${path}`;
    let sum = this.sizes.get(key);
    if (sum !== undefined) return sum;
    const tree = this.after.find(path) === folder ? this.after : this.before;
    sum = 0;
    for (const { place } of tree.below(folder)) if (whole || place?.layer === this.layer) sum += this.bytesOf(place);
    this.sizes.set(key, sum);
    return sum;
  }

  private noteTouched(): void {
    const entries = this.layers[this.layer];
    for (let index = 0; index < (entries?.length ?? 0); index++) {
      const path = entries?.path(index) ?? '';
      const isWhiteout = nameOf(path).startsWith(WHITEOUT);
      // folders are in a layer for what is in them; one that changed itself is noticed by its mode
      if (!isWhiteout && entries?.type(index) === 'directory' && this.isUnchangedFolder(path, index)) continue;
      for (let folder = folderOf(path); folder !== '' && !this.touched.has(folder); folder = folderOf(folder)) {
        this.touched.add(folder);
      }
    }
  }

  private isUnchangedFolder(path: string, index: number): boolean {
    const place = this.before.find(path)?.place;
    const [old, own] = [place && this.layers[place.layer], this.layers[this.layer]];
    return place !== undefined && old !== undefined && own !== undefined && old.hasSameAccess(place.index, own, index);
  }
}

/** An entry that a search found. */
export interface FoundEntry {
  readonly layer: number;
  readonly path: string;
  readonly isRemoval: boolean;
  readonly type: EntryType;
  readonly bytes: number;
}

/** Entries of all layers whose path contains every word, any case; at most `most`, the newest layer first. */
export function findInLayers(layers: readonly LayerEntries[], query: string, most: number): FoundEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found: FoundEntry[] = [];
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    const entries = layers[layer];
    for (let index = 0; index < (entries?.length ?? 0) && found.length < most; index++) {
      const whole = entries?.path(index) ?? '';
      const name = nameOf(whole);
      const isRemoval = name.startsWith(WHITEOUT);
      const path = isRemoval ? `${whole.slice(0, -name.length)}${name.slice(WHITEOUT.length)}` : whole;
      const text = path.toLowerCase();
      const type = entries?.type(index);
      if (type === undefined || type === 'directory' || !words.every((word) => text.includes(word))) continue;
      found.push({ layer, path, isRemoval, type, bytes: entries?.size(index) ?? 0 });
    }
  }
  return found;
}
