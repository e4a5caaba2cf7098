import { createHash, type Hash } from 'node:crypto';
import { LayerEntries, MAX_ENTRIES, type LayerEntry } from '../../image/layerEntries';
import { BLOCK } from '../../image/tarHeader';
import { TarScanner, type ArchiveProblem } from '../../image/tarScanner';
import { compressionOf, unpackTo, type Compression, type Unpacker } from './unpack';

/** What was found in a layer's archive. */
export interface ReadLayer {
  readonly entries: LayerEntries;
  readonly compression: Compression;
  /** Digest of the uncompressed archive; undefined where parts of it were not read. */
  readonly diffId: string | undefined;
  readonly problems: readonly ArchiveProblem[];
}

/** Bytes that a compressed layer may become: no registry takes one of that size. */
const MAX_UNPACKED = 64 * 2 ** 30;
/** Characters of all names and link targets: what is above takes more memory than any real layer. */
const MAX_NAMES = 400_000_000;

/** Lists the entries of one layer as its bytes come; holds no content. */
export class LayerReader {
  readonly entries = new LayerEntries();
  private readonly problems: ArchiveProblem[] = [];
  private readonly scanner: TarScanner;
  private readonly whole: Hash | undefined;
  private content: Hash | undefined;
  private current = 0;
  private unpacked = 0;
  private names = 0;
  private readonly unpack: Unpacker | undefined;
  private failure: ArchiveProblem | undefined;

  constructor(
    readonly compression: Compression,
    /** Compute the digests of the layer and of its files; then nothing can be left out. */
    private readonly hashes: boolean,
    private readonly signal?: AbortSignal,
  ) {
    this.whole = hashes ? createHash('sha256') : undefined;
    this.scanner = new TarScanner({
      entry: (entry) => this.entry(entry),
      content: (chunk) => this.content?.update(chunk),
      contentEnd: () => this.contentEnd(),
    });
    if (compression !== 'none') this.unpack = unpackTo(compression, (chunk) => this.take(chunk));
  }

  /** Bytes of the packed layer that need not be given. */
  get skippable(): number {
    return this.unpack === undefined && !this.hashes ? this.scanner.skippable : 0;
  }

  skip(bytes: number): void {
    this.scanner.skip(bytes);
  }

  /** Takes the next piece of the packed layer; what it returns has to be waited for. */
  feed(chunk: Uint8Array): Promise<void> | undefined {
    if (this.failure !== undefined) return undefined;
    if (this.unpack === undefined) {
      this.take(chunk);
      return undefined;
    }
    // copies: the caller's buffer is used again
    return this.unpack.write(Buffer.from(chunk)).catch((error: unknown) => this.broken(error));
  }

  /** There is no more of the packed layer. */
  async end(): Promise<ReadLayer> {
    if (this.failure === undefined) await this.unpack?.end().catch((error: unknown) => this.broken(error));
    else this.unpack?.abandon();
    const problem = this.failure ?? this.scanner.end();
    if (problem !== undefined) this.problems.push(problem);
    if (this.scanner.oddities > 0) {
      const message = `${this.scanner.oddities} entries with names that no file system can hold were left out`;
      this.problems.push({ code: 'odd-entry', message });
    }
    const diffId =
      this.failure === undefined && this.whole !== undefined ? `sha256:${this.whole.digest('hex')}` : undefined;
    return { entries: this.entries, compression: this.compression, diffId, problems: this.problems };
  }

  private take(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    this.signal?.throwIfAborted();
    this.unpacked += chunk.length;
    if (this.unpacked > MAX_UNPACKED) this.fail('too-much', `it unpacks to more than ${MAX_UNPACKED} bytes`);
    this.whole?.update(chunk);
    this.scanner.feed(chunk);
  }

  private entry(entry: LayerEntry): boolean {
    if (this.entries.length === MAX_ENTRIES) {
      this.fail('too-much', `it has more than ${MAX_ENTRIES} entries: the rest was not read`);
    }
    this.names += entry.path.length + entry.link.length;
    if (this.names > MAX_NAMES) this.fail('too-much', `its names have more than ${MAX_NAMES} characters`);
    if (this.failure !== undefined) return false;
    this.current = this.entries.length;
    this.entries.add(entry);
    // of a file with holes the archive has other bytes than its content
    if (!this.hashes || entry.type !== 'file' || entry.offset < 0) return false;
    this.content = createHash('sha256');
    return true;
  }

  private contentEnd(): void {
    if (this.content !== undefined) this.entries.setDigest(this.current, this.content.digest());
    this.content = undefined;
  }

  private broken(error: unknown): void {
    this.signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    this.fail('not-an-archive', `it is not packed as ${this.compression}: ${message}`);
  }

  private fail(code: ArchiveProblem['code'], message: string): void {
    this.failure ??= { code, message };
  }
}

/** Could these be the first bytes of a tar archive or of a compressed one? An archive without entries is all zeros. */
export function looksLikeLayer(start: Uint8Array): boolean {
  if (compressionOf(start) !== 'none') return true;
  return start.length >= BLOCK && (start.subarray(0, BLOCK).every((byte) => byte === 0) || hasTarMagic(start));
}

function hasTarMagic(start: Uint8Array): boolean {
  const scanner = new TarScanner({ entry: () => false });
  scanner.feed(start.subarray(0, BLOCK));
  // a header that is none ends a scanner at once
  return !scanner.ended;
}
