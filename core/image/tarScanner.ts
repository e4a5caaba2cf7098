import { asPath } from './entryPath';
import type { EntryType, LayerEntry } from './layerEntries';
import { BLOCK, decodeUtf8, isZeroBlock, readTarHeader, readText, type TarHeader } from './tarHeader';

/** Bytes of one extended header or long name; the longest that Linux could use is far below. */
const MAX_EXTENSION = 1_000_000;
/** Characters of a path; no file system that layers are unpacked to has longer ones (Linux PATH_MAX is 4096). */
const MAX_PATH = 8192;
/** Dates of ECMAScript reach as far from the epoch. */
const LAST_SECOND = 8.64e12;

/** What is wrong with an archive, for people. */
export interface ArchiveProblem {
  readonly code: 'truncated' | 'not-an-archive' | 'too-much' | 'odd-entry';
  readonly message: string;
}

/** What a scanner is told to do with the content of an entry. */
export interface TarVisitor {
  /** An entry begins. Return true to be given its content. */
  entry(entry: LayerEntry): boolean;
  /** A part of the content of the entry that was asked for. */
  content?(chunk: Uint8Array): void;
  /** All of the content of the entry that was asked for has come. */
  contentEnd?(): void;
  /** Bytes of the content that was asked for that need not be given from here on. */
  skippable?(): number;
  /** So many of them were left out. */
  skipped?(bytes: number): void;
}

type Waiting =
  | { readonly kind: 'header' }
  | { readonly kind: 'content'; readonly isWanted: boolean }
  | { readonly kind: 'extension'; readonly type: string; readonly parts: Uint8Array[] }
  | { readonly kind: 'sparse-map' };

/**
 * Reads a tar archive as it comes, in pieces of any length: names, kinds and sizes, and where contents are. Knows PAX and
 * GNU extensions. Holds one block and the extensions of one entry at most; nothing in an archive can make it throw.
 */
export class TarScanner {
  private readonly partial = new Uint8Array(BLOCK);
  private partialLength = 0;
  /** Bytes of content or extension that are to come, and of the padding behind them. */
  private left = 0;
  private padding = 0;
  private waiting: Waiting = { kind: 'header' };
  private pax = new Map<string, string>();
  private readonly globalPax = new Map<string, string>();
  private longName: string | undefined;
  private longLink: string | undefined;
  private position = 0;
  private zeroBlocks = 0;
  private pendingSparse: TarHeader | undefined;
  private isEnded = false;
  /** Entries that were left out since no file system could hold them. */
  oddities = 0;
  private problem: ArchiveProblem | undefined;

  constructor(private readonly visitor: TarVisitor) {}

  /** Nothing more is read: the archive ended, or is broken. */
  get ended(): boolean {
    return this.isEnded;
  }

  /** Bytes from here on that need not be given: contents that nobody asked for. */
  get skippable(): number {
    const { waiting, visitor } = this;
    if (waiting.kind !== 'content' || this.isEnded) return 0;
    return waiting.isWanted ? Math.min(this.left, visitor.skippable?.() ?? 0) : this.left + this.padding;
  }

  /** Passes over bytes that are {@link skippable}. */
  skip(bytes: number): void {
    if (bytes === 0) return;
    this.position += bytes;
    const fromContent = Math.min(bytes, this.left);
    this.left -= fromContent;
    this.padding -= bytes - fromContent;
    const { waiting } = this;
    if (waiting.kind === 'content' && waiting.isWanted) {
      this.visitor.skipped?.(fromContent);
      if (this.left === 0) this.contentEnded();
    } else if (this.left === 0 && this.padding === 0) this.waiting = { kind: 'header' };
  }

