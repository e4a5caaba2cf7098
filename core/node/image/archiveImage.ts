import { open, type FileHandle } from 'node:fs/promises';
import { findImages, type ImageDescription } from '../../image/manifest';
import type { ContentQuestion, SameContent } from '../../image/shadowed';
import type { EntryPlace } from '../../image/stackedTree';
import { FileSource } from './byteSource';
import { readImageArchive, textDigest, type ArchiveContents, type ArchivedLayer } from './imageArchive';
import { ImageError, type OpenImage, type OpenLayer } from './openImage';
import { compareDigests, layersOf, pickImage } from './pickImage';
import { readOneFile } from './readOneFile';

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number, all: number | undefined) => void) | undefined;
  /** `os/arch[/variant]` of the image that is wanted, where there are several. */
  readonly platform?: string | undefined;
  /** Name of the image that is wanted, where there are several. */
  readonly image?: string | undefined;
}

/** Reads an image archive on disk (`docker save`, `podman save`, OCI). Fails with an {@link ImageError}. */
export async function openArchive(path: string, options: OpenOptions = {}): Promise<OpenImage> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new ImageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new ImageError(`${path} is no file`);
    const { size } = stat;
    const contents = await readImageArchive(new FileSource(file, size), { ...options, hashPlain: false });
    const { images, problems: unread } = findImages(contents.json, textDigest);
    const problems = [...unread, ...contents.problems.map(({ message }) => message)];
    const description = pickImage(path, images, problems, options);
    return new ArchiveImage(path, description, contents, problems);
  } finally {
    await file.close();
  }
}

class ArchiveImage implements OpenImage {
  readonly layers: readonly OpenLayer[];
  readonly problems: readonly string[];
  private readonly archived: readonly ArchivedLayer[];

  constructor(
    readonly name: string,
    readonly description: ImageDescription,
    contents: ArchiveContents,
    problems: readonly string[],
  ) {
    const found = layersOf(name, description, contents.layers);
    this.archived = found.layers;
    this.problems = [...problems, ...found.problems];
    this.layers = found.layers.map(({ entries }, index) => {
      const { diffId = '', blob = '' } = description.layers[index] ?? {};
      return { entries, diffId, digest: digestOfBlob(blob) };
    });
  }

  async sameContent(questions: readonly ContentQuestion[], signal?: AbortSignal): Promise<SameContent> {
    const entries = this.layers.map((layer) => layer.entries);
    const open: ContentQuestion[] = [];
    for (const question of questions) {
      if (compareDigests(entries, question.hidden, question.visible) === undefined) open.push(question);
    }
    if (open.length > 0) {
      await this.withFile(async (file) => {
        for (const { hidden, visible } of open) {
          signal?.throwIfAborted();
          for (const place of [hidden, visible]) await this.addDigest(file, place);
        }
      });
    }
    return (a, b) => compareDigests(entries, a, b);
  }

  async content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    const layer = this.archived[place.layer];
    const entry = layer !== undefined && place.index < layer.entries.length ? layer.entries.at(place.index) : undefined;
    if (layer === undefined || entry?.type !== 'file') throw new ImageError('there is no such file in this image');
    if (entry.size > limit)
      throw new ImageError(`${entry.path} has ${entry.size} bytes, more than the limit of ${limit}`);
    if (layer.compression === 'none' && entry.offset + entry.size > layer.length) {
      throw new ImageError(`the layer ends in the middle of ${entry.path}`);
    }
    return this.withFile(async (file) => {
      if (layer.compression === 'none') {
        const content = Buffer.alloc(entry.size);
        const { bytesRead } = await file.read(content, 0, entry.size, layer.start + entry.offset);
        if (bytesRead < entry.size) throw new ImageError(`${this.name} ends in the middle of ${entry.path}`);
        return content;
      }
      const source = new FileSource(file, layer.start + layer.length, layer.start);
      return readOneFile(source, layer.compression, entry, signal);
    });
  }

  private async addDigest(file: FileHandle, { layer, index }: EntryPlace): Promise<void> {
    const archived = this.archived[layer];
    // what is packed was hashed as it was read: what has no digest there broke off
    if (archived?.compression !== 'none' || archived.entries.digest(index) !== undefined) return;
    const { offset, size } = archived.entries.at(index);
    if (offset + size > archived.length) return;
    const digest = await hashRange(file, archived.start + offset, size);
    if (digest !== undefined) archived.entries.setDigest(index, digest);
  }

  private async withFile<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(this.name, 'r').catch(() => {
      throw new ImageError(`${this.name} is not there any more`);
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
  const { createHash } = await import('node:crypto');
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
