import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CompareImagesRequest,
  FindInLayersRequest,
  ImageChildrenRequest,
  ImageFileRequest,
  ImageFileStatRequest,
  ImageFolderRequest,
  ImageReportRequest,
  ImageRequest,
  ImagesRequest,
  type ImageNode,
  type ImageViewOptions,
} from '../../server/protocol';
import { newDockerArchive } from '../unit/support/imageArchive';
import { file, folder, symlink, tar } from '../unit/support/tar';
import { Client } from './client';

let client: Client;
let archive = '';
const OPTIONS: ImageViewOptions = { cumulative: false, sortBy: 'name', hidden: [] };

beforeEach(async () => {
  ({ client } = await Client.start());
  archive = join(client.folder, 'image.tar');
  const base = tar(folder('etc'), file('etc/a', 'one'), file('etc/b', 'bb'), file('big', Buffer.alloc(5000)));
  const upper = tar(
    folder('etc'),
    file('etc/a', 'other'),
    file('etc/.wh.b'),
    symlink('link', 'etc/a'),
    file('.wh.big'),
  );
  const history = [
    { created_by: 'ADD base / # buildkit' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'RUN /bin/sh -c make # buildkit' },
  ];
  writeFileSync(
    archive,
    tar(...newDockerArchive([{ layers: [{ plain: base }, { plain: upper }], names: ['a:1'], history }])),
  );
});

afterEach(async () => {
  await client.stop();
});

const children = (node: ImageNode | undefined, options: Partial<ImageViewOptions> = {}) =>
  client.ask(ImageChildrenRequest, { id: node?.id ?? '', ...OPTIONS, ...options });
const row = (): Promise<ImageNode> => client.ask(ImageRequest, { image: archive, ...OPTIONS });
const told = (nodes: readonly ImageNode[]): string[] =>
  nodes.map(({ label, description }) => `${label} | ${description}`);

describe('an image archive', () => {
  it('opens to its steps in the order of a Dockerfile, these to their files', async () => {
    const image = await row();
    expect(image).toMatchObject({ kind: 'image', label: 'image.tar', description: '5.01 kB · 5 kB lost' });
    const steps = await children(image);
    expect(told(steps)).toEqual(['ADD base / | 5 kB · 5 kB lost', 'ENV A=1 | ', 'RUN make | 5 B']);
    expect(steps.map(({ kind, hasChildren }) => `${kind} ${hasChildren}`)).toEqual([
      'layer true',
      'step false',
      'layer true',
    ]);
    const files = await children(steps[2]);
    expect(told(files)).toEqual(['big | 5 kB · layer 1', 'etc/ | 5 B', 'link | → etc/a · symlink']);
    expect(told(await children(files[1]))).toEqual(['a | 5 B', 'b | 2 B · layer 1']);
  });

  it('lists its files as is wanted: all that are there, by size, without some kinds', async () => {
    const [, , upper] = await children(await row());
    expect(told(await children(upper, { cumulative: true, hidden: ['removed'], sortBy: 'size' }))).toEqual([
      ...['etc/ | 5 B', 'link | → etc/a · symlink'],
    ]);
    expect(told(await children(upper, { hidden: ['added', 'modified', 'removed'] }))).toEqual([
      'Nothing of the kinds that are shown | ',
    ]);
  });

  it('gives the content of a file as each layer leaves it', async () => {
    const at = (layer: number, path: string) =>
      client.ask(ImageFileRequest, { image: archive, layer, path, limit: 100 });
    expect(Buffer.from(await at(0, 'etc/a'), 'base64').toString()).toBe('one');
    expect(Buffer.from(await at(1, 'etc/a'), 'base64').toString()).toBe('other');
    await expect(at(1, 'etc/b')).rejects.toThrow('there is no /etc/b in layer 2');
    await expect(at(0, 'big')).rejects.toThrow('big has 5000 bytes, more than the limit of 100');
    expect(await client.ask(ImageFileStatRequest, { image: archive, layer: 1, path: 'etc/a' })).toMatchObject({
      type: 'file',
      bytes: 5,
    });
    expect(await client.ask(ImageFileStatRequest, { image: archive, layer: 1, path: 'big' })).toBeNull();
    expect(await client.ask(ImageFolderRequest, { image: archive, layer: 1, path: '' })).toEqual(
      expect.arrayContaining([
        { name: 'etc', type: 'directory', isLink: false },
        { name: 'link', type: 'file', isLink: true },
      ]),
    );
  });

  it('is searched, reported and compared', async () => {
    const found = await client.ask(FindInLayersRequest, { image: archive, query: 'etc a' });
    expect(found.map(({ label, description, detail }) => `${label} ${description} ${detail}`)).toEqual([
      ...['/etc/a 5 B · layer 2 RUN make', '/etc/a 3 B · layer 1 ADD base /'],
    ]);
    const report = await client.ask(ImageReportRequest, { image: archive });
    expect(report).toContain('No container sees 5 kB (5005 bytes)');
    expect(report).toContain('As dive counts: efficiency');
    const compared = await client.ask(CompareImagesRequest, { before: archive, after: archive });
    expect(compared).toContain('Files: 0 added, 0 removed, 0 modified');
  });

  it('is told to be none in a sentence', async () => {
    writeFileSync(archive, 'nothing');
    await expect(row()).rejects.toThrow(/image.tar holds no image that can be read/);
  });
});

describe('the images of the engine', () => {
  it('are none with the reason when it does not answer', async () => {
    const view = await client.ask(ImagesRequest, OPTIONS);
    expect(view).toMatchObject({ engine: '', nodes: [] });
    expect(view.message).toContain('No engine answers at');
  });

  it('are not asked for in a restricted workspace, and no archive is read', async () => {
    await client.stop();
    ({ client } = await Client.start({ trusted: false }));
    expect((await client.ask(ImagesRequest, OPTIONS)).message).toContain('not trusted');
    await expect(client.ask(ImageRequest, { image: archive, ...OPTIONS })).rejects.toThrow('not trusted');
  });
});
