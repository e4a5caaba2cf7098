import { closeSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { EntryPlace } from '../../image/stackedTree';
import { fileToShow, ImageError, type ContentSink, type OpenImage } from './openImage';

/** Keeps a content in memory. */
export class MemorySink implements ContentSink {
  content: Buffer = Buffer.alloc(0);
  private taken = 0;

  begin(bytes: number): void {
    this.content = Buffer.alloc(bytes);
    this.taken = 0;
  }

  write(part: Uint8Array): void {
    this.content.set(part, this.taken);
    this.taken += part.length;
  }
}

/** What of an image {@link readContent} needs. */
type ContentSource = Pick<OpenImage, 'layers' | 'copy'>;

/** What {@link OpenImage.content} does, by {@link OpenImage.copy}. */
export async function readContent(
  image: ContentSource,
  place: EntryPlace,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  fileToShow(image.layers, place, limit);
  const sink = new MemorySink();
  await image.copy(place, sink, signal);
  return sink.content;
}

/**
 * Writes a content to a file on disk, of any size: beside it first, so that a file of that name is replaced by the whole
 * content or not at all. What `copy` fails with is passed on. Fails with an {@link ImageError} where it cannot be written.
 */
export async function writeContent(path: string, copy: (sink: ContentSink) => Promise<void>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = onDisk(path, () => openSync(part, 'wx', 0o666));
  let position = 0;
  const sink: ContentSink = {
    begin() {
      onDisk(path, () => ftruncateSync(file, 0));
      position = 0;
    },
    write(bytes) {
      onDisk(path, () => {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at);
      });
      position += bytes.length;
    },
  };
  let isDone = false;
  try {
    await copy(sink);
    isDone = true;
  } finally {
    closeSync(file);
    if (!isDone) rmSync(part, { force: true });
  }
  try {
    onDisk(path, () => renameSync(part, path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ImageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
