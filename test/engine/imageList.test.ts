import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerImages } from '../../core/node/engines/dockerImages.js';
import { ImageLibrary, type ImageOnEngine } from '../../core/node/image/imageLibrary.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { hostsFolder } from '../hosts/paths.mjs';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';

// what removing frees can be seen only where nobody else works
const isInstalled = existsSync(join(hostsFolder(), 'engine-root/.complete'));
const reason =
  noOwnEngine ?? (isInstalled ? undefined : 'no engine of our own is installed (test/hosts/engine.sh install)');
if (reason !== undefined) console.warn(`skipped: the list of images: ${reason}`);

const CLASSIC = { DOCKER_BUILDKIT: '0' };

describe.skipIf(reason !== undefined)('the list of images', { timeout: 60_000 }, () => {
  const folder = mkdtempSync('/tmp/li-image-list-');
  const context = join(folder, 'context');
  const run = randomUUID().slice(0, 8);
  const nameOf = (name: string): string => `layer-insight-test/list-${run}:${name}`;
  const { signal } = new AbortController();
  const library = (): ImageLibrary => {
    const images = new DockerImages({ program: 'docker', builder: undefined, env: process.env });
    return new ImageLibrary(images, new LayerIndexStore(join(folder, 'library')));
  };
  const docker = (...args: readonly string[]): Promise<string> => engineCommand('docker', args);
  let engine: OwnEngine | undefined;
  let base = '';

  const build = async (name: string, lines: readonly string[], env = {}): Promise<string> => {
    await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
    const printed = await engineCommand('docker', ['build', '--quiet', '--tag', nameOf(name), context], env);
    return printed.split('\n').at(-1) ?? '';
  };

  beforeAll(async () => {
    engine = await startOwnEngine();
    base = await ensureBaseImage();
    await mkdir(context);
    await writeFile(join(context, 'file'), 'x'.repeat(5000));
    await build('a', [`FROM ${base}`, 'COPY file /file', 'RUN dd if=/dev/zero of=/zero bs=1000 count=7 && true']);
    await build('b', [`FROM ${nameOf('a')}`, 'ENV A=1', 'WORKDIR /made', 'RUN echo 12345 > /more', 'CMD ["sh"]']);
    // an equal layer on another one, which is not the same
    await build('c', [`FROM ${base}`, 'RUN echo other > /other', 'COPY file /file']);
    await docker('create', '--name', `one-${run}`, nameOf('b'), 'sh');
    await docker('create', '--name', `two-${run}`, nameOf('b'), 'sh');
    // an image that lost its name and is used
    await build('lost', [`FROM ${base}`, 'RUN echo lost > /lost']);
    await docker('create', '--name', `three-${run}`, nameOf('lost'), 'sh');
    await build('lost', [`FROM ${base}`, 'RUN echo now > /now']);
  }, 180_000);
  afterAll(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const named = (list: readonly ImageOnEngine[], name: string): ImageOnEngine => {
    const found = list.find(({ names }) => names.includes(nameOf(name)) || names.includes(name));
    if (found === undefined) throw new Error(`${name} is not in the list`);
    return found;
  };

  it('has the images that docker lists, with their names, and those that lost theirs', async () => {
    const list = await library().list(signal);
    const printed = (await docker('images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}')).split('\n');
    const ours = list.flatMap(({ id, names }) =>
      (names.length === 0 ? ['<none>:<none>'] : names).map((n) => `${id} ${n}`),
    );
    expect(ours.sort()).toEqual(printed.sort());
    expect(list.filter(({ names }) => names.length === 0)).toHaveLength(1);
  });

  it('has their time, platform, layers and bytes', async () => {
    for (const image of await library().list(signal)) {
      const [inspected] = asArray(parseJson(await docker('image', 'inspect', image.id)));
      expect(image.bytes).toBe(at(inspected, 'Size'));
      expect(image.diffIds).toEqual(at(inspected, 'RootFS', 'Layers'));
      expect(image.platform).toBe([at(inspected, 'Os'), at(inspected, 'Architecture')].join('/'));
      const created = Math.floor(Date.parse(asString(at(inspected, 'Created')) ?? '') / 1000) * 1000;
      expect(image.created).toBe(created);
      expect(image.repoDigests).toEqual([]);
    }
  });

  it('has the containers that were made from each', async () => {
    const list = await library().list(signal);
    expect([...named(list, 'b').containers].sort()).toEqual([`one-${run}`, `two-${run}`].sort());
    expect(list.find(({ names }) => names.length === 0)?.containers).toEqual([`three-${run}`]);
    expect(named(list, 'a').containers).toEqual([]);
  });

  it('has the steps that docker history prints, each layer with its step', async () => {
    for (const { id, steps, diffIds } of await library().list(signal)) {
      const printed = await docker('history', '--no-trunc', '--human=false', '--format', 'json', id);
      const rows = printed.split('\n').map(parseJson).reverse();
      expect(steps.map((step) => [step.createdBy, String(step.bytes), step.comment])).toEqual(
        rows.map((row) => [at(row, 'CreatedBy'), at(row, 'Size'), at(row, 'Comment')]),
      );
      const times = rows.map((row) => Date.parse(asString(at(row, 'CreatedAt')) ?? ''));
      expect(steps.map(({ created }) => created)).toEqual(times);
      expect(steps.flatMap(({ diffId }) => diffId ?? [])).toEqual(diffIds);
      for (const step of steps) if (step.bytes > 0) expect(step.diffId).toBeDefined();
    }
  });

  it('says what each image stands on, and how many of its steps are not its own', async () => {
    const list = await library().list(signal);
    expect(named(list, 'b').base?.names).toEqual([nameOf('a')]);
    expect(
      named(list, 'b')
        .steps.slice(named(list, 'b').baseSteps)
        .map(({ createdBy }) => createdBy.split(' ')[0]),
    ).toEqual(['ENV', 'WORKDIR', 'RUN', 'CMD']);
    expect(named(list, 'a').base?.names).toEqual([base]);
    expect(named(list, 'a').baseSteps).toBe(1);
    expect(named(list, base).base).toBeUndefined();
  });

  it('says what images share, as the engine counts it', async () => {
    const list = await library().list(signal);
    const shared = await sharedSizes();
    for (const { id, bytes, steps, sharing } of list) {
      const all = steps.reduce((sum, step) => sum + step.bytes, 0);
      expect(sharing.uniqueBytes + sharing.sharedBytes).toBe(all);
      expect(sharing.unknownLayers).toBe(0);
      expect(all).toBe(bytes);
      expect(sharing.sharedBytes).toBe(shared.get(id));
    }
    const [a, b, c] = ['a', 'b', 'c'].map((name) => named(list, name));
    const below = named(list, base).bytes;
    expect(b?.sharing.with[0]).toEqual({ id: a?.id, layers: 3, bytes: a?.bytes });
    expect(c?.sharing.with.find(({ id }) => id === a?.id)).toEqual({ id: a?.id, layers: 1, bytes: below });
    expect(c?.sharing.uniqueBytes).toBe(5006);
    expect(a?.sharing.uniqueBytes).toBe(0);
  });

  it('follows names that come and go, and containers', async () => {
    const one = library();
    const before = named(await one.list(signal), 'c');
    await docker('tag', nameOf('c'), nameOf('another'));
    await docker('rmi', nameOf('c'));
    await docker('create', '--name', `four-${run}`, nameOf('another'), 'sh');
    const after = (await one.list(signal)).find(({ id }) => id === before.id);
    expect(after?.names).toEqual([nameOf('another')]);
    expect(after?.containers).toEqual([`four-${run}`]);
    await docker('rm', `four-${run}`);
    await docker('tag', nameOf('another'), nameOf('c'));
    await docker('rmi', nameOf('another'));
  });

  it('says what removing an image frees', async () => {
    // the other builder keeps layers in its cache as well
    await build('under', [`FROM ${base}`, 'RUN echo under > /under', 'COPY file /file'], CLASSIC);
    await build('over', [`FROM ${nameOf('under')}`, 'RUN echo over > /over && rm /file', 'COPY file /file2'], CLASSIC);
    for (const name of ['over', 'under']) {
      const [list, before] = [await library().list(signal), await layersSize()];
      await docker('rmi', nameOf(name));
      const { uniqueBytes } = named(list, name).sharing;
      expect(uniqueBytes).toBeGreaterThan(5000);
      expect(before - (await layersSize())).toBe(uniqueBytes);
    }
    const list = await library().list(signal);
    expect(list.some(({ names }) => names.includes(nameOf('over')))).toBe(false);
  });
});

/** Bytes of all layers that the engine has. */
async function layersSize(): Promise<number> {
  return Number(at(await diskUsage(), 'LayersSize'));
}

/** By id: the bytes of layers that other images have, too. */
async function sharedSizes(): Promise<ReadonlyMap<string, unknown>> {
  const images = asArray(at(await diskUsage(), 'Images'));
  return new Map(images.map((image) => [asString(at(image, 'Id')) ?? '', at(image, 'SharedSize')]));
}

/** What `docker system df` rounds. */
function diskUsage(): Promise<unknown> {
  const socketPath = (process.env['DOCKER_HOST'] ?? '').replace('unix://', '');
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/v1.44/system/df?type=image' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(parseJson(text)));
      response.on('error', reject);
    });
    asked.on('error', reject).end();
  });
}
