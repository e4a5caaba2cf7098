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

/** A part of an open file. */
export class FileSource implements ByteSource {
  private readonly buffer = Buffer.allocUnsafe(CHUNK);

  constructor(
    private readonly file: FileHandle,
    readonly size: number,
    private position = 0,
    private readonly end = size,
  ) {}

  async read(): Promise<Uint8Array | undefined> {
    const wanted = Math.min(CHUNK, this.end - this.position);
    if (wanted <= 0) return undefined;
    const { bytesRead } = await this.file.read(this.buffer, 0, wanted, this.position);
    this.position += bytesRead;
    return bytesRead === 0 ? undefined : this.buffer.subarray(0, bytesRead);
  }

  skip(bytes: number): Promise<void> {
    this.position += bytes;
    return Promise.resolve();
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
