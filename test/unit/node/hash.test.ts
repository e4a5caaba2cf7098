import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { beginsLikeArchive } from '../../../core/node/hash/archive';
import { hashFile, type FileContent } from '../../../core/node/hash/hashFile';
import { HashPool } from '../../../core/node/hash/pool';
import { sha256 } from '../../../core/node/sha256';
import { folderOf } from './folder';

/** A tar header of an empty file `a`; `magic` is empty for the oldest format. */
function tarHeader(magic: string): Buffer {
  const header = Buffer.alloc(512);
  header.write('a', 0);
  header.write('0000644\0', 100);
  header.write('00000000000\0', 124);
  header.write('        ', 148);
  header.write('0', 156);
  header.write(magic, 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

describe('what ADD may unpack', () => {
  it.each([
    ['gzip', gzipSync('text')],
    ['bzip2', Buffer.from('BZh91AY&SY')],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00])],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00])],
    ['zstd with a skippable frame', Buffer.from([0x53, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])],
    ['tar', tarHeader('ustar\0' + '00')],
    ['GNU tar', tarHeader('ustar  \0')],
    ['tar of the oldest format', tarHeader('')],
  ])('is %s', (_, head) => {
    expect(beginsLikeArchive(head)).toBe(true);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('BZ is not bzip2')],
    ['a cut off gzip header', Buffer.from([0x1f, 0x8b])],
    ['zip', Buffer.from('PK\u0003\u0004')],
    ['zeros', Buffer.alloc(1024)],
    ['a cut off tar header', tarHeader('').subarray(0, 511)],
    ['a tar header with a wrong checksum', Buffer.from(tarHeader('').map((byte, at) => (at === 0 ? byte + 1 : byte)))],
    ['a long text', Buffer.from('word '.repeat(500))],
  ])('is not %s', (_, head) => {
    expect(beginsLikeArchive(head)).toBe(false);
  });
});

describe('the content of a file', () => {
  it.each([0, 1, 262_144, 700_000])('has a SHA-256 behind a header at %i bytes', (size) => {
    const path = join(folderOf(), 'file');
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    const wanted = createHash('sha256').update('héader').update(bytes).digest('hex');
    expect(hashFile(path, 'héader')).toMatchObject({ digest: hashFile(path).digest, sum: wanted });
    expect(hashFile(path)).not.toHaveProperty('sum');
    expect(hashFile(path, '').sum).toBe(hashFile(path).digest);
  });

  it.each([0, 1, 262_143, 262_144, 262_145, 700_000])('has a SHA-256 at %i bytes', (size) => {
    const path = join(folderOf(), 'file');
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    expect(hashFile(path).digest).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('says that it begins like an archive', () => {
    const folder = folderOf({ plain: 'text' });
    writeFileSync(join(folder, 'packed'), gzipSync('text'));
    expect(hashFile(join(folder, 'packed')).archive).toBe(true);
    expect(hashFile(join(folder, 'plain')).archive).toBe(false);
  });

  it('cannot be had from a folder or from nothing', () => {
    const folder = folderOf();
    mkdirSync(join(folder, 'dir'));
    expect(() => hashFile(join(folder, 'dir'))).toThrow(/EISDIR|is no file/);
    expect(() => hashFile(join(folder, 'none'))).toThrow(/ENOENT/);
  });
});

describe('hashing many files', () => {
  it('works without a worker, also when there is much to do', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `f${index}`);
    const folder = folderOf(Object.fromEntries(names.map((name) => [name, name])));
    const files = names.map((name) => ({ path: join(folder, name), size: 1_000_000 }));
    const found: (FileContent | undefined)[] = [];
    await new HashPool('').hash(files, (index, content) => (found[index] = content));
    expect(found.map((content) => content?.digest)).toEqual(names.map((name) => sha256(name)));
  });

  it('says of each file that cannot be read, and goes on', async () => {
    const folder = folderOf({ there: 'x' });
    const files = ['none', 'there', '.'].map((name) => ({ path: join(folder, name), size: 1 }));
    const found: (string | undefined)[] = [];
    await new HashPool('').hash(files, (index, content) => (found[index] = content?.digest));
    expect(found).toEqual([undefined, sha256('x'), undefined]);
  });

  it('has nothing to do without files', async () => {
    await expect(new HashPool('').hash([], () => undefined)).resolves.toBeUndefined();
  });

  it('uses threads when there is much to do', async () => {
    const script = `const { parentPort } = require('node:worker_threads');
      const contentOf = ({ path }) => ({ digest: 'of ' + path, archive: false });
      parentPort.on('message', ({ id, files }) => parentPort.postMessage({ id, contents: files.map(contentOf) }));`;
    const pool = new HashPool(join(folderOf({ 'worker.cjs': script }), 'worker.cjs'));
    const files = Array.from({ length: 500 }, (_, index) => ({ path: `p${index}`, size: (index % 7) * 60_000 }));
    const found: (string | undefined)[] = [];
    await pool.hash(files, (index, content) => (found[index] = content?.digest));
    pool.dispose();
    expect(found).toEqual(files.map(({ path }) => `of ${path}`));
  });

  it('knows nothing of what a thread that died had', async () => {
    const pool = new HashPool(join(folderOf({ 'worker.cjs': 'throw new Error()' }), 'worker.cjs'));
    const files = Array.from({ length: 100 }, (_, index) => ({ path: `p${index}`, size: 1_000_000 }));
    const found = new Map<number, string | undefined>();
    await pool.hash(files, (index, content) => found.set(index, content?.digest));
    pool.dispose();
    expect([...found.values()]).toEqual(files.map(() => undefined));
  });

  it('ends when it is told to', async () => {
    const folder = folderOf({ a: 'a', b: 'b' });
    const files = ['a', 'b'].map((name) => ({ path: join(folder, name), size: 1 }));
    const stop = new AbortController();
    const found: number[] = [];
    const hashing = new HashPool('').hash(
      files,
      (index) => {
        found.push(index);
        stop.abort();
      },
      stop.signal,
    );
    await expect(hashing).rejects.toThrow(/abort/i);
    expect(found).toEqual([0]);
  });
});
