import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registryName } from '../../core/model';
import {
  CompareImagesRequest,
  CompareWithDockerfileRequest,
  ImageChildrenRequest,
  ImageFileRequest,
  ImageFileStatRequest,
  ImageFolderRequest,
  ImageRequest,
  SaveImageFileRequest,
  type ImageNode,
  type ImageViewOptions,
} from '../../server/protocol';
import { newDockerArchive } from '../unit/support/imageArchive';
import { startImageRegistry, type ImageRegistry } from '../unit/support/imageRegistry';
import { file, folder, gzip, hardLink, symlink, tar } from '../unit/support/tar';
import { Client } from './client';

const OPTIONS: ImageViewOptions = { cumulative: false, sortBy: 'name', hidden: [] };
const BASE = tar(folder('etc'), file('etc/a', 'one'));
const UPPER = tar(file('etc/a', 'other'), file('b', 'bb'));
const HISTORY = [
  { created_by: 'COPY base / # buildkit' },
  { created_by: 'ENV A=1', empty_layer: true },
  { created_by: 'RUN /bin/sh -c make # buildkit' },
];
const IMAGE = { layers: [{ plain: BASE, packed: gzip(BASE) }, { plain: UPPER }], history: HISTORY };

let client: Client;

beforeEach(async () => {
  ({ client } = await Client.start());
});
afterEach(async () => {
  await client.stop();
});

const children = (node: ImageNode | undefined) => client.ask(ImageChildrenRequest, { id: node?.id ?? '', ...OPTIONS });
const told = (nodes: readonly ImageNode[]): string[] =>
  nodes.map(({ label, description }) => `${label} | ${description}`);
const rowOf = (image: string, again = false): Promise<ImageNode> =>
  client.ask(ImageRequest, { image, again, ...OPTIONS });

describe('an image of a registry', () => {
  let registry: ImageRegistry;
  let image = '';

  beforeEach(async () => {
    registry = await startImageRegistry(IMAGE);
    image = registryName(registry.reference);
  });
  afterEach(() => registry.close());

  it('is not asked for unless the setting allows it, nor in a restricted workspace', async () => {
    await expect(rowOf(image)).rejects.toThrow('layerInsight.network.lookups');
    const file = { image, layer: 0, path: 'etc/a', limit: 10 };
    await expect(client.ask(ImageFileRequest, file)).rejects.toThrow('layerInsight.network.lookups');
    await client.stop();
    ({ client } = await Client.start({ trusted: false }));
    await client.configure({ network: { lookups: true } });
    await expect(rowOf(image)).rejects.toThrow('not trusted');
    expect(registry.requests).toEqual([]);
  });

  it('is listed with its steps without a layer, and its layers are fetched once for all their files', async () => {
    await client.configure({ network: { lookups: true } });
    const row = await rowOf(image);
    expect(row).toMatchObject({ kind: 'image', source: 'registry', label: registry.reference });
    expect(row.description).toMatch(/^\d.* packed · 2 layers$/);
    const steps = await children(row);
    expect(steps.map(({ label, kind }) => `${kind} ${label}`)).toEqual([
      'layer COPY base /',
      'step ENV A=1',
      'layer RUN make',
    ]);
    expect(steps[0]?.description).toMatch(/ packed$/);
    const fetched = () => registry.requests.filter((request) => request.includes('/blobs/')).length;
    // manifest and configuration
    expect(registry.requests).toHaveLength(2);
    expect(fetched()).toBe(1);
    const files = await children(steps[2]);
    expect(told(files)).toEqual(['b | 2 B', 'etc/ | 5 B · layer 1']);
    expect(told(await children(files[1]))).toEqual(['a | 5 B']);
    await children(steps[0]);
    expect(fetched()).toBe(3);
    const content = await client.ask(ImageFileRequest, { image, layer: 1, path: 'etc/a', limit: 10 });
    expect(Buffer.from(content, 'base64').toString()).toBe('other');
  });

  it('is asked for again where that is said, and is then what its tag is now', async () => {
    await client.configure({ network: { lookups: true } });
    const [layer] = await children(await rowOf(image));
    expect(told(await children(layer))).toEqual(['etc/ | 3 B']);
    registry.push({ layers: [{ plain: UPPER }] });
    expect((await rowOf(image)).description).toContain('2 layers');
    const row = await rowOf(image, true);
    expect(row.description).toContain('1 layers');
    expect(told(await children((await children(row))[0]))).toEqual(['b | 2 B', 'etc/ | 5 B']);
  });

  it('is compared with an archive', async () => {
    await client.configure({ network: { lookups: true } });
    const archive = join(client.folder, 'image.tar');
    writeFileSync(archive, tar(...newDockerArchive([{ layers: [{ plain: BASE }], history: HISTORY.slice(0, 1) }])));
    const text = await client.ask(CompareImagesRequest, { before: archive, after: image });
    expect(text).toContain('Files: 1 added, 0 removed, 1 modified');
  });

  it('is told to be none by a sentence', async () => {
    await client.configure({ network: { lookups: true } });
    await expect(rowOf(registryName(`${registry.host}/shop/web:2`))).rejects.toThrow('has no shop/web 2');
    await expect(rowOf(registryName('NO such'))).rejects.toThrow('is no name of an image');
  });

  it('is told not to be asked any more once the setting is off again', async () => {
    await client.configure({ network: { lookups: true } });
    const [layer] = await children(await rowOf(image));
    await children(layer);
    await client.configure({});
    const before = registry.requests.length;
    await expect(client.ask(ImageFileRequest, { image, layer: 0, path: 'etc/a', limit: 10 })).rejects.toThrow(
      'layerInsight.network.lookups',
    );
    expect(registry.requests).toHaveLength(before);
  });
});