  /** Reads the next piece. */
  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.isEnded) at = this.step(chunk, at);
  }

  /** There is no more. Says what was wrong with the archive; undefined when it was whole. */
  end(): ArchiveProblem | undefined {
    if (this.problem !== undefined) return this.problem;
    if (this.isEnded) return undefined;
    this.isEnded = true;
    // an archive without its last zeros is whole to every reader
    if (this.waiting.kind === 'header' && this.partialLength === 0) return undefined;
    return { code: 'truncated', message: `the archive ends in the middle, after ${this.position} bytes` };
  }

  private step(chunk: Uint8Array, at: number): number {
    if (this.waiting.kind === 'header' || this.waiting.kind === 'sparse-map') return this.block(chunk, at);
    if (this.left > 0) {
      const taken = Math.min(this.left, chunk.length - at);
      this.take(chunk, at, taken);
      this.left -= taken;
      this.position += taken;
      if (this.left === 0) this.contentEnded();
      return at + taken;
    }
    const taken = Math.min(this.padding, chunk.length - at);
    this.padding -= taken;
    this.position += taken;
    if (this.padding === 0) this.waiting = { kind: 'header' };
    return at + taken;
  }

  private take(chunk: Uint8Array, at: number, length: number): void {
    const { waiting } = this;
    if (waiting.kind === 'content' && waiting.isWanted) this.visitor.content?.(chunk.subarray(at, at + length));
    // copies: the reader's buffer is used again
    if (waiting.kind === 'extension') waiting.parts.push(chunk.slice(at, at + length));
  }

  private contentEnded(): void {
    const { waiting } = this;
    if (waiting.kind === 'content' && waiting.isWanted) this.visitor.contentEnd?.();
    if (waiting.kind === 'extension') this.extended(waiting.type, joined(waiting.parts));
    if (this.padding === 0 && !this.isEnded) this.waiting = { kind: 'header' };
  }

  private block(chunk: Uint8Array, at: number): number {
    const missing = BLOCK - this.partialLength;
    if (this.partialLength === 0 && chunk.length - at >= BLOCK) {
      this.position += BLOCK;
      this.header(chunk, at);
      return at + BLOCK;
    }
    const taken = Math.min(missing, chunk.length - at);
    this.partial.set(chunk.subarray(at, at + taken), this.partialLength);
    this.partialLength += taken;
    this.position += taken;
    if (this.partialLength === BLOCK) {
      this.partialLength = 0;
      this.header(this.partial, 0);
    }
    return at + taken;
  }

  private header(block: Uint8Array, start: number): void {
    if (this.waiting.kind === 'sparse-map') {
      if (block[start + 504] !== 1) this.sparseEnded();
      return;
    }
    if (isZeroBlock(block, start)) {
      this.zeroBlocks++;
      if (this.zeroBlocks === 2) this.isEnded = true;
      return;
    }
    const header = readTarHeader(block, start);
    if (header === undefined || this.zeroBlocks > 0) {
      this.fail('not-an-archive', `there is no tar header at byte ${this.position - BLOCK}`);
      return;
    }
    if ('xgXLK'.includes(header.type)) {
      if (header.size > MAX_EXTENSION) {
        this.fail('too-much', `an extended header of ${header.size} bytes at byte ${this.position - BLOCK}`);
        return;
      }
      this.expect(header.size, { kind: 'extension', type: header.type, parts: [] });
      if (header.size === 0) this.extended(header.type, new Uint8Array(0));
      return;
    }
    if (header.sparse?.more === true) {
      this.pendingSparse = header;
      this.waiting = { kind: 'sparse-map' };
      return;
    }
    this.begin(header);
  }

  private sparseEnded(): void {
    const header = this.pendingSparse;
    this.pendingSparse = undefined;
    this.waiting = { kind: 'header' };
    if (header !== undefined) this.begin(header);
  }

  private expect(size: number, waiting: Waiting): void {
    this.left = size;
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK;
    this.waiting = size === 0 ? { kind: 'header' } : waiting;
  }

  private extended(type: string, bytes: Uint8Array): void {
    if (type === 'L') this.longName = readText(bytes, 0, bytes.length);
    else if (type === 'K') this.longLink = readText(bytes, 0, bytes.length);
    else {
      const records = readPax(bytes);
      if (records === undefined) this.fail('not-an-archive', 'an extended header is not written as PAX says');
      else if (type === 'g') for (const [key, value] of records) this.globalPax.set(key, value);
      else this.pax = records;
    }
  }

  private begin(header: TarHeader): void {
    const pax = (key: string): string | undefined => {
      const value = this.pax.get(key) ?? this.globalPax.get(key);
      // an empty value says nothing (Go archive/tar)
      return value === '' ? undefined : value;
    };
    const stored = numberOf(pax('size')) ?? header.size;
    if (!Number.isSafeInteger(stored) || stored < 0) {
      this.fail('not-an-archive', `an entry of ${stored} bytes at byte ${this.position - BLOCK}`);
      return;
    }
    const hasLongName = (pax('path') ?? this.longName ?? '').length > MAX_PATH;
    const name = pax('GNU.sparse.name') ?? pax('path') ?? this.longName ?? header.name;
    const type = typeOf(header.type, name);
    const hasContent = type === 'file';
    const real = numberOf(pax('GNU.sparse.realsize') ?? pax('GNU.sparse.size')) ?? header.sparse?.size ?? stored;
    const isSparse = header.sparse !== undefined || [...this.pax.keys()].some((key) => key.startsWith('GNU.sparse.'));
    const isSize = Number.isSafeInteger(real) && real >= 0;
    const link = pax('linkpath') ?? this.longLink ?? header.link;
    const entry: LayerEntry | undefined =
      type === undefined || hasLongName
        ? undefined
        : {
            path: asPath(name),
            type,
            size: !hasContent ? 0 : isSize ? real : stored,
            mode: header.mode & 0o7777,
            uid: toId(numberOf(pax('uid')) ?? header.uid),
            gid: toId(numberOf(pax('gid')) ?? header.gid),
            link: type === 'hardlink' ? asPath(link) : type === 'symlink' ? link : '',
            modified: toTime(numberOf(pax('mtime')) ?? header.modified),
            offset: isSparse ? -1 : this.position,
          };
    this.pax = new Map();
    this.longName = this.longLink = undefined;
    const isWanted = entry !== undefined && this.visitor.entry(entry) && hasContent;
    // what has no content has none whatever its header says (Go archive/tar, isHeaderOnly)
    if (hasLongName) this.oddities++;
    this.expect(type === undefined || hasContent ? stored : 0, { kind: 'content', isWanted });
    if (isWanted && stored === 0) this.visitor.contentEnd?.();
  }

  private fail(code: ArchiveProblem['code'], message: string): void {
    this.problem = { code, message };
    this.isEnded = true;
  }
}

