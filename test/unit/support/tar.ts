import { gzipSync } from 'node:zlib';

/** One entry of an archive to be written. */
export interface TarItem {
  readonly name: string;
  /** The type flag of the header. */
  readonly flag?: string;
  readonly content?: Uint8Array | string;
  /** What the header says, where it is not the truth. */
  readonly size?: number;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** The beginning of a long name (POSIX). */
  readonly prefix?: string;
  readonly magic?: 'posix' | 'gnu' | 'none';
  /** Write numbers as GNU does where octal digits do not suffice. */
  readonly binary?: boolean;
}

const BLOCK = 512;

function field(block: Buffer, text: string | Buffer, start: number, length: number): void {
  Buffer.from(text).copy(block, start, 0, length);
}

function number(block: Buffer, value: number, start: number, length: number, isBinary: boolean): void {
  if (!isBinary) {
    field(block, `${value.toString(8).padStart(length - 1, '0')}\0`, start, length);
    return;
  }
  let rest = BigInt.asUintN(8 * length, BigInt(value));
  for (let index = length - 1; index >= 0; index--) {
    block[start + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[start] = (block[start] ?? 0) | 0x80;
}

/** Writes the checksum of a header that was changed by hand. */
export function seal(block: Buffer, signed = false): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((all, byte) => all + (signed && byte > 127 ? byte - 256 : byte), 0);
  field(block, `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return block;
}

/** The header block of an entry. */
export function header(item: TarItem): Buffer {
  const { name, flag = '0', link = '', mode = 0o644, uid = 0, gid = 0, mtime = 0 } = item;
  const { prefix = '', magic = 'posix', binary = false } = item;
  const block = Buffer.alloc(BLOCK);
  field(block, name, 0, 100);
  number(block, mode, 100, 8, false);
  number(block, uid, 108, 8, binary);
  number(block, gid, 116, 8, binary);
  number(block, item.size ?? Buffer.from(item.content ?? '').length, 124, 12, binary);
  number(block, mtime, 136, 12, binary);
  field(block, flag, 156, 1);
  field(block, link, 157, 100);
  if (magic !== 'none') field(block, magic === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 8);
  field(block, prefix, 345, 155);
  return seal(block);
}

/** Bytes up to the end of their last block. */
export function padded(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

/** An entry with its content. */
export function item(one: TarItem): Buffer {
  return Buffer.concat([header(one), padded(one.content ?? '')]);
}

/** `27 path=some/long/name\n`: the length counts itself. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** An extended header for the next entry, or for all (`g`). */
export function pax(records: Readonly<Record<string, string>>, flag: 'x' | 'g' | 'X' = 'x'): Buffer {
  const content = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)));
  return item({ name: 'PaxHeaders.0/x', flag, content });
}

/** A long name (`L`) or link (`K`) as GNU tar writes it. */
export function gnuLong(flag: 'L' | 'K', text: string): Buffer {
  return item({ name: '././@LongLink', flag, magic: 'gnu', content: `${text}\0` });
}

export const END = Buffer.alloc(2 * BLOCK);

/** A whole archive. */
export function tar(...parts: readonly (TarItem | Buffer)[]): Buffer {
  return Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : item(part))), END]);
}

export const file = (name: string, content: Uint8Array | string = '', more: Partial<TarItem> = {}): TarItem => ({
  ...{ name, content },
  ...more,
});
export const folder = (name: string): TarItem => ({ name: `${name}/`, flag: '5', mode: 0o755 });
export const symlink = (name: string, link: string): TarItem => ({ name, flag: '2', link, mode: 0o777 });
export const hardLink = (name: string, link: string): TarItem => ({ name, flag: '1', link });

/** An archive packed as layers are. */
export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);

/** Bytes that one block of zstd may have. */
const ZSTD_BLOCK = 128 * 1024;

function zstdBlock(type: 0 | 1, size: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3);
  return head;
}

/** Magic, no checksum and no size, a window of 128 KiB (RFC 8878, 3.1.1). */
const ZSTD_HEAD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3]);

/** A frame of zstd that holds bytes as they are. */
export function zstd(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [ZSTD_HEAD];
  for (let at = 0; at < bytes.length || at === 0; at += ZSTD_BLOCK) {
    const part = bytes.subarray(at, at + ZSTD_BLOCK);
    parts.push(zstdBlock(0, part.length, at + ZSTD_BLOCK >= bytes.length), Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/** A frame of zstd that becomes many times one byte. */
export function zstdRepeated(byte: number, count: number): Buffer {
  const parts: Buffer[] = [ZSTD_HEAD];
  for (let left = count; left > 0; left -= ZSTD_BLOCK) {
    parts.push(zstdBlock(1, Math.min(left, ZSTD_BLOCK), left <= ZSTD_BLOCK), Buffer.from([byte]));
  }
  return Buffer.concat(parts);
}

/** A frame that unpacking passes over; zstd:chunked keeps its table of contents in one. */
export function zstdSkipped(bytes: Uint8Array): Buffer {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}
