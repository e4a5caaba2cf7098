import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { ImageDescription } from '../../image/manifest';
import type { EntryPlace } from '../../image/stackedTree';
import { FileSource } from './byteSource';
import type { ReadLayer } from './layerReader';
import { readContent } from './contentSink';
import { fileToShow, ImageError, type ContentSink, type OpenImage, type OpenLayer } from './openImage';
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

  content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    return readContent(this, place, limit, signal);
  }

  async copy(place: EntryPlace, sink: ContentSink, signal?: AbortSignal): Promise<void> {
    const { layer, entry } = fileToShow(this.onDisk, place);
    if (layer.compression === 'none' && entry.offset + entry.size > layer.length) {
      throw new ImageError(`the layer ends in the middle of ${entry.path}`);
    }
    return this.withFile(layer.file, async (file) => {
      if (layer.compression === 'none') {
        const start = layer.start + entry.offset;
        const taken = await copyAll(new FileSource(file, start + entry.size, start), entry.size, sink, signal);
        if (taken < entry.size) throw new ImageError(`${layer.file} ends in the middle of ${entry.path}`);
        return;
      }
      const source = new FileSource(file, layer.start + layer.length, layer.start);
      await readOneFile(source, layer.compression, entry, sink, signal);
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

/** Hands over all that a source gives; returns how many bytes that were. */
async function copyAll(source: FileSource, bytes: number, sink: ContentSink, signal?: AbortSignal): Promise<number> {
  sink.begin(bytes);
  let taken = 0;
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    signal?.throwIfAborted();
    sink.write(chunk);
    taken += chunk.length;
  }
  return taken;
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
