import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PodmanImages } from '../../core/node/engines/podmanImages.js';
import { ImageLibrary, type ImageOnEngine } from '../../core/node/image/imageLibrary.js';
import { LayerIndexStore } from '../../core/node/image/indexStore.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { builderForSuite } from './suite.js';

const SUITE = 'the list of images of Podman';
const podman = await builderForSuite(SUITE);
/** What our own Podman notes of its layers, seen through the process that holds its namespace. */
const records = ownRecords();

describe.skipIf(podman === undefined)(SUITE, { timeout: 60_000 }, () => {
  const folder = mkdtempSync('/tmp/li-list-podman-');
  const context = join(folder, 'context');
  const run = randomUUID().slice(0, 8);
  const nameOf = (name: string): string => `localhost/layer-insight-test/list-${run}:${name}`;
  const { signal } = new AbortController();
  const library = (): ImageLibrary =>
    new ImageLibrary(new PodmanImages(process.env), new LayerIndexStore(join(folder, 'library')));
  const ask = (...args: readonly string[]): Promise<string> => engineCommand(podmanProgram(), args);
  let base = '';

  const build = async (name: string, lines: readonly string[]): Promise<void> => {
    await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
    await ask('build', '--quiet', '--tag', nameOf(name), context);
  };

  beforeAll(async () => {
    base = await ensurePodmanBaseImage(podmanProgram());
    await mkdir(context);
    await writeFile(join(context, 'file'), 'x'.repeat(5000));
    await build('a', [`FROM ${base}`, `LABEL run=${run}`, 'COPY file /file', 'RUN echo 1 > /one']);
    await build('b', [`FROM ${nameOf('a')}`, 'ENV A=1', 'WORKDIR /made', 'RUN echo 12345 > /more', 'CMD ["sh"]']);
    await build('c', [`FROM ${base}`, `LABEL run=${run}`, 'RUN echo other > /other', 'COPY file /file']);
    await ask('create', '--name', `one-${run}`, '--network', 'none', nameOf('b'), 'sh');
    await ask('create', '--name', `two-${run}`, '--network', 'none', nameOf('b'), 'sh');
  }, 180_000);
  afterAll(async () => {
    await ask('rm', '--force', '--ignore', ...['one', 'two', 'three'].map((name) => `${name}-${run}`));
    await ask('image', 'rm', '--force', '--ignore', ...['a', 'b', 'c', 'again', 'over', 'under'].map(nameOf));
    await rm(folder, { recursive: true, force: true });
  });

  const named = (list: readonly ImageOnEngine[], name: string): ImageOnEngine => {
    const found = list.find(({ names }) => names.includes(nameOf(name)) || names.includes(name));
    if (found === undefined) throw new Error(`${name} is not in the list`);
    return found;
  };
  // other files of this suite build at the same time
  const own = async (one = library()): Promise<readonly ImageOnEngine[]> =>
    (await one.list(signal)).filter(({ names }) => names.some((name) => name.includes(run) || name === base));

  it('has the images that Podman lists, with their names, times and bytes', async () => {
    const list = await own();
    expect(list.flatMap(({ names }) => names).sort()).toEqual([base, ...['a', 'b', 'c'].map(nameOf)].sort());
    for (const image of list) {
      const [inspected] = asArray(parseJson(await ask('image', 'inspect', image.id.replace('sha256:', ''))));
      expect(image.id).toBe(`sha256:${asString(at(inspected, 'Id')) ?? ''}`);
      expect(image.names).toEqual(at(inspected, 'RepoTags'));
      expect(image.repoDigests).toEqual(at(inspected, 'RepoDigests'));
      expect(image.bytes).toBe(at(inspected, 'Size'));
      expect(image.diffIds).toEqual(at(inspected, 'RootFS', 'Layers'));
      expect(image.platform).toBe([at(inspected, 'Os'), at(inspected, 'Architecture')].join('/'));
      const created = Math.floor(Date.parse(asString(at(inspected, 'Created')) ?? '') / 1000) * 1000;
      expect(image.created).toBe(created);
    }
  });

  it('has the containers that were made from each', async () => {
    const list = await own();
    expect([...named(list, 'b').containers].sort()).toEqual([`one-${run}`, `two-${run}`].sort());
    expect(named(list, 'a').containers).toEqual([]);
  });

  it('has the steps that podman history prints, each layer with its step', async () => {
    for (const { id, steps, diffIds } of await own()) {
      const printed = await ask('history', '--no-trunc', '--format', 'json', id.replace('sha256:', ''));
      const rows = [...asArray(parseJson(printed))].reverse();
      expect(steps.map((step) => [step.createdBy, step.bytes])).toEqual(
        rows.map((row) => [at(row, 'CreatedBy'), at(row, 'size')]),
      );
      const times = rows.map((row) => Date.parse(asString(at(row, 'created')) ?? ''));
      expect(steps.map(({ created }) => created)).toEqual(times);
      expect(steps.flatMap(({ diffId }) => diffId ?? [])).toEqual(diffIds);
      for (const step of steps) expect(step.bytes > 0).toBe(step.diffId !== undefined);
    }
  });

  it('says what images stand on and share', async () => {
    const list = await own();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => named(list, name));
    expect(b?.base?.names).toEqual([nameOf('a')]);
    expect(a?.base?.names).toEqual([base]);
    const words = b?.steps
      .slice(b.baseSteps)
      .map(({ createdBy }) => createdBy.replace('/bin/sh -c ', '').split(' ', 2).join(' '));
    expect(words).toEqual(['#(nop) ENV', '#(nop) WORKDIR', 'echo 12345', '#(nop) CMD']);
    for (const image of [a, b, c]) {
      const all = image?.steps.reduce((sum, step) => sum + step.bytes, 0) ?? 0;
      expect((image?.sharing.uniqueBytes ?? 0) + (image?.sharing.sharedBytes ?? 0)).toBe(all);
      expect(image?.sharing.unknownLayers).toBe(0);
    }
    const below = named(list, base).steps.reduce((sum, { bytes }) => sum + bytes, 0);
    const [first] = b?.sharing.with ?? [];
    expect([first?.id, first?.layers]).toEqual([a?.id, 3]);
    expect(c?.sharing.with.find(({ id }) => id === a?.id)).toEqual({ id: a?.id, layers: 1, bytes: below });
    expect(c?.sharing.sharedBytes).toBe(below);
  });

  it('follows names that come and go, and containers', async () => {
    const one = library();
    const before = named(await own(one), 'c');
    await ask('tag', nameOf('c'), nameOf('again'));
    const both = (await own(one)).find(({ id }) => id === before.id);
    expect([...(both?.names ?? [])].sort()).toEqual([nameOf('again'), nameOf('c')]);
    await ask('untag', nameOf('c'), nameOf('c'));
    await ask('create', '--name', `three-${run}`, '--network', 'none', nameOf('again'), 'sh');
    const after = (await own(one)).find(({ id }) => id === before.id);
    expect(after?.names).toEqual([nameOf('again')]);
    expect(after?.containers).toEqual([`three-${run}`]);
    await ask('untag', nameOf('again'));
    const lost = (await one.list(signal)).find(({ id }) => id === before.id);
    expect(lost?.names).toEqual([]);
    await ask('rm', `three-${run}`);
    await ask('tag', before.id.replace('sha256:', ''), nameOf('c'));
  });

  it.skipIf(records === undefined)('says what removing an image frees', async () => {
    await build('under', [`FROM ${base}`, `RUN echo ${run} > /under`, 'COPY file /file']);
    await build('over', [`FROM ${nameOf('under')}`, 'RUN rm /file && echo over > /over', 'COPY file /file2']);
    for (const name of ['over', 'under']) {
      const image = named(await own(), name);
      const before = layersOfStore();
      await ask('rmi', nameOf(name));
      const kept = new Set(layersOfStore().map(({ id }) => id));
      const gone = before.filter(({ id, diffId }) => !kept.has(id) && image.diffIds.includes(diffId));
      expect(gone.length).toBe(2);
      expect(gone.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(image.sharing.uniqueBytes);
    }
    expect((await own()).some(({ names }) => names.includes(nameOf('over')))).toBe(false);
  });
});

function ownRecords(): string | undefined {
  const folder = dirname(process.env['LAYER_INSIGHT_PODMAN'] ?? '/nowhere/socket');
  const init = join(folder, 'init.pid');
  if (!existsSync(init)) return undefined;
  const root = `/proc/${readFileSync(init, 'utf8').trim()}/root`;
  const path = `${root}/var/lib/containers/storage/overlay-layers/layers.json`;
  return existsSync(path) ? path : undefined;
}

/** The layers that the store has. */
function layersOfStore(): readonly { readonly id: string; readonly diffId: string; readonly bytes: number }[] {
  return asArray(parseJson(readFileSync(records ?? '', 'utf8'))).map((layer) => ({
    id: asString(at(layer, 'id')) ?? '',
    diffId: asString(at(layer, 'diff-digest')) ?? '',
    bytes: Number(at(layer, 'diff-size') ?? 0),
  }));
}
