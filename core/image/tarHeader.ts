/** Bytes of a block of a tar archive. */
export const BLOCK = 512;

/** The fields of one header block, before extensions are applied. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes that follow the header. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** One character. */
  readonly type: string;
  readonly link: string;
  /** Old GNU sparse files: the bytes of the file, and whether more blocks of its map follow. */
  readonly sparse?: { readonly size: number; readonly more: boolean };
}

const USTAR = 'ustar';

/** Reads a header block (POSIX.1-1988 ustar, GNU extensions for numbers and names); undefined when it is none. */
export function readTarHeader(block: Uint8Array, start: number): TarHeader | undefined {
  if (!hasRightSum(block, start)) return undefined;
  const size = readNumber(block, start + 124, 12);
  if (size === undefined || size < 0 || size > Number.MAX_SAFE_INTEGER) return undefined;
  const type = String.fromCharCode(block[start + 156] ?? 0);
  const magic = readText(block, start + 257, 6);
  // GNU writes other things where POSIX has the beginning of a long name
  const isGnu = magic.startsWith('ustar ');
  const prefix = magic.startsWith(USTAR) && !isGnu ? readText(block, start + 345, 155) : '';
  const name = readText(block, start, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: readNumber(block, start + 100, 8) ?? 0,
    uid: readNumber(block, start + 108, 8) ?? 0,
    gid: readNumber(block, start + 116, 8) ?? 0,
    size,
    modified: readNumber(block, start + 136, 12) ?? 0,
    type,
    link: readText(block, start + 157, 100),
    ...(type === 'S' && isGnu
      ? { sparse: { size: readNumber(block, start + 483, 12) ?? size, more: block[start + 482] === 1 } }
      : {}),
  };
}

/** Are these all zeros? Two such blocks end an archive. */
export function isZeroBlock(block: Uint8Array, start: number): boolean {
  for (let index = start; index < start + BLOCK; index++) if (block[index] !== 0) return false;
  return true;
}

/** Text up to the first NUL, as UTF-8; what is none becomes U+FFFD. */
export function readText(bytes: Uint8Array, start: number, length: number): string {
  let end = start;
  let isAscii = true;
  while (end < start + length && bytes[end] !== 0 && end < bytes.length) {
    if ((bytes[end] ?? 0) > 0x7f) isAscii = false;
    end++;
  }
  if (!isAscii) return decodeUtf8(bytes.subarray(start, end));
  if (end === start) return '';
  // copies: a part of a larger string would keep all of it in memory
  if (end - start <= 1024) return fromAscii(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += 1024) text += fromAscii(bytes.subarray(at, Math.min(end, at + 1024)));
  return text;
}

function fromAscii(bytes: Uint8Array): string {
  // spreading goes through an iterator, which is ten times slower
  return Reflect.apply(String.fromCharCode, undefined, bytes) as string;
}

/** Decodes UTF-8; what is none becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index] ?? 0;
    const length =
      first < 0x80
        ? 1
        : first >= 0xc2 && first < 0xe0
          ? 2
          : first >= 0xe0 && first < 0xf0
            ? 3
            : first >= 0xf0 && first < 0xf5
              ? 4
              : 0;
    let point = length <= 1 ? first : first & (0xff >> (length + 1));
    let isValid = length > 0 && index + length <= bytes.length;
    for (let tail = 1; isValid && tail < length; tail++) {
      const next = bytes[index + tail] ?? 0;
      if ((next & 0xc0) !== 0x80) isValid = false;
      point = (point << 6) | (next & 0x3f);
    }
    const isShort = (length === 3 && point < 0x800) || (length === 4 && point < 0x10000);
    if (!isValid || isShort || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
      text += '\ufffd';
      index++;
    } else {
      text += String.fromCodePoint(point);
      index += length;
    }
  }
  return text;
}

/** Octal text, or a binary number where the first bit is set (GNU). Undefined when it is neither. */
function readNumber(block: Uint8Array, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) {
    // two's complement without the marking bit
    let value = (first & 0x40) === 0 ? first & 0x3f : (first & 0x3f) - 64;
    for (let index = 1; index < length; index++) value = value * 256 + (block[start + index] ?? 0);
    return value;
  }
  let value = 0;
  let index = start;
  const end = start + length;
  while (index < end && block[index] === 32) index++;
  for (; index < end; index++) {
    const byte = block[index] ?? 0;
    if (byte === 0 || byte === 32) break;
    if (byte < 48 || byte > 55) return undefined;
    value = value * 8 + byte - 48;
  }
  return value;
}

/** The sum counts its own field as blanks; some programs added signed bytes. */
function hasRightSum(block: Uint8Array, start: number): boolean {
  const wanted = readNumber(block, start + 148, 8);
  if (wanted === undefined) return false;
  // the field itself counts as eight blanks
  let unsigned = 8 * 32;
  for (let index = start; index < start + 148; index++) unsigned += block[index] ?? 0;
  for (let index = start + 156; index < start + BLOCK; index++) unsigned += block[index] ?? 0;
  if (wanted === unsigned) return true;
  let negative = 0;
  for (let index = 0; index < BLOCK; index++) {
    if ((index < 148 || index >= 156) && (block[start + index] ?? 0) > 127) negative++;
  }
  return wanted === unsigned - 256 * negative;
}
