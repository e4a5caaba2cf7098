import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerImages } from '../../core/node/engines/dockerImages.js';
import { ImageLibrary } from '../../core/node/image/imageLibrary.js';
import { openEngineImage } from '../../core/node/image/engineImage.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, at, parseJson } from '../judge/json.js';
import { IMAGE_CASES, writeCaseContext } from './imageCases.js';
import { checkImage, DOCKER_FILES, DOCKER_FOLDERS, type ImageHost } from './imageChecks.js';
import { layerInsight, layersOf, refusalOf } from './imageUnderTest.js';
import { startOwnEngine, whyNoInstalledEngine, type OwnEngine } from './ownEngine.js';

const reason = whyNoInstalledEngine();
if (reason !== undefined) console.warn(`skipped: images in the containerd image store: ${reason}`);

const CHOSEN = ['on-another', 'on-that', 'opaque', 'hard-links', 'access', 'copies'];
const CASES = IMAGE_CASES.filter(({ name }) => CHOSEN.includes(name));

describe.skipIf(reason !== undefined)('images in the containerd image store', () => {
  const folder = mkdtempSync('/tmp/li-images-containerd-');
  const run = randomUUID().slice(0, 8);
  const nameOf = (name: string): string => `layer-insight-test/containerd-${run}:${name}`;
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const host: ImageHost = {
    ...{ program: 'docker', env, folder, options: [], ownFolders: DOCKER_FOLDERS, ownFiles: DOCKER_FILES },
    // blocks on disk
    historyBytes: undefined,
    open: (image) => {
      const images = new DockerImages({ program: 'docker', builder: undefined, env: process.env });
      return openEngineImage(images, image, new LayerIndexStore(join(folder, 'library')));
    },
  };
  let engine: OwnEngine | undefined;

  beforeAll(async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
    const base = await ensureBaseImage();
    const context = join(folder, 'context');
    await mkdir(context);
    await writeCaseContext(context);
    for (const { name, dockerfile } of CASES) {
      const file = join(folder, 'Dockerfile');
      const text = dockerfile.join('\n').replaceAll('{base}', base).replaceAll('{first}', nameOf('on-another'));
      await writeFile(file, text);
      // with an attestation, which is a manifest that is no image
      const options = ['--quiet', '--provenance=true', '--tag', nameOf(name), '--file', file];
      await engineCommand('docker', ['build', ...options, context]);
    }
  });
  afterAll(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are in a store of packed layers', async () => {
    const info = await engineCommand('docker', ['info', '--format', '{{.DriverStatus}}']);
    expect(info).toContain('io.containerd.snapshotter');
    const archive = join(folder, 'packed.tar');
    await engineCommand('docker', ['save', '--output', archive, nameOf('copies')]);
    // the bytes that every gzip file begins with
    expect((await readFile(archive)).includes(Buffer.from([0x1f, 0x8b, 0x08]))).toBe(true);
    // digests of what is packed are told by an archive only
    const { layers } = await layersOf(archive, env);
    expect(layers.slice(1).every(({ digest, diffId }) => digest !== '' && digest !== diffId)).toBe(true);
  });

  it('are listed as docker lists them, with what they share and who uses them', async () => {
    await engineCommand('docker', ['create', '--name', `user-${run}`, nameOf('on-that'), 'sh']);
    await engineCommand('docker', ['tag', nameOf('copies'), nameOf('copies-too')]);
    const images = new DockerImages({ program: 'docker', builder: undefined, env: process.env });
    const library = new ImageLibrary(images, new LayerIndexStore(join(folder, 'library')));
    const list = await library.list(new AbortController().signal);
    const lines = list.flatMap(({ id, names }) => names.map((name) => `${id} ${name}`)).sort();
    const format = ['--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}'];
    expect(lines).toEqual((await engineCommand('docker', ['images', ...format])).split('\n').sort());
    for (const { id, names, diffIds, steps, containers, sharing } of list) {
      const [inspected] = asArray(parseJson(await engineCommand('docker', ['image', 'inspect', id])));
      expect(diffIds).toEqual(at(inspected, 'RootFS', 'Layers'));
      expect(steps.flatMap(({ diffId }) => diffId ?? [])).toEqual(diffIds);
      const sizes = await engineCommand('docker', ['history', '--human=false', '--format', '{{.Size}}', id]);
      expect(steps.map(({ bytes }) => bytes)).toEqual(sizes.split('\n').map(Number).reverse());
      expect(containers).toEqual(names.includes(nameOf('on-that')) ? [`user-${run}`] : []);
      expect(sharing.unknownLayers).toBe(0);
      expect(sharing.uniqueBytes + sharing.sharedBytes).toBe(steps.reduce((sum, { bytes }) => sum + bytes, 0));
    }
    const above = list.find(({ names }) => names.includes(nameOf('on-that')));
    expect(above?.base?.names).toEqual([nameOf('on-another')]);
    await engineCommand('docker', ['rm', `user-${run}`]);
    await engineCommand('docker', ['rmi', nameOf('copies-too')]);
  });

  it('of other platforms are read from an archive, and refused by the engine where it has another one', async () => {
    const name = nameOf('platforms');
    const file = join(folder, 'Dockerfile.platforms');
    await writeFile(file, 'FROM scratch\nARG TARGETARCH\nCOPY plain.txt /on-$TARGETARCH\n');
    const options = ['--quiet', '--platform', 'linux/s390x,linux/riscv64', '--tag', name, '--file', file];
    await engineCommand('docker', ['build', ...options, join(folder, 'context')]);
    const archive = join(folder, 'platforms.tar');
    await engineCommand('docker', ['save', '--platform', 'linux/riscv64', '--output', archive, name]);
    const saved = await layersOf(archive, env, ['--files', '--platform', 'linux/riscv64']);
    expect(saved.layers[0]?.files?.map(({ path }) => path)).toEqual(['on-riscv64']);
    const refused = await layerInsight(['layers', name, '--platform', 'linux/mips64le'], env);
    expect(refusalOf(refused)).toContain('linux/mips64le');
    await engineCommand('docker', ['rmi', name]);
  });

  for (const { name } of CASES) describe(name, () => checkImage(nameOf(name), host));
});
