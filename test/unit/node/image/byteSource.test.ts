import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSource, StreamSource, type ByteSource } from '../../../../core/node/image/byteSource';
import { Random } from '../../../generator/random';
import { folderOf } from '../folder';

const random = new Random('bytes');
const BYTES = Buffer.from(
  Array.from({ length: 1_700_000 }, (_, index) => (index ^ (index >> 8) ^ (index >> 16)) & 0xff),
);

/** Reads to the end, and skips now and then. Says where what it got was not what is there. */
async function firstFault(source: ByteSource, bytes: Uint8Array, skip: () => number): Promise<number | undefined> {
  let at = 0;
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    if (chunk.length === 0) throw new Error('a piece of nothing');
    if (!Buffer.from(chunk).equals(bytes.subarray(at, at + chunk.length))) return at;
    at += chunk.length;
    const left = Math.min(skip(), bytes.length - at);
    await source.skip(left);
    at += left;
  }
  return at === bytes.length ? undefined : at;
}

const WAYS: readonly (readonly [string, () => number])[] = [
  ['all', () => 0],
  ['with small gaps', () => random.int(0, 1000)],
  ['with large gaps', () => random.int(0, 700_000)],
  ['with any gaps', () => (random.chance(0.5) ? random.int(0, 100) : random.int(500_000, 530_000))],
];

describe.each(WAYS)('bytes that are read, %s', (_, skip) => {
  it('are those of the file', async () => {
    const path = join(folderOf(), 'f');
    writeFileSync(path, BYTES);
    const file = await open(path);
    try {
      for (let run = 0; run < 10; run++) {
        expect(await firstFault(new FileSource(file, BYTES.length), BYTES, skip)).toBeUndefined();
        const [start, end] = [random.int(0, 600_000), random.int(600_001, BYTES.length)];
        const part = new FileSource(file, end, start);
        expect(await firstFault(part, BYTES.subarray(start, end), skip)).toBeUndefined();
      }
    } finally {
      await file.close();
    }
  });

  it('are those of the stream', async () => {
    for (let run = 0; run < 5; run++) {
      const stream = (async function* () {
        for (let at = 0; at < BYTES.length;) {
          const piece = BYTES.subarray(at, at + random.int(1, 200_000));
          at += piece.length;
          yield await Promise.resolve(piece);
        }
      })();
      expect(await firstFault(new StreamSource(stream), BYTES, skip)).toBeUndefined();
    }
  });
});

describe('a file that became shorter', () => {
  it('just ends', async () => {
    const path = join(folderOf(), 'f');
    writeFileSync(path, BYTES.subarray(0, 1000));
    const file = await open(path);
    expect(await firstFault(new FileSource(file, BYTES.length), BYTES, () => 0)).toBe(1000);
    await file.close();
  });
});