describe('links within an image', () => {
  let image = '';
  const at = (path: string) => ({ image, layer: 0, path });
  const text = async (path: string) =>
    Buffer.from(await client.ask(ImageFileRequest, { ...at(path), limit: 100 }), 'base64').toString();

  beforeEach(() => {
    image = join(client.folder, 'links.tar');
    const plain = tar(
      ...[folder('usr'), folder('usr/lib'), file('usr/lib/a', 'one'), symlink('lib', 'usr/lib')],
      ...[symlink('up', '../../../usr/lib/a'), hardLink('hard', 'usr/lib/a'), symlink('gone', 'nowhere')],
      ...[symlink('x', 'y'), symlink('y', 'x')],
    );
    writeFileSync(image, tar(...newDockerArchive([{ layers: [{ plain }] }])));
  });

  it('are followed to the content, and what they lead to is told', async () => {
    for (const path of ['lib/a', 'up', 'hard']) expect(await text(path)).toBe('one');
    expect(await client.ask(ImageFileStatRequest, at('up'))).toMatchObject({ type: 'file', isLink: true, bytes: 3 });
    expect(await client.ask(ImageFileStatRequest, at('hard'))).toMatchObject({ type: 'file', isLink: false, bytes: 3 });
    expect(await client.ask(ImageFileStatRequest, at('lib'))).toMatchObject({ type: 'directory', isLink: true });
    expect(await client.ask(ImageFileStatRequest, at('gone'))).toMatchObject({ type: 'symlink', isLink: true });
    expect(await client.ask(ImageFolderRequest, at('lib'))).toEqual([{ name: 'a', type: 'file', isLink: false }]);
  });

  it('that lead nowhere or in a circle are told by name', async () => {
    await expect(text('gone')).rejects.toThrow('/gone is a link to what is not there');
    await expect(text('x')).rejects.toThrow(/the link \/[xy] leads in a circle/);
    await expect(text('x/b')).rejects.toThrow(/the link \/[xy] leads in a circle/);
    await expect(text('lib')).rejects.toThrow('/lib is no file');
  });

  it('can be opened from their rows, if they lead to a file', async () => {
    const [layer] = await children(await rowOf(image));
    const rows = await children(layer);
    const openable = rows.filter(({ isOpenable }) => isOpenable === true).map(({ label }) => label);
    expect(openable).toEqual(['hard', 'up']);
  });

  it('are saved as what they lead to, without any limit, and nothing is left of a failure', async () => {
    const target = join(client.folder, 'saved');
    await client.ask(SaveImageFileRequest, { ...at('up'), target });
    expect(readFileSync(target, 'utf8')).toBe('one');
    const nowhere = join(client.folder, 'no', 'folder');
    await expect(client.ask(SaveImageFileRequest, { ...at('up'), target: nowhere })).rejects.toThrow(
      'cannot be written',
    );
    rmSync(target);
    await expect(client.ask(SaveImageFileRequest, { ...at('gone'), target })).rejects.toThrow('is not there');
    expect(existsSync(target)).toBe(false);
  });
});

