import { gzipSync } from 'node:zlib';

const BLOCK = 512;

function header(name: string, size: number, folder: boolean): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0);
  block.write(octal(folder ? 0o755 : 0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(folder ? '5' : '0', 156);
  block.write('ustar\u000000', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A tar archive (ustar) with these files and the folders that they are in; the same members give the same bytes. */
export function tarArchive(members: Readonly<Record<string, string>>, gzip: boolean): Buffer {
  const blocks: Buffer[] = [];
  const folders = new Set<string>();
  for (const [name, text] of Object.entries(members)) {
    const parent = name.slice(0, name.lastIndexOf('/') + 1);
    if (parent !== '' && !folders.has(parent)) {
      folders.add(parent);
      blocks.push(header(parent, 0, true));
    }
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    blocks.push(header(name, content.length, false), content, padding);
  }
  const bytes = Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
  return gzip ? gzipSync(bytes) : bytes;
}
