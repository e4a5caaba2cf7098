import type { CopiedFile, CopiedSource } from '../predict/copiedFiles';
import { compareNames, folderOf, nameOf, WHITEOUT } from './entryPath';
import { followLinks } from './followLinks';
import { HardLinks } from './hardLinks';
import type { LayerEntries } from './layerEntries';
import { StackedTree, type EntryPlace, type StackNode } from './stackedTree';

/** How a file of an image differs from what its instruction would copy now. */
export interface CopyDifference {
  /** Relative to the root of the image. */
  readonly path: string;
  /** `changed`: other content of the same size, or another kind of file. */
  readonly change: 'added' | 'removed' | 'grown' | 'shrunk' | 'changed';
  /** Bytes in the image, and of what would be copied. */
  readonly before: number;
  readonly after: number;
}

/** The files of one instruction, in the order of their paths. */
export interface ComparedCopy {
  readonly differences: readonly CopyDifference[];
  /** Files of equal size of which nobody knows whether their contents are equal. */
  readonly unclear: number;
}

interface Planned {
  readonly path: string;
  readonly file: CopiedFile;
}

/** Compares what an instruction would copy now with what an image has, whose layer the instruction made. */
export class CopyComparison {
  private readonly below: StackedTree;
  private readonly with: StackedTree;
  private readonly links = new HardLinks();
  private readonly planned = new Map<string, Planned>();

  constructor(
    private readonly layers: readonly LayerEntries[],
    private readonly layer: number,
    sources: readonly CopiedSource[],
    /** The instruction made that layer; otherwise it is one that would be put on it. */
    private readonly isOwn = true,
  ) {
    this.below = new StackedTree(layers);
    this.with = new StackedTree(layers);
    for (let height = 0; height < layer + (isOwn ? 0 : 1); height++) this.below.applyNext();
    const placed = (node: StackNode): void => this.links.note(this.with, node);
    for (let height = 0; height <= layer; height++) this.with.applyNext({ placed });
    for (const source of sources) this.plan(source);
  }

  /** Files whose contents are worth a comparison: their digests are asked for, where they are not known. */
  get questions(): readonly EntryPlace[] {
    return [...this.planned.values()].flatMap(({ path, file }) => {
      const place = this.contentAt(path);
      const isAlike = place !== undefined && this.entries(place)?.size(place.index) === file.bytes;
      return isAlike && file.bytes > 0 && file.digest !== undefined ? [place] : [];
    });
  }

  result(): ComparedCopy {
    const differences: CopyDifference[] = [];
    let unclear = 0;
    for (const { path, file } of this.planned.values()) {
      const found = this.compare(path, file);
      if (found === 'unclear') unclear++;
      else if (found !== undefined) differences.push(found);
    }
    const own = this.isOwn ? this.layers[this.layer] : undefined;
    for (let index = 0; index < (own?.length ?? 0); index++) {
      const path = own?.path(index) ?? '';
      if (own?.type(index) === 'directory' || nameOf(path).startsWith(WHITEOUT) || this.planned.has(path)) continue;
      const before = this.bytesOf(this.links.contentOf({ layer: this.layer, index }));
      differences.push({ path, change: 'removed', before, after: 0 });
    }
    differences.sort((a, b) => compareNames(a.path, b.path));
    return { differences, unclear };
  }

  /**
   * Where the files go (BuildKit solver/llbsolver/file/backend.go docopy, tonistiigi/fsutil copy.go prepareTargetDir): what
   * is in a folder goes to the destination itself, a file into it where it is a folder.
   */
  private plan({ destination, name, isFolder, files }: CopiedSource): void {
    const target = destination.replace(/\/\.?$/, '').replace(/^\//, '');
    const isInto = /\/\.?$/.test(destination) || this.isFolderBelow(target);
    const folders = new Map<string, string>();
    for (const file of files) {
      const whole = isFolder ? join(target, file.path) : isInto ? join(target, name) : target;
      const folder = folderOf(whole);
      const real = folders.get(folder) ?? this.realFolder(folder);
      folders.set(folder, real);
      const path = join(real, nameOf(whole));
      // of two files with one destination the later one stays
      this.planned.set(path, { path, file });
    }
  }

  private compare(path: string, file: CopiedFile): CopyDifference | 'unclear' | undefined {
    const place = this.with.find(path)?.place;
    if (place === undefined) return { path, change: 'added', before: 0, after: file.bytes };
    const content = this.links.contentOf(place);
    const entries = this.entries(content);
    const before = this.bytesOf(content);
    const sizes = { path, before, after: file.bytes };
    const type = entries?.type(content.index);
    if (type !== file.type) return { ...sizes, change: 'changed' };
    if (type === 'symlink') {
      return entries?.link(content.index) === file.target ? undefined : { ...sizes, change: 'changed' };
    }
    if (before !== file.bytes) return { ...sizes, change: before < file.bytes ? 'grown' : 'shrunk' };
    if (before === 0) return undefined;
    const digest = entries?.digest(content.index);
    if (digest === undefined || file.digest === undefined) return 'unclear';
    return file.digest.startsWith(hexOf(digest)) ? undefined : { ...sizes, change: 'changed' };
  }

  private contentAt(path: string): EntryPlace | undefined {
    const place = this.with.find(path)?.place;
    const content = place && this.links.contentOf(place);
    return content !== undefined && this.entries(content)?.type(content.index) === 'file' ? content : undefined;
  }

  private entries({ layer }: EntryPlace): LayerEntries | undefined {
    return this.layers[layer];
  }

  private bytesOf(place: EntryPlace): number {
    return this.entries(place)?.size(place.index) ?? 0;
  }

  private linkAt({ layer, index }: EntryPlace): string | undefined {
    const entries = this.layers[layer];
    return entries?.type(index) === 'symlink' ? entries.link(index) : undefined;
  }

  private follow(path: string) {
    return followLinks(this.below, path, { linkAt: (place) => this.linkAt(place) });
  }

  private isFolderBelow(path: string): boolean {
    const found = this.follow(path);
    if (found.kind !== 'found') return false;
    const { place } = found.node;
    return place === undefined || this.entries(place)?.type(place.index) === 'directory';
  }

  /** A folder with the links on its way followed, as far as it is there; the rest is made. */
  private realFolder(folder: string): string {
    let made = '';
    for (let above = folder; above !== ''; above = folderOf(above)) {
      const found = this.follow(above);
      if (found.kind === 'found') return join(found.path, made);
      made = join(nameOf(above), made);
    }
    return made;
  }
}

function join(folder: string, name: string): string {
  return folder === '' ? name : name === '' ? folder : `${folder}/${name}`;
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
