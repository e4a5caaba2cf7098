import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LayerIndexStore } from '../../../../core/node/image/indexStore';
import { openRegistryImage } from '../../../../core/node/image/registryImage';
import { sha256 } from '../../support/imageArchive';
import { file, gzip, tar } from '../../support/tar';
import { serve } from '../network/servers';
import { refusal } from './written';

const BASE = tar(file('etc/a', 'one'), file('big', Buffer.alloc(300_000, 'x')));
const UPPER = tar(file('etc/a', 'other'));

interface Broken {
  readonly platform?: string;
  /** Another blob for a layer. */
  readonly layer?: Buffer;
  readonly diffId?: string;
}

/** A registry with one image of two layers, the first packed. */
async function registry(broken: Broken = {}) {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer): string => {
    const digest = `sha256:${sha256(bytes)}`;
    blobs.set(digest, bytes);
    return digest;
  };
  const layers = [gzip(BASE), UPPER].map((bytes) => ({ digest: put(bytes) }));
  if (broken.layer !== undefined) blobs.set(layers[1]?.digest ?? '', broken.layer);
  const config = put(
    Buffer.from(
      JSON.stringify({
        ...{ os: 'linux', architecture: 'amd64', history: [{ created_by: 'ADD' }, { created_by: 'COPY' }] },
        rootfs: { diff_ids: [`sha256:${sha256(BASE)}`, broken.diffId ?? `sha256:${sha256(UPPER)}`] },
      }),
    ),
  );
  const manifest = put(Buffer.from(JSON.stringify({ config: { digest: config }, layers })));
  const [os, architecture] = (broken.platform ?? 'linux/amd64').split('/');
  const manifests = [
    { digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'unknown', architecture: 'unknown' } },
    { digest: manifest, platform: { os, architecture } },
  ];
  const index = put(Buffer.from(JSON.stringify({ manifests })));
  const server = await serve((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    const bytes = blobs.get(name === '1' ? index : name);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  const folder = mkdtempSync(join(tmpdir(), 'li-registry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const open = (platform = 'linux/amd64') =>
    openRegistryImage(`${server.host}/a/b:1`, process.env, new LayerIndexStore(folder), { platform });
  return { open, folder, requests: server.requests };
}

describe('an image of a registry', () => {
  it('has its layers, each fetched and verified, and their files', async () => {
    const { open } = await registry();
    const image = await open();
    expect(image.problems).toEqual([]);
    expect(
      image.layers.map(({ entries }) => Array.from({ length: entries.length }, (_, at) => entries.path(at))),
    ).toEqual([['etc/a', 'big'], ['etc/a']]);
    expect(image.description).toMatchObject({
      platform: 'linux/amd64',
      history: [{ createdBy: 'ADD' }, { createdBy: 'COPY' }],
    });
    expect(Buffer.from(await image.content({ layer: 0, index: 0 }, 10)).toString()).toBe('one');
    expect(Buffer.from(await image.content({ layer: 1, index: 0 }, 10)).toString()).toBe('other');
    expect(await refusal(image.content({ layer: 0, index: 1 }, 10))).toContain('more than the limit');
  });

  it('is not fetched again: layers that were read are known', async () => {
    const { open, folder, requests } = await registry();
    await open();
    expect(readdirSync(join(folder, 'layers'))).toHaveLength(2);
    const before = requests.length;
    expect((await open()).layers.map(({ entries }) => entries.length)).toEqual([2, 1]);
    // index, manifest and configuration only
    expect(requests.length - before).toBe(3);
  });

  it('is not there for another platform, and which are is said', async () => {
    const { open } = await registry({ platform: 'linux/arm64' });
    expect(await refusal(open())).toMatch(/is not there for linux\/amd64; there is: linux\/arm64$/);
  });

  it('is refused when a layer is not what its digest says', async () => {
    const { open, folder } = await registry({ layer: tar(file('evil', 'x')) });
    expect(await refusal(open())).toContain('the registry sends something else than the layer sha256:');
    // the first layer was good
    expect(readdirSync(join(folder, 'layers'))).toHaveLength(1);
  });

  it('is told when a layer has not the content that the configuration names, and that is not remembered', async () => {
    const { open, folder } = await registry({ diffId: `sha256:${'1'.repeat(64)}` });
    expect((await open()).problems.join()).toContain('layer 2');
    expect(readdirSync(join(folder, 'layers'))).toHaveLength(1);
  });

  it('is a sentence when the registry has none or cannot be reached', async () => {
    const { open, folder } = await registry();
    await open();
    const store = new LayerIndexStore(folder);
    expect(await refusal(openRegistryImage('127.0.0.1:1/a:1', process.env, store))).toContain('cannot be reached');
    expect(await refusal(openRegistryImage('A B', process.env, store))).toContain('is no name of an image');
  });
});
