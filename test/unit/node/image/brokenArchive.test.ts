import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../../core/node/image/archiveImage';
import { StreamSource } from '../../../../core/node/image/byteSource';
import { readImageArchive } from '../../../../core/node/image/imageArchive';
import { ImageError } from '../../../../core/node/image/openImage';
import { newDockerArchive, ociArchive, oldDockerArchive, sha256, type ImageBytes } from '../../support/imageArchive';
import { file, gzip, header, tar, zstd, type TarItem } from '../../support/tar';
import { folderOf } from '../folder';
import { listing, opened, refusal, written } from './written';

const A = tar(file('a', 'x'.repeat(5000)), file('b', 'y'));
const B = tar(file('c', 'z'));
const IMAGE: ImageBytes = { layers: [{ plain: A }, { plain: B }], names: ['shop:1'] };
const blob = (bytes: Uint8Array): string => `blobs/sha256/${sha256(bytes)}`;
const without = (items: readonly TarItem[], name: string): TarItem[] => items.filter((one) => one.name !== name);

describe('an archive that is not there or none', () => {
  it('is named', async () => {
    expect(await refusal(openArchive('/nowhere/image.tar'))).toMatch(/^\/nowhere\/image\.tar cannot be read: /);
    const folder = folderOf();
    expect(await refusal(openArchive(folder))).toContain(folder);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a text', Buffer.from('FROM scratch\n'.repeat(100))],
    ['a JSON file', Buffer.from(JSON.stringify({ a: 'x'.repeat(2000) }))],
    ['an archive of something else', tar(file('a', 'b'))],
    ['zeros', Buffer.alloc(10_000)],
    ['something else that is packed as a whole', gzip(Buffer.from('no archive'))],
    ['what looks packed and is not', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(2000, 7)])],
    ['a packed archive that breaks off', gzip(tar(...newDockerArchive([IMAGE]))).subarray(0, 400)],
  ])('holds no image: %s', async (_, bytes) => {
    const path = written(bytes);
    expect(await refusal(openArchive(path))).toMatch(`${path} holds no image that can be read: `);
  });
});

describe('an archive that lacks something', () => {
  it.each([
    ['since Docker 25', newDockerArchive([IMAGE])],
    ['of OCI', ociArchive([IMAGE])],
  ])('names a layer that is missing (%s)', async (_, items) => {
    const path = written(without(items, blob(B)));
    expect(await refusal(openArchive(path))).toBe(`${path} lacks its layer 2 of 2: ${blob(B)}`);
  });

  it('names a layer whose link leads nowhere', async () => {
    const twice = oldDockerArchive([{ layers: [{ plain: A }, { plain: A }] }]);
    const target = twice.find(({ name }) => name.endsWith('/layer.tar'))?.name ?? '';
    expect(await refusal(opened(without(twice, target)))).toContain('lacks its layer 1 of 2');
  });

  it('does not follow links for ever', async () => {
    const loop = oldDockerArchive([{ layers: [{ plain: A }] }]).map((one): TarItem =>
      one.name.endsWith('/layer.tar') ? { name: one.name, flag: '2', link: 'layer.tar' } : one,
    );
    expect(await refusal(opened(loop))).toContain('lacks its layer 1 of 1');
  });

  it('names a layer that is none', async () => {
    const items = newDockerArchive([IMAGE]).map((one) => (one.name === blob(B) ? file(one.name, 'junk') : one));
    expect(await refusal(opened(items))).toContain(`lacks its layer 2 of 2: ${blob(B)}`);
  });

  it('names the configuration', async () => {
    const config = oldDockerArchive([IMAGE]).find(({ name }) => /^[0-9a-f]{64}\.json$/.test(name))?.name ?? '';
    expect(await refusal(opened(without(oldDockerArchive([IMAGE]), config)))).toContain(
      `the configuration ${config} is missing`,
    );
  });
});

