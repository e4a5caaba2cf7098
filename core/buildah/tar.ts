import { join } from '../context/goPath';
import { utf8 } from '../llb/utf8';

/** One entry of an archive. Times are not kept: Buildah digests archives with all times zero. */
export interface TarEntry {
  readonly type: 'file' | 'hardlink' | 'symlink' | 'dir' | 'fifo' | 'char' | 'block';
  /** As it stands in the archive; whether a directory ends with `/` is up to the caller. */
  readonly name: string;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Bytes of content that follow; only files have any. */
  readonly size: number;
  /** Text of a symbolic link, or the name of the earlier entry that a hard link is. */
  readonly link?: string;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
  readonly device?: Device;
}

export interface Device {
  readonly major: number;
  readonly minor: number;
}

const BLOCK = 512;
const TYPE_FLAGS = { file: '0', hardlink: '1', symlink: '2', char: '3', block: '4', dir: '5', fifo: '6' } as const;
/** Of the record that comes before an entry and says what its header cannot. */
const EXTENDED_FLAG = 'x';

/** Where the fields of a header are (Go archive/tar format.go). */
const FIELDS = {
  name: { start: 0, length: 100 },
  mode: { start: 100, length: 8 },
  uid: { start: 108, length: 8 },
  gid: { start: 116, length: 8 },
  size: { start: 124, length: 12 },
  time: { start: 136, length: 12 },
  checksum: { start: 148, length: 8 },
  type: { start: 156, length: 1 },
  link: { start: 157, length: 100 },
  magic: { start: 257, length: 8 },
  user: { start: 265, length: 32 },
  group: { start: 297, length: 32 },
  major: { start: 329, length: 8 },
  minor: { start: 337, length: 8 },
  prefix: { start: 345, length: 155 },
} as const;
type Field = keyof typeof FIELDS;

/** What ends an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/** What fills the last block after a content of this size. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/**
 * The bytes before the content of an entry, as Go writes them for a zero time: a USTAR header, or, when a name is not
 * ASCII or too long or a number too large for it, an extended record and a header (Go archive/tar writer.go WriteHeader,
 * common.go allowedFormats).
 */
export function tarHeaderOf(entry: TarEntry): Uint8Array {
  const { records, fitsUstar } = extendedRecords(entry);
  if (fitsUstar) {
    const split = splitName(entry.name);
    const header = mainHeader(entry, split?.suffix ?? entry.name, entry.link ?? '');
    if (split !== undefined) setText(header, 'prefix', split.prefix);
    return seal(header);
  }
  return concat([
    extendedHeader(entry.name, records),
    seal(mainHeader(entry, ascii(entry.name), ascii(entry.link ?? ''))),
  ]);
}

/** Whether a name needs no extended record. */
export function fitsHeader(name: string): boolean {
  return isAscii(name) && (name.length <= FIELDS.name.length || splitName(name) !== undefined);
}

/** What the fields of a header cannot hold, by its key; a long name alone may still fit in two parts. */
function extendedRecords(entry: TarEntry): { records: ReadonlyMap<string, string>; fitsUstar: boolean } {
  const records = new Map<string, string>();
  let fitsUstar = true;
  const text = (key: string, value: string, field: Field): void => {
    if (isAscii(value) && value.length <= FIELDS[field].length) return;
    if (key !== 'path' || !fitsHeader(value)) fitsUstar = false;
    records.set(key, value);
  };
  const number = (key: string, value: number, field: Field): void => {
    if (fitsOctal(value, field)) return;
    fitsUstar = false;
    records.set(key, String(value));
  };
  text('path', entry.name, 'name');
  text('linkpath', entry.link ?? '', 'link');
  text('uname', entry.user ?? '', 'user');
  text('gname', entry.group ?? '', 'group');
  number('uid', entry.uid, 'uid');
  number('gid', entry.gid, 'gid');
  number('size', entry.size, 'size');
  return { records, fitsUstar };
}

