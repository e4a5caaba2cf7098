const MAGICS: readonly (readonly number[])[] = [
  [0x1f, 0x8b, 0x08], // gzip
  [0x42, 0x5a, 0x68], // bzip2
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], // xz
  [0x28, 0xb5, 0x2f, 0xfd], // zstd
];
const USTAR_OFFSET = 257;
const TAR_HEADER = 512;
const CHECKSUM = { start: 148, end: 156 };

/**
 * Could ADD unpack a file that begins like this? The builder tries every compression it knows and then reads a tar
 * header (BuildKit solver/llbsolver/file/unpack.go, moby archive.DetectCompression); a header is good when its checksum
 * is. May say yes to a compressed file that holds no archive: the size is then not claimed.
 */
export function beginsLikeArchive(head: Uint8Array): boolean {
  if (MAGICS.some((magic) => magic.every((byte, index) => head[index] === byte))) return true;
  if (isSkippableZstd(head)) return true;
  if (head.length < TAR_HEADER) return false;
  if (Buffer.from(head.subarray(USTAR_OFFSET, USTAR_OFFSET + 5)).toString('latin1') === 'ustar') return true;
  return hasTarChecksum(head);
}

function isSkippableZstd(head: Uint8Array): boolean {
  const [first = 0, ...rest] = head.subarray(0, 4);
  return (first & 0xf0) === 0x50 && rest[0] === 0x2a && rest[1] === 0x4d && rest[2] === 0x18;
}

function hasTarChecksum(head: Uint8Array): boolean {
  const field = Buffer.from(head.subarray(CHECKSUM.start, CHECKSUM.end)).toString('latin1');
  const stated = /^[ \0]*([0-7]+)[ \0]*$/.exec(field)?.[1];
  if (stated === undefined) return false;
  let sum = 0;
  for (let index = 0; index < TAR_HEADER; index++) {
    sum += index >= CHECKSUM.start && index < CHECKSUM.end ? 0x20 : (head[index] ?? 0);
  }
  return sum === parseInt(stated, 8);
}