/** Undefined for what is nothing in a file system (volume labels and the like): it is passed over. */
function typeOf(type: string, name: string): EntryType | undefined {
  switch (type) {
    case '0':
    case '\0':
    case '7':
    case 'S':
      // before POSIX a directory was a file with a slash
      return type === '\0' && name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
      return 'character';
    case '4':
      return 'block';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    default:
      return undefined;
  }
}

/** `27 path=some/long/name\n`, one after the other; undefined when it is something else. */
function readPax(bytes: Uint8Array): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    let blank = at;
    while (blank < bytes.length && blank < at + 20 && bytes[blank] !== 32) blank++;
    const digits = readText(bytes, at, blank - at);
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    if (length < blank - at + 3 || at + length > bytes.length || bytes[at + length - 1] !== 10) return undefined;
    const record = bytes.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(61);
    if (equals <= 0) return undefined;
    // values may be anything, also with zeros; names that we use have none
    records.set(decodeUtf8(record.subarray(0, equals)), readText(record, equals + 1, record.length - equals - 1));
    at += length;
  }
  return records;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** Whole seconds; 0 for what no date can be. */
function toTime(seconds: number): number {
  return Math.abs(seconds) <= LAST_SECOND ? Math.trunc(seconds) : 0;
}

function toId(id: number): number {
  return Number.isInteger(id) && id >= 0 && id <= 0xffffffff ? id : 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
