import { createHash, type Hash } from 'node:crypto';
import { DIGEST_BYTES, type LayerEntries, type LayerEntry } from '../../image/layerEntries';
import { TarScanner } from '../../image/tarScanner';
import type { ByteSource } from './byteSource';
import { ImageError, type ContentSink } from './openImage';
import { compressionOf, unpackTo, type Compression, type Unpacker } from './unpack';

/** Keeps a failure of a sink until it can be thrown: within an unpacker nobody would catch it. */
class PatientSink implements ContentSink {
  private failure: Error | undefined;

  constructor(private readonly sink: ContentSink) {}

  begin(bytes: number): void {
    this.attempt(() => this.sink.begin(bytes));
  }

  write(part: Uint8Array): void {
    this.attempt(() => this.sink.write(part));
  }

  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private attempt(work: () => void): void {
    if (this.failure !== undefined) return;
    try {
      work();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** Hands over the content of one file out of a packed layer: unpacks it up to that file. */
export async function readOneFile(
  source: ByteSource,
  compression: Compression,
  { path, offset, size }: Pick<LayerEntry, 'path' | 'offset' | 'size'>,
  target: ContentSink,
  signal?: AbortSignal,
): Promise<void> {
  const sink = new PatientSink(target);
  sink.begin(size);
  let at = 0;
  let taken = 0;
  const unpacker = unpackTo(compression, (chunk) => {
    const from = Math.max(0, offset - at);
    if (from < chunk.length && taken < size) {
      const part = chunk.subarray(from, Math.min(chunk.length, offset + size - at));
      sink.write(part);
      taken += part.length;
    }
    at += chunk.length;
  });
  try {
    for (let chunk = await source.read(); chunk !== undefined && taken < size; chunk = await source.read()) {
      signal?.throwIfAborted();
      await unpacker.write(Buffer.from(chunk));
      sink.throwIfFailed();
    }
    signal?.throwIfAborted();
    if (taken < size) await unpacker.end();
  } finally {
    unpacker.abandon();
  }
  sink.throwIfFailed();
  if (taken < size) throw new ImageError(`the layer ends in the middle of ${path}`);
}

/**
 * Hands over the content of one file out of an image that comes as a stream. Layers cannot be told apart before all is read, so a
 * file counts that has the path, the size and the digest which are known of it.
 */
export async function readFromStream(
  source: ByteSource,
  { entries }: { readonly entries: LayerEntries },
  index: number,
  target: ContentSink,
  signal: AbortSignal,
): Promise<void> {
  const wanted = entries.at(index);
  if (wanted.size === 0) {
    target.begin(0);
    return;
  }
  const digest = entries.digest(index);
  if (digest === undefined) throw new ImageError(`${wanted.path} was not read to its end`);
  const sink = new PatientSink(target);
  const outer = new FileFinder(wanted.path, wanted.size, digest, sink);
  for (let chunk = await source.read(); chunk !== undefined && !outer.isFound; chunk = await source.read()) {
    signal.throwIfAborted();
    await outer.feed(chunk);
    sink.throwIfFailed();
  }
  if (!outer.isFound) throw new ImageError(`${wanted.path} was not found in what the engine sent`);
}

/** Looks for a file in every layer of an archive. */
class FileFinder {
  private readonly scanner: TarScanner;
  private inner: { readonly scanner: TarScanner; readonly unpacker: Unpacker } | undefined;
  /** One after the other: layers that unpack at the same time would hand over parts of two files in turn. */
  private pending: (() => Promise<void>)[] = [];
  private begins = false;
  /** The content that is wanted was handed over. */
  isFound = false;

  constructor(
    private readonly path: string,
    private readonly size: number,
    private readonly digest: Uint8Array,
    private readonly sink: ContentSink,
  ) {
    this.scanner = new TarScanner({
      entry: ({ type }) => (this.begins = type === 'file'),
      content: (chunk) => {
        // by its first bytes, as when it was read before
        if (this.begins) this.inner = this.open(chunk);
        this.begins = false;
        const unpacker = this.inner?.unpacker;
        if (unpacker === undefined) return;
        const part = Buffer.from(chunk);
        this.pending.push(() => unpacker.write(part));
      },
      contentEnd: () => {
        const unpacker = this.inner?.unpacker;
        if (unpacker !== undefined) this.pending.push(() => unpacker.end());
        this.inner = undefined;
      },
    });
  }

  async feed(chunk: Uint8Array): Promise<void> {
    this.scanner.feed(chunk);
    // blobs that are no layers fail here
    for (const one of this.pending.splice(0)) await one().catch(() => undefined);
  }

  private open(start: Uint8Array): { readonly scanner: TarScanner; readonly unpacker: Unpacker } {
    let hash: Hash | undefined;
    const scanner = new TarScanner({
      entry: ({ path, size, type }) => {
        if (this.isFound || type !== 'file' || path !== this.path || size !== this.size) return false;
        hash = createHash('sha256');
        // another layer may have had another file of that name and size
        this.sink.begin(size);
        return true;
      },
      content: (chunk) => {
        hash?.update(chunk);
        this.sink.write(chunk);
      },
      contentEnd: () => {
        this.isFound = hash?.digest().subarray(0, DIGEST_BYTES).equals(this.digest) === true;
      },
    });
    return { scanner, unpacker: unpackTo(compressionOf(start), (chunk) => scanner.feed(chunk)) };
  }
}
