import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerImages } from '../../core/node/engines/dockerImages.js';
import { openEngineImage } from '../../core/node/image/engineImage.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, parseJson } from '../judge/json.js';
import { engineForSuite } from './engine.js';
import { IMAGE_CASES, writeCaseContext, writeOddArchive } from './imageCases.js';
import { checkImage, dockerBytes, DOCKER_FILES, DOCKER_FOLDERS, type ImageHost } from './imageChecks.js';
import { layersOf } from './imageUnderTest.js';

const SUITE = 'layers of images';
const names = [...IMAGE_CASES.map(({ name }) => name), 'imported'];
const engine = await engineForSuite(SUITE);

describe.skipIf(engine === undefined)(SUITE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-images-'));
  const run = randomUUID().slice(0, 8);
  const nameOf = (name: string): string => `layer-insight-test/images-${run}:${name}`;
  const images = new DockerImages({ program: 'docker', builder: undefined, env: process.env });
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };

  const unpacked: string[] = [];
  const host: ImageHost = {
    ...{ program: 'docker', env, folder, options: [], ownFolders: DOCKER_FOLDERS, ownFiles: DOCKER_FILES },
    historyBytes: (layer) => dockerBytes(layer, unpacked),
    open: (image) => openEngineImage(images, image, new LayerIndexStore(join(folder, 'library'))),
  };

  beforeAll(async () => {
    const base = await ensureBaseImage();
    await writeOddArchive(join(folder, 'odd.tar'), join(folder, 'odd'));
    await engineCommand('docker', ['import', join(folder, 'odd.tar'), nameOf('imported')]);
    for (const name of [base, nameOf('imported')]) unpacked.push(...(await layersOfImage(name)));
    const context = join(folder, 'context');
    await mkdir(context);
    await writeCaseContext(context);
    for (const { name, dockerfile } of IMAGE_CASES) {
      const file = join(folder, 'Dockerfile');
      const first = nameOf(IMAGE_CASES[0]?.name ?? '');
      await writeFile(file, dockerfile.join('\n').replaceAll('{base}', base).replaceAll('{first}', first));
      const options = ['--quiet', '--provenance=false', '--tag', nameOf(name), '--file', file];
      await engineCommand('docker', ['build', ...options, context]);
    }
  });
  afterAll(async () => {
    await engineCommand('docker', ['image', 'rm', '--force', ...names.map(nameOf)]);
    await rm(folder, { recursive: true, force: true });
  });

  it('say which layer took the last name of a file', async () => {
    const { shadowed } = await layersOf(nameOf('hard-links'), env);
    const lost = shadowed.files.filter(({ path }) => /^[kq]-/.test(path));
    const file = { path: 'q-first', bytes: 10, layer: 2, by: 5, how: 'deleted', metadataOnly: false };
    expect(lost).toEqual([file]);
  });

  for (const name of names) describe(name, () => checkImage(nameOf(name), host));
});

async function layersOfImage(name: string): Promise<readonly string[]> {
  const layers = await engineCommand('docker', ['image', 'inspect', '--format', '{{json .RootFS.Layers}}', name]);
  return asArray(parseJson(layers)).map(String);
}
