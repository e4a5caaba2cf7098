import { createHash } from 'node:crypto';

/** "LI" and the byte order of this machine: a file of a machine with another one is not understood. */
const MAGIC = 0x4c49_0001;
const HEADER = 48;
const CHECKSUM = { start: 16, length: 32 };
const ALIGN = 8;
const utf8 = new TextEncoder();

/** Writes columns of numbers and texts one after the other, with a checksum over all of it. */
export class Columns {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly version: number) {}

  floats(column: Float64Array): void {
    this.add(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), column.length);
  }

  integers(column: Uint32Array): void {
    this.add(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), column.length);
  }

  bytes(column: Uint8Array): void {
    this.add(column, column.length);
  }

  text(text: string): void {
    this.bytes(utf8.encode(text));
  }

  /** Texts without zero characters, as names of files are. */
  texts(texts: readonly string[]): void {
    const bytes = utf8.encode(texts.join('\0'));
    this.add(Uint8Array.from([]), texts.length);
    this.bytes(bytes);
  }

  finish(): Uint8Array {
    const file = Buffer.alloc(HEADER + this.length);
    let offset = HEADER;
    for (const part of this.parts) {
      file.set(part, offset);
      offset += padded(part.length);
    }
    new Uint32Array(file.buffer, file.byteOffset, 2).set([MAGIC, this.version]);
    new Float64Array(file.buffer, file.byteOffset + 8, 1)[0] = file.length;
    checksum(file).copy(file, CHECKSUM.start);
    return file;
  }

  /** A column begins with the number of its elements. */
  private add(bytes: Uint8Array, count: number): void {
    const length = new Uint8Array(Float64Array.of(count).buffer);
    for (const part of [length, bytes]) {
      this.parts.push(part);
      this.length += padded(part.length);
    }
  }
}

/** Reads columns in the order in which they were written. */
export class ColumnsReader {
  private offset = HEADER;

  private constructor(private readonly data: ArrayBuffer) {}

  /** Undefined when it is not such a file, is of another version, or does not have the checksum of its content. */
  static open(file: Uint8Array, version: number): ColumnsReader | undefined {
    if (file.length < HEADER) return undefined;
    // numbers have to lie at multiples of their size
    const data = new Uint8Array(file).buffer;
    const [magic, written] = new Uint32Array(data, 0, 2);
    if (magic !== MAGIC || written !== version) return undefined;
    if (new Float64Array(data, 8, 1)[0] !== file.length) return undefined;
    const stated = Buffer.from(data, CHECKSUM.start, CHECKSUM.length);
    return stated.equals(checksum(Buffer.from(data))) ? new ColumnsReader(data) : undefined;
  }

  floats(): Float64Array {
    const count = this.count();
    return new Float64Array(this.data, this.take(count * 8), count);
  }

  integers(): Uint32Array {
    const count = this.count();
    return new Uint32Array(this.data, this.take(count * 4), count);
  }

  bytes(): Uint8Array {
    const count = this.count();
    return new Uint8Array(this.data, this.take(count), count);
  }

  text(): string {
    return Buffer.from(this.bytes()).toString('utf8');
  }

  texts(): string[] {
    const count = this.count();
    const text = this.text();
    return count === 0 ? [] : text.split('\0');
  }

  private count(): number {
    return new Float64Array(this.data, this.take(8), 1)[0] ?? 0;
  }

  private take(bytes: number): number {
    const at = this.offset;
    this.offset += padded(bytes);
    return at;
  }
}

function padded(length: number): number {
  return Math.ceil(length / ALIGN) * ALIGN;
}

/** A file that was only written in part after a power failure must not look like knowledge. */
function checksum(file: Buffer): Buffer {
  return createHash('sha256').update(file.subarray(HEADER)).digest();
}