describe('an archive', () => {
  it('is read again only when it changed, and told to be gone', async () => {
    const image = join(client.folder, 'image.tar');
    writeFileSync(image, tar(...newDockerArchive([{ layers: [{ plain: BASE }] }])));
    expect((await rowOf(image)).description).toBe('3 B');
    writeFileSync(image, tar(...newDockerArchive([{ layers: [{ plain: UPPER }] }])));
    expect((await rowOf(image)).description).toBe('7 B');
    rmSync(image);
    await expect(rowOf(image)).rejects.toThrow(/image\.tar is not there$/);
  });

  it('leads to the instructions of an open Dockerfile', async () => {
    const image = join(client.folder, 'image.tar');
    writeFileSync(image, tar(...newDockerArchive([{ ...IMAGE }])));
    expect((await children(await rowOf(image))).map(({ maker }) => maker)).toEqual([undefined, undefined, undefined]);
    await client.open('Dockerfile', 'FROM scratch\nCOPY base /\nENV A=1\nRUN make\n');
    const makers = (await children(await rowOf(image))).map(({ maker }) => maker?.line);
    expect(makers).toEqual([1, 2, 3]);
  });
});

describe('an image beside its Dockerfile', () => {
  it('has the files that each copy adds, removes and makes grow or shrink', async () => {
    const shop = join(client.folder, 'shop');
    mkdirSync(shop);
    for (const [name, text] of [
      ['same', 'same'],
      ['grown', 'longer than before'],
      ['shrunk', 's'],
      ['new', 'new!'],
    ] as const) {
      writeFileSync(join(shop, name), text);
    }
    const copied = tar(
      ...[folder('app'), file('app/same', 'same'), file('app/grown', 'short'), file('app/shrunk', 'long enough')],
      ...[file('app/gone', 'going')],
    );
    const made = tar(file('out', 'made'));
    const image = join(client.folder, 'shop.tar');
    const history = [{ created_by: 'COPY shop/ /app/ # buildkit' }, { created_by: 'RUN /bin/sh -c make # buildkit' }];
    writeFileSync(image, tar(...newDockerArchive([{ layers: [{ plain: copied }, { plain: made }], history }])));
    await client.open('Dockerfile', 'FROM scratch\nCOPY shop/ /app/\nRUN make\nCOPY shop/new /late\n');
    const text = await client.ask(CompareWithDockerfileRequest, { image, uri: client.uri() });
    const lines = text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
    /** What is said below the line of an instruction. */
    const after = (start: string) => {
      const rest = lines.slice(lines.findIndex((line) => line.includes(start)) + 1);
      return rest.slice(
        0,
        rest.findIndex((line) => line === '' || /\d: [A-Z]/.test(line)),
      );
    };
    expect(after('2: COPY shop/ /app/')).toEqual([
      ...['-5 B - /app/gone', '+13 B ~ /app/grown', '+4 B + /app/new', '-10 B ~ /app/shrunk'],
      '(1 of equal size, whose contents were not compared)',
    ]);
    expect(after('3: RUN make')).toEqual(['(files: what a command writes is not known before the build)']);
    expect(after('4: COPY shop/new /late')).toEqual(['+4 B + /late']);
  });
});
