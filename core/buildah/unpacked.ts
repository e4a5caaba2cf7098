import type { Archive } from './contentDigest';
import { TAR_END, tarHeaderOf, tarPadding, type TarEntry } from './tar';

const BLOCK = 512;
const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};
const USTAR = 'ustar\x0000';
const GNU = 'ustar  \0';

/**
 * What Buildah digests for an archive that ADD unpacks: its entries, written anew with all times zero (buildah
 * copier/copier.go copierHandlerGetOne, digester.go modifyTarHeaderForDigesting).
 *
 * @param bytes the archive, decompressed
 * @returns `no archive` for what is none; undefined for one whose entries are not all plain ones of USTAR or GNU
 */
export function unpackedArchive(bytes: Uint8Array): Archive | 'no archive' | undefined {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const entry = isSound(block) ? entryOf(block) : undefined;
    if (entry === undefined) return at === 0 && !isSound(block) ? 'no archive' : undefined;
    const end = at + BLOCK + entry.size;
    if (end > bytes.length) return undefined;
    const header = tarHeaderOf(entry);
    if (header.length !== BLOCK) return undefined;
    pieces.push(text(block, 257, 8) === GNU ? asGnu(header) : header);
    pieces.push(bytes.subarray(at + BLOCK, end), tarPadding(entry.size));
    at = end + ((BLOCK - (entry.size % BLOCK)) % BLOCK);
  }
  return pieces.length === 0 ? 'no archive' : [...pieces, TAR_END];
}

/** The entry of a header; undefined for one that says more than a plain header can. */
function entryOf(block: Uint8Array): TarEntry | undefined {
  const magic = text(block, 257, 8);
  const type = TYPES[String.fromCharCode(block[156] ?? 0)];
  if (type === undefined || (magic !== USTAR && magic !== GNU)) return undefined;
  const [mode, uid, gid, size] = [
    octal(block, 100, 8),
    octal(block, 108, 8),
    octal(block, 116, 8),
    octal(block, 124, 12),
  ];
  const [major, minor] = [octal(block, 329, 8), octal(block, 337, 8)];
  if (mode === undefined || uid === undefined || gid === undefined || size === undefined) return undefined;
  if (major === undefined || minor === undefined) return undefined;
  const prefix = magic === USTAR ? field(block, 345, 155) : '';
  // what GNU keeps there are times and sparse files
  if (magic === GNU && block.subarray(345, 500).some((byte) => byte !== 0)) return undefined;
  const name = prefix === '' ? field(block, 0, 100) : `${prefix}/${field(block, 0, 100)}`;
  // old archives mark folders by their names
  const own = type === 'file' && name.endsWith('/') ? 'dir' : type;
  const link = field(block, 157, 100);
  return {
    ...{ type: own, name, mode, size: own === 'file' ? size : 0, uid, gid },
    ...{ user: field(block, 265, 32), group: field(block, 297, 32), device: { major, minor } },
    ...(link === '' ? {} : { link }),
  };
}

function isSound(block: Uint8Array): boolean {
  const stated = octal(block, 148, 8);
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
  return stated === sum;
}

function asGnu(header: Uint8Array): Uint8Array {
  const gnu = header.slice();
  for (let index = 0; index < GNU.length; index++) gnu[257 + index] = GNU.charCodeAt(index);
  gnu.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of gnu) sum += byte;
  const digits = `${sum.toString(8).padStart(6, '0')}\0 `;
  for (let index = 0; index < digits.length; index++) gnu[148 + index] = digits.charCodeAt(index);
  return gnu;
}

/** A number; undefined for one in another notation. Nothing is 0. */
function octal(block: Uint8Array, start: number, length: number): number | undefined {
  const digits = text(block, start, length)
    .replace(/[\0 ]+$/, '')
    .replace(/^[\0 ]+/, '');
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

function field(block: Uint8Array, start: number, length: number): string {
  const whole = text(block, start, length);
  const end = whole.indexOf('\0');
  return end < 0 ? whole : whole.slice(0, end);
}

function text(block: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...block.subarray(start, start + length));
}
