import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './zstdFrames';

/** How a layer is packed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Says how bytes are packed by what they begin with. */
export function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return 'zstd';
  return 'none';
}

/** fzstd calls itself for each frame in a piece: a longer one may have more of them than calls may be deep. */
const ZSTD_PIECE = 8 * 1024;

/** Unpacks what is written to it. */
export interface Unpacker {
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
  abandon(): void;
}

/** Hands what is packed, unpacked, to `take`. */
export function unpackTo(compression: Compression, take: (chunk: Uint8Array) => void): Unpacker {
  if (compression === 'none') return new PlainUnpacker(take);
  if (compression === 'gzip') return new StreamUnpacker(zlib.createGunzip({ chunkSize: 256 * 1024 }), take);
  // Node.js has zstd since 22.15
  const native = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
  if (native !== undefined) return new StreamUnpacker(native(), take);
  return new ZstdUnpacker(take);
}

/** What comes packed, unpacked as it comes. */
export async function* unpacked(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let unpacker: Unpacker | undefined;
  for await (const chunk of stream) {
    unpacker ??= unpackTo(compressionOf(chunk), (part) => ready.push(Uint8Array.from(part)));
    await unpacker.write(Buffer.from(chunk));
    yield* ready;
    ready = [];
  }
  await unpacker?.end();
  yield* ready;
}

class StreamUnpacker implements Unpacker {
  private readonly done: Promise<void>;

  constructor(
    private readonly stream: Transform,
    take: (chunk: Uint8Array) => void,
  ) {
    stream.on('data', take);
    this.done = new Promise((resolve, reject) => {
      stream.once('end', resolve);
      stream.once('error', reject);
    });
    // whoever writes next is told
    this.done.catch(() => undefined);
  }

  write(chunk: Buffer): Promise<void> {
    const written = new Promise<void>((resolve) => this.stream.write(chunk, () => resolve()));
    return Promise.race([written, this.done]);
  }

  end(): Promise<void> {
    this.stream.end();
    return this.done;
  }

  abandon(): void {
    this.stream.destroy();
  }
}

class PlainUnpacker implements Unpacker {
  constructor(private readonly take: (chunk: Uint8Array) => void) {}

  write(chunk: Buffer): Promise<void> {
    try {
      this.take(chunk);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  abandon(): void {
    // nothing is held
  }
}

class ZstdUnpacker implements Unpacker {
  private readonly frames = new ZstdFrames();
  private readonly zstd: Decompress;
  private last: Promise<void> = Promise.resolve();

  constructor(take: (chunk: Uint8Array) => void) {
    this.zstd = new Decompress(take);
  }

  /** Whoever writes does not wait for the piece before. */
  write(chunk: Buffer): Promise<void> {
    return this.inTurn(() => this.unpack(chunk));
  }

  end(): Promise<void> {
    // it holds the last bytes back until it is told that they are the last, and then says what is missing
    return this.inTurn(() => {
      this.zstd.push(new Uint8Array(0), true);
    });
  }

  private inTurn(work: () => void | Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done;
    // whoever waits for it is told, and whoever writes next
    done.catch(() => undefined);
    return done;
  }

  private async unpack(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += ZSTD_PIECE) {
      const piece = chunk.subarray(at, at + ZSTD_PIECE);
      this.frames.push(piece);
      this.zstd.push(piece);
      // a piece may become a hundred megabytes: others have their turn in between
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  abandon(): void {
    // nothing is held
  }
}
