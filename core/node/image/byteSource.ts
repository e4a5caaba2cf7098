import type { FileHandle } from 'node:fs/promises';

/** Bytes that come one after the other. */
export interface ByteSource {
  /** All bytes there are, where that is known. */
  readonly size: number | undefined;
  /** The next piece, valid until the next call; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Passes over bytes; cheap where they need not be read for that. */
  skip(bytes: number): Promise<void>;
}

const CHUNK = 512 * 1024;

interface Piece {
  readonly start: number;
  readonly bytes: Promise<Uint8Array>;
}

/** A part of an open file; the next piece is read while the one before is looked at. */
export class FileSource implements ByteSource {
  private readonly buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  private turn = 0;
  private ahead: Piece | undefined;

  constructor(
    private readonly file: FileHandle,
    readonly size: number,
    private position = 0,
    private readonly end = size,
  ) {}

  async read(): Promise<Uint8Array | undefined> {
    const { ahead } = this;
    this.ahead = undefined;
    let bytes: Uint8Array | undefined;
    if (ahead !== undefined) {
      // waited for also when it is of no use: its buffer is needed again
      const all = await ahead.bytes;
      if (this.position < ahead.start + all.length) bytes = all.subarray(this.position - ahead.start);
    }
    bytes ??= await this.piece(this.position).bytes;
    if (bytes.length === 0) return undefined;
    this.position += bytes.length;
    if (this.position < this.end) {
      this.ahead = this.piece(this.position);
      // whoever reads next is told
      this.ahead.bytes.catch(() => undefined);
    }
    return bytes;
  }

  skip(bytes: number): Promise<void> {
    this.position += bytes;
    return Promise.resolve();
  }

  private piece(start: number): Piece {
    const buffer = this.buffers[this.turn++ % 2] ?? Buffer.allocUnsafe(CHUNK);
    const wanted = Math.max(0, Math.min(CHUNK, this.end - start));
    const reading = wanted === 0 ? Promise.resolve({ bytesRead: 0 }) : this.file.read(buffer, 0, wanted, start);
    return { start, bytes: reading.then(({ bytesRead }) => buffer.subarray(0, bytesRead)) };
  }
}

/** A stream of an engine or a program; what is not wanted of it has to be read as well. */
export class StreamSource implements ByteSource {
  readonly size = undefined;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private skipping = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const next = await this.chunks.next();
      if (next.done === true) return undefined;
      const chunk: Uint8Array = next.value;
      if (this.skipping >= chunk.length) {
        this.skipping -= chunk.length;
        continue;
      }
      const rest = chunk.subarray(this.skipping);
      this.skipping = 0;
      return rest;
    }
  }

  skip(bytes: number): Promise<void> {
    this.skipping += bytes;
    return Promise.resolve();
  }
}
