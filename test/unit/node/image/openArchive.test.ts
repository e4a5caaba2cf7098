import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openArchive } from '../../../../core/node/image/archiveImage';
import { StreamSource } from '../../../../core/node/image/byteSource';
import { readImageArchive } from '../../../../core/node/image/imageArchive';
import {
  newDockerArchive,
  ociArchive,
  oldDockerArchive,
  sha256,
  type ImageBytes,
  type LayerBytes,
} from '../../support/imageArchive';
import { file, folder, gzip, hardLink, symlink, tar, zstd, zstdRepeated, type TarItem } from '../../support/tar';
import { folderOf } from '../folder';
import { listing, opened, refusal, written } from './written';

const PLAIN = [
  tar(
    folder('app'),
    file('app/main', 'x'.repeat(3000)),
    file('app/empty'),
    symlink('l', 'app'),
    hardLink('h', 'app/main'),
  ),
  tar(file('app/.wh.main'), file('[id].js', 'route')),
  tar(),
  tar(file('{a', 'y'.repeat(200_000)), file('after', '1')),
];
const LINES = [
  ...[
    '0 app directory 0',
    '0 app/main file 3000',
    '0 app/empty file 0',
    '0 l symlink 0 app',
    '0 h hardlink 0 app/main',
  ],
  ...['1 app/.wh.main file 0', '1 [id].js file 5', '3 {a file 200000', '3 after file 1'],
];

const PACKINGS: readonly (readonly [string, (plain: Buffer) => Buffer])[] = [
  ['as they are', (plain) => plain],
  ['packed with gzip', gzip],
  ['packed with zstd', zstd],
];
const FORMATS: readonly (readonly [string, (images: readonly ImageBytes[]) => TarItem[]])[] = [
  ['docker save before 25', oldDockerArchive],
  ['docker save since 25', newDockerArchive],
  ['an OCI layout', (images) => ociArchive(images)],
  ['an OCI layout with an index in it', (images) => ociArchive(images, true)],
];

const packedWith = (pack: (plain: Buffer) => Buffer): LayerBytes[] =>
  PLAIN.map((plain) => ({ plain, packed: pack(plain) }));

describe.each(FORMATS)('an archive of %s', (_, write) => {
  it.each(PACKINGS)('has the same entries with layers %s', async (__, pack) => {
    const image = await opened(write([{ layers: packedWith(pack), names: ['shop:1'] }]));
    expect(image.problems).toEqual([]);
    expect(listing(image)).toEqual(LINES);
    expect(image.description).toMatchObject({ names: ['shop:1'], platform: 'linux/amd64' });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual(PLAIN.map((plain) => `sha256:${sha256(plain)}`));
  });

  it('has a layer as often as the image has it', async () => {
    const twice = { plain: tar(file('f', 'same')) };
    const image = await opened(write([{ layers: [twice, { plain: tar(file('g')) }, twice], names: ['x'] }]));
    expect([listing(image), image.problems]).toEqual([['0 f file 4', '1 g file 0', '2 f file 4'], []]);
  });

  it('may come as a stream in small pieces', async () => {
    const archive = tar(...write([{ layers: packedWith(gzip) }]));
    const pieces = (function* () {
      for (let at = 0; at < archive.length; at += 700) yield archive.subarray(at, at + 700);
    })();
    const contents = await readImageArchive(new StreamSource(asyncly(pieces)), { hashPlain: true });
    expect(contents.problems).toEqual([]);
    const diffIds = new Set([...contents.layers.values()].map(({ diffId }) => diffId));
    for (const plain of PLAIN) expect(diffIds).toContain(`sha256:${sha256(plain)}`);
  });
});

