import { createHash } from 'node:crypto';
import { DIGEST_BYTES, type LayerEntries, type LayerEntry } from '../../image/layerEntries';
import { TarScanner } from '../../image/tarScanner';
import type { ByteSource } from './byteSource';
import { ImageError } from './openImage';
import { compressionOf, unpackTo, type Compression, type Unpacker } from './unpack';

/** The content of one file out of a packed layer: unpacks it up to that file. */
export async function readOneFile(
  source: ByteSource,
  compression: Compression,
  { path, offset, size }: Pick<LayerEntry, 'path' | 'offset' | 'size'>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const content = Buffer.alloc(size);
  let at = 0;
  let taken = 0;
  const unpacker = unpackTo(compression, (chunk) => {
    const from = Math.max(0, offset - at);
    if (from < chunk.length && taken < size) {
      const part = chunk.subarray(from, Math.min(chunk.length, offset + size - at));
      content.set(part, taken);
      taken += part.length;
    }
    at += chunk.length;
  });
  try {
    for (let chunk = await source.read(); chunk !== undefined && taken < size; chunk = await source.read()) {
      signal?.throwIfAborted();
      await unpacker.write(Buffer.from(chunk));
    }
    if (taken < size) await unpacker.end();
  } finally {
    unpacker.abandon();
  }
  if (taken < size) throw new ImageError(`the layer ends in the middle of ${path}`);
  return content;
}

/**
 * The content of one file out of an image that comes as a stream. Layers cannot be told apart before all is read, so a
 * file counts that has the path, the size and the digest which are known of it.
 */
export async function readFromStream(
  source: ByteSource,
  { entries }: { readonly entries: LayerEntries },
  index: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const wanted = entries.at(index);
  if (wanted.size === 0) return new Uint8Array(0);
  const digest = entries.digest(index);
  if (digest === undefined) throw new ImageError(`${wanted.path} was not read to its end`);
  let found: Buffer | undefined;
  const take = (content: Buffer): void => {
    const actual = createHash('sha256').update(content).digest().subarray(0, DIGEST_BYTES);
    if (actual.equals(digest)) found ??= content;
  };
  const outer = new FileFinder(wanted.path, wanted.size, take);
  for (let chunk = await source.read(); chunk !== undefined && found === undefined; chunk = await source.read()) {
    signal.throwIfAborted();
    await outer.feed(chunk);
  }
  if (found === undefined) throw new ImageError(`${wanted.path} was not found in what the engine sent`);
  return found;
}

/** Looks for a file in every layer of an archive. */
class FileFinder {
  private readonly scanner: TarScanner;
  private inner: { readonly scanner: TarScanner; readonly unpacker: Unpacker } | undefined;
  private pending: Promise<void>[] = [];
  private begins = false;

  constructor(
    private readonly path: string,
    private readonly size: number,
    private readonly take: (content: Buffer) => void,
  ) {
    this.scanner = new TarScanner({
      entry: ({ type }) => (this.begins = type === 'file'),
      content: (chunk) => {
        // by its first bytes, as when it was read before
        if (this.begins) this.inner = this.open(chunk);
        this.begins = false;
        if (this.inner !== undefined) this.pending.push(this.inner.unpacker.write(Buffer.from(chunk)));
      },
      contentEnd: () => {
        if (this.inner !== undefined) this.pending.push(this.inner.unpacker.end());
        this.inner = undefined;
      },
    });
  }

  async feed(chunk: Uint8Array): Promise<void> {
    this.scanner.feed(chunk);
    // blobs that are no layers fail here
    for (const one of this.pending.splice(0)) await one.catch(() => undefined);
  }

  private open(start: Uint8Array): { readonly scanner: TarScanner; readonly unpacker: Unpacker } {
    let parts: Uint8Array[] = [];
    const scanner = new TarScanner({
      entry: ({ path, size, type }) => {
        parts = [];
        return type === 'file' && path === this.path && size === this.size;
      },
      content: (chunk) => parts.push(chunk.slice()),
      contentEnd: () => this.take(Buffer.concat(parts)),
    });
    return { scanner, unpacker: unpackTo(compressionOf(start), (chunk) => scanner.feed(chunk)) };
  }
}
