import { describe, expect, it } from 'vitest';
import { LayerReader } from '../../../../core/node/image/layerReader';
import { compressionOf, unpackTo, type Compression } from '../../../../core/node/image/unpack';
import { Random } from '../../../generator/random';
import { file, gzip, tar, zstd, zstdRepeated, zstdSkipped } from '../../support/tar';

/** Unpacks in pieces of some length. */
async function unpacked(compression: Compression, packed: Uint8Array, size = packed.length): Promise<string> {
  const parts: Buffer[] = [];
  const unpacker = unpackTo(compression, (chunk) => parts.push(Buffer.from(chunk)));
  for (let at = 0; at < packed.length; at += size) await unpacker.write(Buffer.from(packed.subarray(at, at + size)));
  await unpacker.end();
  return Buffer.concat(parts).toString('latin1');
}

const random = new Random('unpack');
const BYTES = Buffer.from(Array.from({ length: 300_000 }, () => random.int(0, 255)));

describe('packed bytes', () => {
  it('are known by what they begin with', () => {
    expect([gzip(BYTES), zstd(BYTES), BYTES, Buffer.alloc(0)].map(compressionOf)).toEqual([
      ...['gzip', 'zstd', 'none', 'none'],
    ]);
  });

  it.each([1, 17, 1000, 65_536, 1_000_000])('are unpacked from pieces of %i bytes', async (size) => {
    const small = BYTES.subarray(0, size === 1 ? 3000 : undefined);
    const text = small.toString('latin1');
    expect(await unpacked('gzip', gzip(small), size)).toBe(text);
    expect(await unpacked('zstd', zstd(small), size)).toBe(text);
    expect(await unpacked('none', small, size)).toBe(text);
  });

  it.each([1, 5, 100, 1_000_000])('may be in several parts, as estargz and zstd:chunked are (%i)', async (size) => {
    const parts = ['one', '', 'x'.repeat(1000), '!'].map((text) => Buffer.from(text));
    const text = Buffer.concat(parts).toString();
    expect(await unpacked('gzip', Buffer.concat(parts.map(gzip)), size)).toBe(text);
    const noted = parts.map((part) => Buffer.concat([zstdSkipped(Buffer.from('note')), zstd(part)]));
    expect(await unpacked('zstd', Buffer.concat([...noted, zstdSkipped(Buffer.alloc(40))]), size)).toBe(text);
  });

  it('may be in very many parts', async () => {
    const part = zstd(Buffer.from('0123456789'));
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => part));
    expect(await unpacked('zstd', many, 512 * 1024)).toBe('0123456789'.repeat(20_000));
  });

  it('may be many times one byte', async () => {
    expect(await unpacked('zstd', zstdRepeated(65, 1_000_000))).toBe('A'.repeat(1_000_000));
  });

  it.each(['gzip', 'zstd'] as const)('that break off are no packed bytes (%s)', async (compression) => {
    const packed = (compression === 'gzip' ? gzip : zstd)(BYTES);
    for (const cut of [1, 9, 1000, packed.length - 20]) {
      await expect(unpacked(compression, packed.subarray(0, -cut)), `${cut}`).rejects.toThrow();
    }
  });

  it('that are broken are told by writing or ending, never otherwise', async () => {
    for (let run = 0; run < 60; run++) {
      const compression = random.pick(['gzip', 'zstd'] as const);
      const packed = Buffer.from((compression === 'gzip' ? gzip : zstd)(BYTES.subarray(0, 20_000)));
      for (let change = 0; change < 5; change++) packed[random.int(3, packed.length - 1)] = random.int(0, 255);
      await unpacked(compression, packed, 1000).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    }
  });
});

describe('a reader of layers', () => {
  const layer = tar(file('a', 'x'.repeat(700)), file('b', ''));

  it.each([
    ['none', layer],
    ['gzip', gzip(layer)],
    ['zstd', zstd(layer)],
  ] as const)('computes digests when it is asked to (%s)', async (compression, packed) => {
    const { createHash } = await import('node:crypto');
    const sha = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
    const reader = new LayerReader(compression, true);
    for (let at = 0; at < packed.length; at += 100) await reader.feed(packed.subarray(at, at + 100));
    const { entries, diffId, problems } = await reader.end();
    expect([diffId, problems]).toEqual([`sha256:${sha(layer).toString('hex')}`, []]);
    const digests = [0, 1].map((index) => Buffer.from(entries.digest(index) ?? []).toString('hex'));
    expect(digests).toEqual(['x'.repeat(700), ''].map((text) => sha(text).toString('hex').slice(0, 32)));
    expect(reader.skippable).toBe(0);
  });

  it('leaves contents out when it is not', async () => {
    const reader = new LayerReader('none', false);
    void reader.feed(layer.subarray(0, 512));
    expect(reader.skippable).toBe(1024);
    reader.skip(1024);
    await reader.feed(layer.subarray(1536));
    const { entries, diffId, problems } = await reader.end();
    expect([entries.length, entries.digest(0), diffId, problems]).toEqual([2, undefined, undefined, []]);
  });
});

describe('a zstd frame that asks for too much memory', () => {
  const read = async (...bytes: readonly number[]): Promise<void> => {
    const unpacker = unpackTo('zstd', () => undefined);
    await unpacker.write(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...bytes]));
  };

  it.each([
    ['by its window', [0x00, 0xa0]],
    ['by the length of its content', [0xa0, 0, 0, 0, 0x40]],
    ['in a second frame', [0x00, 0x50, 0x01, 0, 0, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0]],
  ])('%s is refused before the memory is taken', async (_, bytes) => {
    await expect(read(...bytes)).rejects.toThrow('a zstd frame asks for');
  });

  it('may ask for what the strongest packing needs', async () => {
    await expect(read(0x00, 0x88, 0x01, 0, 0)).resolves.toBeUndefined();
  });
});
