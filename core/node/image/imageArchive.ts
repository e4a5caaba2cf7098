import { createHash } from 'node:crypto';
import { asPath } from '../../image/entryPath';
import type { LayerEntry } from '../../image/layerEntries';
import { BLOCK, decodeUtf8 } from '../../image/tarHeader';
import { TarScanner, type ArchiveProblem } from '../../image/tarScanner';
import type { ByteSource } from './byteSource';
import { LayerReader, looksLikeLayer, type ReadLayer } from './layerReader';
import { compressionOf } from './unpack';

/** Bytes of one JSON file of an archive, and of all of them. */
const MAX_JSON = 8_000_000;
const MAX_ALL_JSON = 64_000_000;
/** Names that lead to names. */
const MAX_LINKS = 8;

/** A layer with where it lies in the archive. */
export interface ArchivedLayer extends ReadLayer {
  /** First byte of the blob in the archive, and how many it has. */
  readonly start: number;
  readonly length: number;
}

/** What reading an image archive gave. */
export interface ArchiveContents {
  readonly json: ReadonlyMap<string, string>;
  readonly layers: ReadonlyMap<string, ArchivedLayer>;
  readonly problems: readonly ArchiveProblem[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the source that were passed. */
  readonly onProgress?: ((bytes: number, all: number | undefined) => void) | undefined;
  /** Compute digests of layers and contents, as far as they have not to be read for that alone. */
  readonly hashPlain: boolean;
  /** Layers whose entries are known by the name of their blob: they are passed over. */
  readonly known?: ((blob: string) => boolean) | undefined;
}

/**
 * Reads the archive that `docker save`, `podman save` and others write, in one pass: every layer's entries and all JSON.
 * Nothing is written to disk; contents are only passed by. Fails when it is aborted or the source fails.
 */
export async function readImageArchive(source: ByteSource, options: ReadOptions): Promise<ArchiveContents> {
  const reading = new ArchiveReading(options);
  let passed = 0;
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    options.signal?.throwIfAborted();
    passed += chunk.length;
    await reading.feed(chunk);
    if (reading.scanner.ended) break;
    // what is beyond the end is missing, not passed over; where a stream ends is not known
    const room = source.size === undefined ? 0 : source.size - passed;
    const more = Math.min(reading.scanner.skippable, room);
    if (more > 0) {
      await source.skip(more);
      reading.scanner.skip(more);
      passed += more;
      await reading.settle();
    }
    options.onProgress?.(passed, source.size);
  }
  return reading.end();
}

type Blob =
  | { readonly kind: 'start'; readonly parts: Uint8Array[]; length: number }
  | { readonly kind: 'json'; readonly parts: Uint8Array[]; length: number }
  | { readonly kind: 'layer'; readonly reader: LayerReader }
  | { readonly kind: 'other' };

class ArchiveReading {
  readonly scanner: TarScanner;
  private readonly json = new Map<string, string>();
  private readonly layers = new Map<string, ArchivedLayer>();
  private readonly links = new Map<string, string>();
  private readonly problems: ArchiveProblem[] = [];
  private readonly pending: Promise<void>[] = [];
  private current: LayerEntry | undefined;
  private blob: Blob = { kind: 'other' };
  private jsonBytes = 0;

  constructor(private readonly options: ReadOptions) {
    this.scanner = new TarScanner({
      entry: (entry) => this.entry(entry),
      content: (chunk) => this.content(chunk),
      contentEnd: () => this.contentEnd(),
      skippable: () =>
        this.blob.kind === 'layer' ? this.blob.reader.skippable : this.blob.kind === 'other' ? Infinity : 0,
      skipped: (bytes) => {
        if (this.blob.kind === 'layer') this.blob.reader.skip(bytes);
      },
    });
  }

  feed(chunk: Uint8Array): Promise<void> {
    this.scanner.feed(chunk);
    return this.settle();
  }

  async settle(): Promise<void> {
    // one after the other: whoever waits holds what it was given
    for (const one of this.pending.splice(0)) await one;
  }

  async end(): Promise<ArchiveContents> {
    const problem = this.scanner.end();
    if (problem !== undefined) {
      this.problems.push(problem);
      if (this.blob.kind === 'layer') this.contentEnd();
    }
    await this.settle();
    this.followLinks();
    return { json: this.json, layers: this.layers, problems: this.problems };
  }

  private entry(entry: LayerEntry): boolean {
    if (entry.type === 'symlink') {
      // older archives name a layer twice by a link
      const folder = entry.path.slice(0, entry.path.lastIndexOf('/') + 1);
      this.links.set(entry.path, asPath(folder + entry.link));
    } else if (entry.type === 'hardlink') this.links.set(entry.path, entry.link);
    if (entry.type !== 'file' || this.options.known?.(entry.path) === true) return false;
    this.current = entry;
    this.blob = { kind: 'start', parts: [], length: 0 };
    return true;
  }

  private content(chunk: Uint8Array): void {
    const { blob } = this;
    if (blob.kind === 'layer') this.wait(blob.reader.feed(chunk));
    if (blob.kind !== 'start' && blob.kind !== 'json') return;
    blob.parts.push(chunk.slice());
    blob.length += chunk.length;
    if (blob.kind === 'start' && blob.length >= BLOCK) this.decide(blob.parts);
    else if (blob.kind === 'json' && blob.length > MAX_JSON) this.blob = { kind: 'other' };
  }

  private contentEnd(): void {
    if (this.blob.kind === 'start') this.decide(this.blob.parts);
    const { blob, current } = this;
    if (current === undefined) return;
    if (blob.kind === 'json') {
      this.jsonBytes += blob.length;
      if (this.jsonBytes <= MAX_ALL_JSON) this.json.set(current.path, decodeUtf8(Buffer.concat(blob.parts)));
    } else if (blob.kind === 'layer') {
      const place = { start: current.offset, length: current.size };
      this.wait(
        blob.reader.end().then((layer) => {
          this.layers.set(current.path, { ...layer, ...place });
        }),
      );
    }
    this.blob = { kind: 'other' };
  }

  /** Blobs have no names that tell what they are: what they begin with tells it. */
  private decide(parts: readonly Uint8Array[]): void {
    const start = Buffer.concat(parts);
    // first: the name that an archive begins with may look like JSON
    if (looksLikeLayer(start)) {
      const compression = compressionOf(start);
      // what is unpacked is read anyway
      const reader = new LayerReader(
        compression,
        this.options.hashPlain || compression !== 'none',
        this.options.signal,
      );
      this.blob = { kind: 'layer', reader };
      this.wait(reader.feed(start));
    } else if (/^\s*[{[]/.test(start.subarray(0, 64).toString('latin1'))) {
      this.blob = { kind: 'json', parts: [start], length: start.length };
    } else this.blob = { kind: 'other' };
  }

  private wait(one: Promise<void> | undefined): void {
    if (one !== undefined) this.pending.push(one);
  }

  private followLinks(): void {
    for (const [name, first] of this.links) {
      let target = first;
      for (let step = 0; step < MAX_LINKS && this.links.has(target); step++) target = this.links.get(target) ?? target;
      const [layer, json] = [this.layers.get(target), this.json.get(target)];
      if (layer !== undefined) this.layers.set(name, layer);
      if (json !== undefined) this.json.set(name, json);
    }
  }
}

/** `sha256:…` of a text. */
export function textDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
