import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { findImages } from '../../image/manifest';
import { FileSource, StreamSource } from './byteSource';
import { ImageOnDisk, type LayerOnDisk } from './diskImage';
import { readImageArchive, textDigest } from './imageArchive';
import { ImageError, type OpenImage, type OpenOptions } from './openImage';
import { otherImages, pickImage } from './pickImage';
import { StreamedImage, readStream } from './streamedImage';
import { compressionOf, unpacked } from './unpack';

/** Reads an image archive on disk (`docker save`, `podman save`, OCI), packed or not. Fails with an {@link ImageError}. */
export async function openArchive(path: string, options: OpenOptions = {}): Promise<OpenImage> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new ImageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new ImageError(`${path} is no file`);
    const { size } = stat;
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (compressionOf(buffer) !== 'none') return await openPacked(path, options);
    const contents = await readImageArchive(new FileSource(file, size), { ...options, hashPlain: false });
    const { images, problems: unread } = findImages(contents.json, textDigest);
    const problems = [...unread, ...contents.problems.map(({ message }) => message)];
    const description = pickImage(path, images, problems, options);
    problems.push(...otherImages(images, description, options));
    const layers = new Map<string, LayerOnDisk>();
    for (const [blob, layer] of contents.layers) layers.set(blob, { ...layer, file: path });
    return new ImageOnDisk(path, description, layers, problems);
  } finally {
    await file.close();
  }
}

/** An archive that was packed as a whole has to be unpacked for every question. */
async function openPacked(path: string, options: OpenOptions): Promise<OpenImage> {
  const bytes = (signal: AbortSignal): AsyncIterable<Uint8Array> => unpacked(createReadStream(path, { signal }));
  const { description, layers, problems } = await readStream(path, bytes, options).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ImageError(`${path} holds no image that can be read: it cannot be unpacked: ${message}`);
  });
  return new StreamedImage(path, description, layers, problems, (signal) =>
    Promise.resolve(new StreamSource(bytes(signal))),
  );
}