describe('an archive that breaks off', () => {
  const archive = tar(
    ...newDockerArchive([{ layers: [{ plain: A }, { plain: B, packed: gzip(B) }], names: ['shop:1'] }]),
  );

  it('is refused or has a problem, wherever that is', async () => {
    const wanted = listing(await opened(archive));
    const path = written(archive);
    const { writeFileSync } = await import('node:fs');
    for (let length = 0; length < archive.length - 1024; length += 97) {
      writeFileSync(path, archive.subarray(0, length));
      try {
        const image = await openArchive(path);
        if (image.problems.length === 0) expect(listing(image), `${length} bytes`).toEqual(wanted);
      } catch (error) {
        expect(error, `${length} bytes`).toBeInstanceOf(ImageError);
      }
    }
  });

  it('has what came before, and says that it breaks off', async () => {
    // the layer comes last
    const items = newDockerArchive([IMAGE]);
    const last = items.filter(({ name }) => name === blob(A));
    const whole = tar(...without(items, blob(A)), ...last);
    const image = await opened(whole.subarray(0, whole.length - 1024 - 2500));
    expect(listing(image)).toEqual(['0 a file 5000', '1 c file 1']);
    expect(image.problems.join('\n')).toMatch(/the archive ends in the middle/);
    expect(image.problems.join('\n')).toContain(`layer 1 (${blob(A)}): the archive ends in the middle`);
  });

  it('says so when that is in something that is left out', async () => {
    const lying = header({ name: 'other', size: 2 ** 40, binary: true });
    const items = tar(...newDockerArchive([IMAGE]));
    const image = await opened(Buffer.concat([items.subarray(0, -1024), lying, Buffer.alloc(700, 'x')]));
    expect(image.problems.join()).toContain('the archive ends in the middle');
  });
});

describe('a stream that breaks off', () => {
  it('says so, also where its contents are left out', async () => {
    const archive = tar(file('other', 'x'.repeat(100_000)), ...newDockerArchive([IMAGE]));
    for (const length of [600, 50_000, archive.length - 1024 - 300]) {
      const pieces = (async function* () {
        for (let at = 0; at < length; at += 4096) {
          yield await Promise.resolve(archive.subarray(at, Math.min(length, at + 4096)));
        }
      })();
      const { problems } = await readImageArchive(new StreamSource(pieces), { hashPlain: false });
      expect(
        problems.map(({ code }) => code),
        `${length} bytes`,
      ).toEqual(['truncated']);
    }
  });
});

describe('a layer with a fault', () => {
  const layerOf = (packed: Buffer, plain = A): TarItem[] => newDockerArchive([{ layers: [{ plain, packed }] }]);
  const problems = async (items: readonly TarItem[]): Promise<string> => (await opened(items)).problems.join('\n');

  it.each([
    ['gzip', gzip],
    ['zstd', zstd],
  ])('is named when it is not what the image says (%s)', async (_, pack) => {
    expect(await problems(layerOf(pack(B)))).toBe(
      `layer 1 (${blob(pack(B))}): its content has the digest sha256:${sha256(B)}, the image says sha256:${sha256(A)}`,
    );
  });

  it.each([
    ['gzip', gzip],
    ['zstd', zstd],
  ])('is named when it breaks off (%s)', async (_, pack) => {
    for (const cut of [1, 10, 30, 500]) {
      const whole = pack(Buffer.concat([A, B]));
      const text = await problems(layerOf(whole.subarray(0, Math.max(20, whole.length - cut)), Buffer.concat([A, B])));
      expect(text, `${cut} bytes`).toContain('layer 1 (');
    }
  });

  it('is named when its packing is broken', async () => {
    const broken = Buffer.from(gzip(A));
    broken.fill(0xff, 12, 30);
    expect(await problems(layerOf(broken))).toContain('it is not packed as gzip: ');
    const zeroed = Buffer.from(zstd(A));
    // a block of a kind that there is not
    zeroed[6] = 0xff;
    expect(await problems(layerOf(zeroed))).toContain('it is not packed as zstd: ');
  });

  it('is named when there is junk in it, with the entries before', async () => {
    const junk = Buffer.concat([A.subarray(0, -1024), Buffer.alloc(1024, 'junk')]);
    const image = await opened(newDockerArchive([{ layers: [{ plain: junk }] }]));
    expect(listing(image)).toEqual(['0 a file 5000', '0 b file 1']);
    expect(image.problems).toEqual([expect.stringContaining('there is no tar header at byte')]);
  });

  it('is named when it has names that no file system can hold', async () => {
    const { pax } = await import('../../support/tar');
    const long = tar(pax({ path: 'x'.repeat(9000) }), file('f', '1'), file('g', '2'));
    const image = await opened(newDockerArchive([{ layers: [{ plain: long }] }]));
    expect([listing(image), image.problems.join()]).toEqual([
      ['0 g file 1'],
      expect.stringContaining('1 entries with'),
    ]);
  });

  it('is named when the configuration lists another number of layers', async () => {
    const image = await opened(newDockerArchive([{ ...IMAGE, diffIds: [`sha256:${sha256(A)}`] }]));
    expect(image.problems.join()).toContain('lists 1 layers, the manifest 2');
  });
});
