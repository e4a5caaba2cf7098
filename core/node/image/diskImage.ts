import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { ImageDescription } from '../../image/manifest';
import type { EntryPlace } from '../../image/stackedTree';
import { FileSource } from './byteSource';
import type { ReadLayer } from './layerReader';
import { fileToShow, ImageError, type OpenImage, type OpenLayer } from './openImage';
import { isWholeLayer, layersOf } from './pickImage';
import { readOneFile } from './readOneFile';

/** A layer that lies in a file, or in a part of one. */
export interface LayerOnDisk extends ReadLayer {
  readonly file: string;
  /** First byte in the file, and how many there are. */
  readonly start: number;
  readonly length: number;
}

/** An image whose layers lie in files: contents are read where they are. */
export class ImageOnDisk implements OpenImage {
  readonly layers: readonly OpenLayer[];
  readonly problems: readonly string[];
  private readonly onDisk: readonly LayerOnDisk[];

  constructor(
    readonly name: string,
    readonly description: ImageDescription,
    layers: ReadonlyMap<string, LayerOnDisk>,
    problems: readonly string[],
  ) {
    const found = layersOf(name, description, layers);
    this.onDisk = found.layers;
    this.problems = [...problems, ...found.problems];
    this.layers = found.layers.map((layer, index) => {
      const { diffId = '', blob = '' } = description.layers[index] ?? {};
      return { entries: layer.entries, diffId, digest: digestOfBlob(blob), isWhole: isWholeLayer(layer, diffId) };
    });
  }

  async readDigests(places: readonly EntryPlace[], signal?: AbortSignal): Promise<void> {
    for (const place of places) {
      signal?.throwIfAborted();
      await this.addDigest(place);
    }
  }

  async content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { layer, entry } = fileToShow(this.onDisk, place, limit);
    if (layer.compression === 'none' && entry.offset + entry.size > layer.length) {
      throw new ImageError(`the layer ends in the middle of ${entry.path}`);
    }
    return this.withFile(layer.file, async (file) => {
      if (layer.compression === 'none') {
        const content = Buffer.alloc(entry.size);
        const { bytesRead } = await file.read(content, 0, entry.size, layer.start + entry.offset);
        if (bytesRead < entry.size) throw new ImageError(`${layer.file} ends in the middle of ${entry.path}`);
        return content;
      }
      const source = new FileSource(file, layer.start + layer.length, layer.start);
      return readOneFile(source, layer.compression, entry, signal);
    });
  }

  private async addDigest({ layer, index }: EntryPlace): Promise<void> {
    const onDisk = this.onDisk[layer];
    // what is packed was hashed as it was read: what has no digest there broke off
    if (onDisk?.compression !== 'none' || onDisk.entries.digest(index) !== undefined) return;
    const { offset, size } = onDisk.entries.at(index);
    if (offset < 0 || offset + size > onDisk.length) return;
    await this.withFile(onDisk.file, async (file) => {
      const digest = await hashRange(file, onDisk.start + offset, size);
      if (digest !== undefined) onDisk.entries.setDigest(index, digest);
    });
  }

  private async withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(path, 'r').catch(() => {
      throw new ImageError(`${path} is not there any more`);
    });
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

/** Undefined when the file ends before. */
async function hashRange(file: FileHandle, start: number, length: number): Promise<Uint8Array | undefined> {
  const hash = createHash('sha256');
  const source = new FileSource(file, start + length, start);
  let left = length;
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    hash.update(chunk);
    left -= chunk.length;
  }
  return left === 0 ? hash.digest() : undefined;
}

/** The digest that a blob is named by; empty for the names of older archives. */
function digestOfBlob(blob: string): string {
  const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(blob) ?? [];
  return algorithm === undefined ? '' : `${algorithm}:${hex}`;
}
