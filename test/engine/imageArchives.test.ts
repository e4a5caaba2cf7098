import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayersDocument } from '../../core/image/layersDocument.js';
import { DockerImages } from '../../core/node/engines/dockerImages.js';
import { openByName } from '../../core/node/image/findImage.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { engineForSuite } from './engine.js';
import { IMAGE_CASES, writeCaseContext } from './imageCases.js';
import { layerInsight, layersOf, refusalOf } from './imageUnderTest.js';

const SUITE = 'archives that an engine saved';
const engine = await engineForSuite(SUITE);
const CHOSEN = ['on-another', 'hard-links', 'access', 'names', 'copies'];

describe.skipIf(engine === undefined)(SUITE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-archives-'));
  const run = randomUUID().slice(0, 8);
  const image = (name: string): string => `layer-insight-test/archives-${run}:${name}`;
  const archive = (name: string): string => join(folder, name);
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };

  beforeAll(async () => {
    const base = await ensureBaseImage();
    const context = join(folder, 'context');
    await mkdir(context);
    await writeCaseContext(context);
    for (const { name, dockerfile } of IMAGE_CASES.filter((one) => CHOSEN.includes(one.name))) {
      await writeFile(archive('Dockerfile'), dockerfile.join('\n').replaceAll('{base}', base));
      const options = ['--quiet', '--provenance=false', '--tag', image(name), '--file', archive('Dockerfile')];
      await engineCommand('docker', ['build', ...options, context]);
      await engineCommand('docker', ['save', '--output', archive(`${name}.tar`), image(name)]);
    }
    await engineCommand('docker', ['save', '--output', archive('all.tar'), ...CHOSEN.map(image)]);
  });
  afterAll(async () => {
    await engineCommand('docker', ['image', 'rm', '--force', ...CHOSEN.map(image)]);
    await rm(folder, { recursive: true, force: true });
  });

  /** What an archive says must be what the engine says, but for names and digests of what is packed. */
  const content = ({ image: { id, platform, sizeBytes }, layers, efficiency, shadowed, ...rest }: LayersDocument) => ({
    ...{ id, platform, sizeBytes, efficiency, files: shadowed.files, rest },
    metadataOnly: [shadowed.metadataOnlyBytes, shadowed.unclearBytes],
    layers: layers.map((layer) => ({ ...layer, digest: undefined, isBase: undefined })),
  });
  const unpack = async (name: string): Promise<string> => {
    const layout = mkdtempSync(join(folder, 'layout-'));
    await engineCommand('tar', ['--extract', `--directory=${layout}`, `--file=${archive(`${name}.tar`)}`]);
    return layout;
  };

  it.each(CHOSEN)('give what the engine gives, plain, packed and unpacked: %s', { timeout: 60_000 }, async (name) => {
    const expected = await layersOf(image(name), env, ['--files']);
    expect(expected.shadowed.unclearBytes).toBe(0);
    const plain = await layersOf(archive(`${name}.tar`), env, ['--files']);
    expect(content(plain)).toEqual(content(expected));
    expect(plain.image).toMatchObject({ name: archive(`${name}.tar`), names: [image(name)], base: null });
    await writeFile(archive(`${name}.tar.gz`), gzipSync(await readFile(archive(`${name}.tar`)), { level: 1 }));
    expect(content(await layersOf(archive(`${name}.tar.gz`), env, ['--files']))).toEqual(content(expected));
    const layout = await unpack(name);
    const ofLayout = await layersOf(layout, env, ['--files']);
    expect(content(ofLayout)).toEqual(content(expected));
    for (const { digest, diffId } of ofLayout.layers) expect(digest).toBe(diffId);
    // the same without what Docker adds to the layout
    await rm(join(layout, 'manifest.json'));
    await engineCommand('tar', ['--create', `--directory=${layout}`, `--file=${archive(`${name}.oci.tar`)}`, '.']);
    expect(content(await layersOf(archive(`${name}.oci.tar`), env, ['--files']))).toEqual(content(expected));
  });

  it('with several images hold the one that is named', async () => {
    for (const name of ['access', 'names']) {
      const named = await layersOf(archive('all.tar'), env, ['--files', '--image', image(name)]);
      expect(content(named)).toEqual(content(await layersOf(image(name), env, ['--files'])));
    }
    const unnamed = await layersOf(archive('all.tar'), env);
    expect(unnamed.problems).toHaveLength(1);
    for (const name of CHOSEN) {
      if (!unnamed.image.names.includes(image(name))) expect(unnamed.problems[0]).toContain(image(name));
    }
    const other = await layerInsight(['layers', archive('all.tar'), '--image', 'nobody:1'], env);
    expect(refusalOf(other)).toContain(archive('all.tar'));
    const foreign = await layerInsight(['layers', archive('all.tar'), '--platform', 'linux/s390x'], env);
    expect(refusalOf(foreign)).toContain('linux/');
  });

  it('have the contents of files, as the engine and a layout have them', async () => {
    const engineOf = () => new DockerImages({ program: 'docker', builder: undefined, env: process.env });
    const store = new LayerIndexStore(join(folder, 'library'));
    for (const name of [image('copies'), archive('copies.tar'), archive('copies.tar.gz'), await unpack('copies')]) {
      const opened = await openByName(name, engineOf, store);
      const read = async (path: string): Promise<readonly string[]> => {
        const texts: string[] = [];
        for (const [layer, { entries }] of opened.layers.entries()) {
          for (let index = 0; index < entries.length; index++) {
            if (entries.path(index) !== path || entries.type(index) !== 'file') continue;
            texts.push(Buffer.from(await opened.content({ layer, index }, 1000)).toString());
          }
        }
        return texts;
      };
      // two names of one file were copied: the first one has the bytes
      expect(await read('opt/same'), name).toEqual(['built\n']);
      expect(await read('opt/x/result'), name).toEqual(['plain\n']);
      expect(await read('opt/tree/sub/c'), name).toEqual(['file c, which is longer\n']);
      expect(await read('opt/added/in/side/file'), name).toEqual(['packed\n']);
    }
  });

  describe('that are broken', () => {
    const refused = async (path: string): Promise<string> =>
      refusalOf(await layerInsight(['layers', path, '--json'], env));

    it.each([0.3, 0.7, 0.95])('off after %d of their bytes are refused by their name', async (part) => {
      for (const name of ['access.tar', 'access.tar.gz']) {
        const broken = archive(`broken-${part}-${name}`);
        await cp(archive(name), broken);
        await truncate(broken, Math.floor(readFileSync(broken).length * part));
        const refusal = await refused(broken);
        expect(refusal).toContain(broken);
        expect(refusal.split('\n')).toHaveLength(1);
      }
    });

    it('since they are something else are refused by their name', async () => {
      const others: readonly (readonly [string, string | Uint8Array])[] = [
        ...([
          ['empty', ''],
          ['text', 'FROM scratch\n'],
          ['zeros', new Uint8Array(10_240)],
        ] as const),
        ['packed-text', gzipSync('FROM scratch\n')],
        ['json', '{"layers": []}'],
      ];
      for (const [name, text] of others) {
        await writeFile(archive(name), text);
        expect(await refused(archive(name))).toContain(archive(name));
      }
      await engineCommand('tar', ['--create', `--file=${archive('no-image.tar')}`, `--directory=${folder}`, 'context']);
      expect(await refused(archive('no-image.tar'))).toContain(archive('no-image.tar'));
    });

    it('layouts are refused, or it is said which layer was not read whole', async () => {
      const lost = await unpack('access');
      const layers = (await layersOf(lost, env)).layers.map(({ digest }) => digest.replace('sha256:', ''));
      const last = join(lost, 'blobs/sha256', layers.at(-1) ?? '');
      const bytes = await readFile(last);
      await truncate(last, 700);
      const half = await layerInsight(['layers', lost, '--json'], env);
      const said = half.code === 0 ? (JSON.parse(half.stdout) as LayersDocument).problems.join('\n') : refusalOf(half);
      expect(said).toContain(layers.at(-1));
      await writeFile(last, bytes);
      const index = readFileSync(join(lost, 'index.json'), 'utf8');
      const manifest = join(lost, 'blobs/sha256', /sha256:([0-9a-f]{64})/.exec(index)?.[1] ?? '');
      await writeFile(manifest, `${await readFile(manifest, 'utf8')} `);
      expect(await refused(lost)).toContain(manifest);
      await rm(manifest);
      expect(await refused(lost)).toContain(lost);
    });

    it('archives that lost a layer are refused with the name of the layer', async () => {
      const layout = await unpack('access');
      const { layers } = await layersOf(layout, env);
      const gone = layers[1]?.digest.replace('sha256:', '') ?? '';
      await rm(join(layout, 'blobs/sha256', gone));
      expect(await refused(layout)).toContain(gone);
      await engineCommand('tar', ['--create', `--directory=${layout}`, `--file=${archive('lost.tar')}`, '.']);
      const refusal = await refused(archive('lost.tar'));
      expect(refusal).toContain(gone);
      expect(refusal).toContain(archive('lost.tar'));
    });
  });
});