/** A name in two parts at a `/`, the second of which goes into the name's field (Go archive/tar writer.go splitUSTARPath). */
function splitName(name: string): { prefix: string; suffix: string } | undefined {
  const { length: nameSize } = FIELDS.name;
  const { length: prefixSize } = FIELDS.prefix;
  if (name.length <= nameSize || !isAscii(name)) return undefined;
  let length = name.length;
  if (length > prefixSize + 1) length = prefixSize + 1;
  else if (name.endsWith('/')) length--;
  const slash = name.slice(0, length).lastIndexOf('/');
  const suffix = name.length - slash - 1;
  if (slash <= 0 || suffix > nameSize || suffix === 0 || slash > prefixSize) return undefined;
  return { prefix: name.slice(0, slash), suffix: name.slice(slash + 1) };
}

/** The entry before an entry (Go archive/tar writer.go writePAXHeader, writeRawFile). */
function extendedHeader(name: string, records: ReadonlyMap<string, string>): Uint8Array {
  const keys = [...records.keys()].sort();
  const data = Uint8Array.from(keys.flatMap((key) => extendedRecord(key, records.get(key) ?? '')));
  const slash = name.lastIndexOf('/') + 1;
  const path = ascii(join(name.slice(0, slash), 'PaxHeaders.0', name.slice(slash)));
  const header = new Uint8Array(BLOCK);
  setText(header, 'name', path.slice(0, FIELDS.name.length).replace(/\/+$/, ''));
  setText(header, 'type', EXTENDED_FLAG);
  for (const field of ['mode', 'uid', 'gid', 'time'] as const) setOctal(header, field, 0);
  setOctal(header, 'size', data.length);
  return concat([seal(header), data, tarPadding(data.length)]);
}

/** `LENGTH KEY=VALUE` and a line end; the length counts itself (Go archive/tar strconv.go formatPAXRecord). */
function extendedRecord(key: string, value: string): number[] {
  const rest = utf8(` ${key}=${value}\n`);
  let length = rest.length + String(rest.length).length;
  length = rest.length + String(length).length;
  return [...utf8(String(length)), ...rest];
}

/** Go archive/tar writer.go templateV7Plus. */
function mainHeader(entry: TarEntry, name: string, link: string): Uint8Array {
  const header = new Uint8Array(BLOCK);
  setText(header, 'name', name);
  setText(header, 'link', link);
  setText(header, 'type', TYPE_FLAGS[entry.type]);
  setOctal(header, 'mode', entry.mode);
  setOctal(header, 'uid', entry.uid);
  setOctal(header, 'gid', entry.gid);
  setOctal(header, 'size', entry.size);
  setOctal(header, 'time', 0);
  setText(header, 'user', ascii(entry.user ?? ''));
  setText(header, 'group', ascii(entry.group ?? ''));
  setOctal(header, 'major', entry.device?.major ?? 0);
  setOctal(header, 'minor', entry.device?.minor ?? 0);
  return header;
}

/** Adds the format and the sum of all bytes, during which the sum itself counts as blanks (Go archive/tar format.go). */
function seal(header: Uint8Array): Uint8Array {
  setText(header, 'magic', 'ustar\0' + '00');
  setText(header, 'checksum', '        ');
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += header[index] ?? 0;
  setText(header, 'checksum', `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** Cuts an ASCII text that is too long, which an extended record then says in full (Go archive/tar strconv.go formatString). */
function setText(header: Uint8Array, field: Field, text: string): void {
  const { start, length } = FIELDS[field];
  const end = Math.min(text.length, length);
  for (let index = 0; index < end; index++) header[start + index] = text.charCodeAt(index);
  // some readers take a file whose name was cut behind a `/` for a directory
  if (text.length > length && text[length - 1] === '/')
    header[start + text.slice(0, length - 1).replace(/\/+$/, '').length] = 0;
}

/** Zeros in front, a zero byte behind; what does not fit is zero (Go archive/tar strconv.go formatOctal). */
function setOctal(header: Uint8Array, field: Field, value: number): void {
  const { length } = FIELDS[field];
  setText(header, field, (fitsOctal(value, field) ? value : 0).toString(8).padStart(length - 1, '0'));
}

const fitsOctal = (value: number, field: Field): boolean => value < 8 ** (FIELDS[field].length - 1);

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

/** What is ASCII of a text (Go archive/tar strconv.go toASCII). */
const ascii = (text: string): string => text.replace(/[\u0080-\uffff]/g, '');

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