async function* asyncly(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

describe('an archive with several images', () => {
  const layers = [{ plain: tar(file('f', '1')) }];
  const images: ImageBytes[] = [
    { layers, names: ['a:1'] },
    { layers: [{ plain: tar(file('g', '2')) }], names: ['b:1'], architecture: 'arm64', variant: 'v8' },
  ];

  it.each(FORMATS.slice(0, 3))('of %s opens as the one that is wanted', async (_, write) => {
    const path = written(write(images));
    expect(listing(await openArchive(path, { image: 'b:1' }))).toEqual(['0 g file 1']);
    expect(listing(await openArchive(path, { platform: 'linux/arm64' }))).toEqual(['0 g file 1']);
    expect(listing(await openArchive(path, { platform: 'linux/arm64/v8' }))).toEqual(['0 g file 1']);
    const { description } = await openArchive(path, { image: 'a:1' });
    expect(await openArchive(path, { image: description.id })).toMatchObject({ description });
    const first = await openArchive(path);
    expect(listing(first)).toEqual(['0 f file 1']);
    expect(first.problems).toEqual(['there are other images as well, which can be named: b:1 linux/arm64/v8']);
  });

  it('says which there are when the wanted one is not', async () => {
    const path = written(newDockerArchive(images));
    const all = `${path} has no such image; there is: a:1 linux/amd64; b:1 linux/arm64/v8`;
    expect(await refusal(openArchive(path, { image: 'c' }))).toBe(all);
    expect(await refusal(openArchive(path, { platform: 'windows/amd64' }))).toBe(all);
    expect(await refusal(openArchive(path, { platform: 'linux/arm' }))).toBe(all);
    expect(await refusal(openArchive(path, { image: 'a:1', platform: 'linux/arm64' }))).toBe(all);
  });
});

it('reads an archive that is packed as a whole', async () => {
  const image: ImageBytes = { layers: [{ plain: tar(file('f', 'one')) }], names: ['a:1'] };
  const packed = await openArchive(written(gzip(tar(...newDockerArchive([image])))));
  expect(listing(packed)).toEqual(['0 f file 3']);
  expect(Buffer.from(await packed.content({ layer: 0, index: 0 }, 10)).toString()).toBe('one');
});

describe('reading an archive', () => {
  const large = tar(file('f', Buffer.alloc(3_000_000, 'abc')), file('g', Buffer.alloc(3_000_000, 'def')));

  it.each(PACKINGS)('tells how far it is with layers %s', async (_, pack) => {
    const told: [number, number | undefined][] = [];
    const noise = file('blobs/sha256/noise', Buffer.alloc(2_000_000, 'noise'));
    const path = written([...newDockerArchive([{ layers: [{ plain: large, packed: pack(large) }] }]), noise]);
    await openArchive(path, { onProgress: (bytes, all) => told.push([bytes, all]) });
    const size = readFileSync(path).length;
    expect(told).not.toEqual([]);
    for (const [at, [bytes, all]] of told.entries()) {
      expect(all).toBe(size);
      expect(bytes).toBeGreaterThan(told[at - 1]?.[0] ?? 0);
      expect(bytes).toBeLessThanOrEqual(size);
    }
  });

  it('stops when it is told to, before and within', async () => {
    const path = written(newDockerArchive([{ layers: [{ plain: large, packed: zstd(large) }] }]));
    const before = AbortSignal.abort();
    await expect(openArchive(path, { signal: before })).rejects.toMatchObject({ name: 'AbortError' });
    const within = new AbortController();
    let told = 0;
    const onProgress = (): void => {
      told++;
      within.abort();
    };
    const reading = openArchive(path, { signal: within.signal, onProgress });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(told).toBe(1);
  });

  it('writes nothing to disk', async () => {
    const path = written(newDockerArchive([{ layers: packedWith(gzip) }]));
    vi.stubEnv('TMPDIR', folderOf());
    onTestFinished(() => void vi.unstubAllEnvs());
    const before = [readdirSync(tmpdir()), readdirSync(dirname(path)), readFileSync(path)];
    const image = await openArchive(path);
    await image.content({ layer: 0, index: 1 }, 10_000);
    expect([readdirSync(tmpdir()), readdirSync(dirname(path)), readFileSync(path)]).toEqual(before);
  });

  it('passes over layers that are known', async () => {
    const items = newDockerArchive([{ layers: packedWith(gzip) }]);
    const names = items.filter(({ content }) => Buffer.isBuffer(content)).map(({ name }) => name);
    const stream = new StreamSource(asyncly([tar(...items)]));
    const { layers } = await readImageArchive(stream, { hashPlain: false, known: (blob) => blob === names[0] });
    expect([...layers.keys()]).toEqual(names.slice(1));
  });

  it.each([
    ['gzip', gzipOf],
    ['zstd', zstdOf],
  ])('holds no content: a layer of 300 MB of zeros in %s', { timeout: 60_000 }, async (_, pack) => {
    const zeros = 300 * 1024 * 1024;
    const head = tar(file('zeros', '', { size: zeros })).subarray(0, 512);
    const bomb = await pack(head, zeros, tar(file('after', '1')));
    expect(bomb.length).toBeLessThan(2_000_000);
    const path = written(newDockerArchive([{ layers: [{ plain: head, packed: bomb }] }]));
    const before = process.memoryUsage();
    let most = 0;
    const look = (): void => {
      const { heapUsed, arrayBuffers, external } = process.memoryUsage();
      most = Math.max(most, heapUsed - before.heapUsed, arrayBuffers - before.arrayBuffers, external - before.external);
    };
    const watch = setInterval(look, 5);
    const image = await openArchive(path);
    look();
    clearInterval(watch);
    expect(listing(image)).toEqual([`0 zeros file ${zeros}`, '0 after file 1']);
    expect(most).toBeLessThan(100 * 1024 * 1024);
  });
});

function zstdOf(head: Uint8Array, zeros: number, tail: Uint8Array): Promise<Buffer> {
  return Promise.resolve(Buffer.concat([zstd(head), zstdRepeated(0, zeros), zstd(tail)]));
}

/** Packs bytes, many zeros and bytes again. */
async function gzipOf(head: Uint8Array, zeros: number, tail: Uint8Array): Promise<Buffer> {
  const { createGzip } = await import('node:zlib');
  const { Readable } = await import('node:stream');
  const chunk = Buffer.alloc(1024 * 1024);
  const packed: Buffer[] = [];
  const source = Readable.from(
    (function* () {
      yield head;
      for (let left = zeros; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
      yield tail;
    })(),
  );
  for await (const part of source.pipe(createGzip({ level: 1 }))) packed.push(part as Buffer);
  return Buffer.concat(packed);
}
