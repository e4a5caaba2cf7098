import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayersDocument } from '../../core/image/layersDocument.js';
import { PodmanImages } from '../../core/node/engines/podmanImages.js';
import { openEngineImage } from '../../core/node/image/engineImage.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { IMAGE_CASES, writeCaseContext } from '../engine/imageCases.js';
import { checkImage, type ImageHost } from '../engine/imageChecks.js';
import { layerInsight, layersOf, refusalOf } from '../engine/imageUnderTest.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { engineCommand } from '../judge/imageFiles.js';
import { builderForSuite } from './suite.js';

const SUITE = 'images of Podman';
const podman = await builderForSuite(SUITE);
const CHOSEN = ['on-another', 'on-that', 'opaque', 'hard-links', 'access', 'copies'];
const CASES = IMAGE_CASES.filter(({ name }) => CHOSEN.includes(name));
const WITH_PODMAN = ['--engine', 'podman'];

describe.skipIf(podman === undefined)(SUITE, () => {
  const folder = mkdtempSync('/tmp/li-images-podman-');
  const program = podmanProgram();
  const run = randomUUID().slice(0, 8);
  const nameOf = (name: string): string => `localhost/layer-insight-test/images-${run}:${name}`;
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const images = new PodmanImages(process.env);
  const host: ImageHost = {
    ...{ program, env, folder, options: WITH_PODMAN, ownFolders: ['dev', 'proc', 'sys'], ownFiles: [] },
    // Podman counts archives
    historyBytes: ({ archiveBytes }) => archiveBytes,
    open: (image) => openEngineImage(images, image, new LayerIndexStore(join(folder, 'library'))),
  };

  beforeAll(async () => {
    const base = await ensurePodmanBaseImage(program);
    const context = join(folder, 'context');
    await mkdir(context);
    await writeCaseContext(context);
    for (const { name, dockerfile } of CASES) {
      const file = join(folder, 'Dockerfile');
      const text = dockerfile.join('\n').replaceAll('{base}', base).replaceAll('{first}', nameOf('on-another'));
      await writeFile(file, text);
      await engineCommand(program, ['build', '--quiet', '--tag', nameOf(name), '--file', file, context]);
    }
  }, 180_000);
  afterAll(async () => {
    await engineCommand(program, ['image', 'rm', '--force', ...CASES.map(({ name }) => nameOf(name))]);
    await rm(folder, { recursive: true, force: true });
  });

  for (const { name } of CASES) describe(name, () => checkImage(nameOf(name), host));

  /** What an archive says must be what Podman says, but for names and digests of what is packed. */
  const content = ({ image: { id, platform, sizeBytes }, layers, efficiency, shadowed, ...rest }: LayersDocument) => ({
    ...{ id, platform, sizeBytes, efficiency, files: shadowed.files, rest },
    layers: layers.map((layer) => ({ ...layer, digest: undefined, isBase: undefined })),
  });

  it.each(['hard-links'])('are the same in what podman save writes: %s', { timeout: 60_000 }, async (name) => {
    const expected = await layersOf(nameOf(name), env, ['--files', ...WITH_PODMAN]);
    const layout = join(folder, `${name}-layout`);
    for (const [format, path] of [
      ['docker-archive', join(folder, `${name}-docker.tar`)],
      ['oci-archive', join(folder, `${name}-oci.tar`)],
      ['oci-dir', layout],
    ] as const) {
      await engineCommand(program, ['save', '--quiet', '--format', format, '--output', path, nameOf(name)]);
      const saved = await layersOf(path, env, ['--files']);
      expect(content(saved), format).toEqual(content(expected));
      expect(saved.image.names, format).toEqual([nameOf(name)]);
    }
    const packed = join(folder, `${name}-docker.tar.gz`);
    await writeFile(packed, gzipSync(readFileSync(join(folder, `${name}-docker.tar`)), { level: 1 }));
    expect(content(await layersOf(packed, env, ['--files']))).toEqual(content(expected));
  });

  it('are found by all the names that Podman finds them by', async () => {
    const whole = await layersOf(nameOf('copies'), env, WITH_PODMAN);
    expect(whole.image.names).toEqual([nameOf('copies')]);
    expect(whole.image.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    const hex = whole.image.id.slice('sha256:'.length);
    for (const name of [hex.slice(0, 12), `sha256:${hex}`, nameOf('copies').replace('localhost/', '')]) {
      const { image, layers } = await layersOf(name, env, WITH_PODMAN);
      expect(image).toEqual({ ...whole.image, name });
      expect(layers).toEqual(whole.layers);
    }
  });

  it('that are not there are refused by their name', async () => {
    for (const name of [nameOf('never'), 'UPPER:1', 'sha256:zz', '/no/such.tar', '']) {
      expect(refusalOf(await layerInsight(['layers', name, ...WITH_PODMAN], env))).toContain(`: ${name} is `);
    }
    const nobody = { ...env, PATH: folder };
    expect(refusalOf(await layerInsight(['layers', nameOf('copies'), ...WITH_PODMAN], nobody))).toContain('podman');
  });

  it('differ in what their containers see', async () => {
    const args = ['diff', nameOf('on-another'), nameOf('on-that'), '--json', ...WITH_PODMAN];
    const result = await layerInsight(args, env);
    expect([result.code, result.stderr]).toEqual([0, '']);
    const { files } = JSON.parse(result.stdout) as { readonly files: readonly { change: string; path: string }[] };
    const lines = files.map(({ change, path }) => `${change} ${path}`);
    expect(lines).toEqual(['modified app/one', 'added app/three', 'removed app/two']);
  });
});
