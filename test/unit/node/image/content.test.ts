import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../../core/node/image/archiveImage';
import { sameByDigest, ShadowedSearch, type Shadowed } from '../../../../core/image/shadowed';
import type { OpenImage } from '../../../../core/node/image/openImage';
import { newDockerArchive, type LayerBytes } from '../../support/imageArchive';
import { file, folder, gzip, hardLink, tar, zstd, type TarItem } from '../../support/tar';
import { opened, refusal, written } from './written';

const MiB = 1024 * 1024;
const LARGE = Buffer.from(Array.from({ length: 2 * MiB }, (_, index) => (index * 7 + (index >> 8)) & 0xff));

const FILES: readonly TarItem[] = [
  ...[folder('d'), file('d/text', 'grüße\n'), file('d/empty'), file('large', LARGE), hardLink('link', 'large')],
  file('last', 'end'),
];

const PACKINGS: readonly (readonly [string, (plain: Buffer) => Buffer])[] = [
  ['as it is', (plain) => plain],
  ['packed with gzip', gzip],
  ['packed with zstd', zstd],
];

const layersOf = (pack: (plain: Buffer) => Buffer, ...plains: readonly Buffer[]): LayerBytes[] =>
  plains.map((plain) => ({ plain, packed: pack(plain) }));

describe.each(PACKINGS)('a file of a layer %s', (_, pack) => {
  const open = (): Promise<OpenImage> =>
    opened(newDockerArchive([{ layers: layersOf(pack, tar(file('x')), tar(...FILES)) }]));

  it('has its exact bytes', async () => {
    const image = await open();
    const bytes = (index: number): Promise<Uint8Array> => image.content({ layer: 1, index }, 3 * MiB);
    expect(Buffer.from(await bytes(1)).toString()).toBe('grüße\n');
    expect(await bytes(2)).toHaveLength(0);
    expect(LARGE.equals(await bytes(3))).toBe(true);
    expect(Buffer.from(await bytes(5)).toString()).toBe('end');
  });

  it('is refused when it is larger than the limit, with its name and size', async () => {
    const image = await open();
    const text = await refusal(image.content({ layer: 1, index: 3 }, 2 * MiB - 1));
    expect(text).toBe(`large has ${2 * MiB} bytes, more than the limit of ${2 * MiB - 1}`);
    expect(await image.content({ layer: 1, index: 3 }, 2 * MiB)).toHaveLength(2 * MiB);
  });

  it('is refused when it is none', async () => {
    const image = await open();
    for (const place of [
      { layer: 1, index: 0 },
      { layer: 1, index: 4 },
      { layer: 1, index: 99 },
      { layer: 7, index: 0 },
    ]) {
      expect(await refusal(image.content(place, MiB))).toBe('there is no such file in this image');
    }
  });
});

describe('an archive that changed after it was opened', () => {
  it.each(PACKINGS)('is told when it is gone or shorter, its layer %s', async (_, pack) => {
    const path = written(newDockerArchive([{ layers: layersOf(pack, tar(...FILES)) }]));
    const image = await openArchive(path);
    writeFileSync(path, Buffer.alloc(3000));
    await expect(image.content({ layer: 0, index: 3 }, 3 * MiB)).rejects.toThrow();
    rmSync(path);
    expect(await refusal(image.content({ layer: 0, index: 3 }, 3 * MiB))).toBe(`${path} is not there any more`);
  });

  it('is not read any more when that is told', async () => {
    const image = await opened(newDockerArchive([{ layers: layersOf(gzip, tar(...FILES)) }]));
    const reading = image.content({ layer: 0, index: 3 }, 3 * MiB, AbortSignal.abort());
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a file that its layer breaks off in', () => {
  const part = tar(file('whole', 'w'.repeat(100)), file('cut', 'c'.repeat(5000))).subarray(0, 3000);

  it.each(PACKINGS.slice(0, 2))('has no content, and nothing of the next blob (%s)', async (_, pack) => {
    const image = await opened(newDockerArchive([{ layers: layersOf(pack, part, tar(file('x', LARGE))) }]));
    expect(image.problems.join()).toContain('layer 1 (');
    expect(Buffer.from(await image.content({ layer: 0, index: 0 }, MiB)).toString()).toBe('w'.repeat(100));
    expect(await refusal(image.content({ layer: 0, index: 1 }, MiB))).toContain('in the middle of cut');
  });
});

async function shadowed(image: OpenImage, signal?: AbortSignal): Promise<Shadowed> {
  const search = new ShadowedSearch(image.layers.map(({ entries }) => entries));
  await image.readDigests(
    search.questions.flatMap(({ hidden, visible }) => [hidden, visible]),
    signal,
  );
  return search.result(0, sameByDigest(image.layers.map(({ entries }) => entries)));
}

describe('contents of two layers', () => {
  const base = tar(file('same', LARGE), file('other', 'abc'), file('tail', 'x'));
  const upper = tar(file('same', LARGE, { mode: 0o755 }), file('other', 'abd'), file('tail', 'x'));

  it.each(PACKINGS)('are compared, layers %s', async (_, pack) => {
    const image = await opened(newDockerArchive([{ layers: layersOf(pack, base, upper) }]));
    const { files } = await shadowed(image);
    expect(files.map(({ path, metadataOnly }) => [path, metadataOnly])).toEqual([
      ['same', true],
      ['other', false],
      ['tail', true],
    ]);
  });

  it('are compared when one layer is packed and the other is not', async () => {
    const image = await opened(
      newDockerArchive([{ layers: [{ plain: base }, { plain: upper, packed: gzip(upper) }] }]),
    );
    expect((await shadowed(image)).metadataOnlyBytes).toBe(LARGE.length + 1);
  });

  it.each(PACKINGS.slice(0, 2))('are not known where a layer breaks off in them (%s)', async (_, pack) => {
    const cut = upper.subarray(0, 100_000);
    const image = await opened(newDockerArchive([{ layers: layersOf(pack, base, cut) }]));
    const { files } = await shadowed(image);
    expect(files.map(({ path, metadataOnly }) => [path, metadataOnly])).toEqual([['same', undefined]]);
  });

  it('are not read any more when that is told', async () => {
    const image = await opened(newDockerArchive([{ layers: [{ plain: base }, { plain: upper }] }]));
    await expect(shadowed(image, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
