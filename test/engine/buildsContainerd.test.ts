import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import { DockerContainers } from '../../core/node/run/dockerContainers.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { root } from '../hosts/paths.mjs';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { buildSuite } from './buildSuite.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { runSuite, type RunningEngine } from './runSuite.js';

/** Bytes of a block of the file system. */
const BLOCK = 4096;

/** Bytes of the packed layers of an image, as the manifest says them that is saved with it. */
async function packedLayers(folder: string, image: string): Promise<readonly number[]> {
  const content = mkdtempSync(join(folder, 'saved-'));
  await engineCommand('docker', ['image', 'save', '--output', `${content}.tar`, image]);
  await engineCommand('tar', ['-xf', `${content}.tar`, '-C', content]);
  const read = (path: string): unknown => parseJson(readFileSync(join(content, path), 'utf8'));
  const blob = (descriptor: unknown): unknown =>
    read(`blobs/${(asString(at(descriptor, 'digest')) ?? '').replace(':', '/')}`);
  let found = blob(asArray(at(read('index.json'), 'manifests'))[0]);
  // beside the image there is what its builder attests of it
  if (at(found, 'manifests') !== undefined) found = blob(asArray(at(found, 'manifests'))[0]);
  return asArray(at(found, 'layers')).map((layer) => Number(at(layer, 'size')));
}

if (noOwnEngine !== undefined) console.warn(`skipped: builds and containers on the containerd store: ${noOwnEngine}`);

describe.skipIf(noOwnEngine !== undefined)('on the containerd store', () => {
  let engine: OwnEngine | undefined;
  beforeAll(async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
  });
  afterAll(() => engine?.stop());

  it('past builds have the sizes of their packed layers, byte by byte', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync('/tmp/li-packed-');
    const images: string[] = [];
    try {
      const context = join(folder, 'context');
      mkdirSync(context);
      writeFileSync(
        join(context, 'Dockerfile'),
        `FROM ${await ensureBaseImage()}\nWORKDIR /w\nCOPY file /file\nENV A=1\nRUN echo ${randomUUID()} > /x\n`,
      );
      const packed: number[] = [];
      for (const bytes of [100_000, 350_000]) {
        writeFileSync(join(context, 'file'), randomBytes(bytes));
        const tag = `layer-insight-test/packed-${randomUUID()}:1`;
        await engineCommand('docker', ['buildx', 'build', '--quiet', '--tag', tag, context]);
        images.push(tag);
        // the lowest is the base image's
        const [, ...own] = await packedLayers(folder, tag);
        expect(own).toHaveLength(3);
        packed.push(own.reduce((sum, size) => sum + size, 0));
      }
      const [small = 0, large = 0] = packed;
      expect(large - small).toBeGreaterThan(245_000);
      const history = async (): Promise<unknown> => {
        const cli = [join(root, 'dist/cli.js'), 'history', context, '--json'];
        const { stdout } = await run(process.execPath, cli, { env: { XDG_STATE_HOME: join(folder, 'state') } });
        return parseJson(stdout);
      };
      const sizes = async (): Promise<unknown> =>
        asArray(at(await history(), 'builds')).map((build) => [at(build, 'bytes'), at(build, 'bytesChange')]);
      // the engine writes down a build a moment after its end
      await expect.poll(sizes, { timeout: 10_000 }).toEqual([
        [large, large - small],
        [small, null],
      ]);
    } finally {
      for (const image of images) await engineCommand('docker', ['image', 'rm', image]).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  buildSuite({
    ...{ name: 'layer-insight build', base: ensureBaseImage, args: [], env: {} },
    program: ['docker', 'buildx', 'build'],
  });
  runSuite('containers', (): RunningEngine => {
    const choice = { program: 'docker', builder: undefined, env: process.env };
    return {
      ...{ program: 'docker', access: new DockerContainers(choice), disk: new DockerDisk(choice) },
      base: ensureBaseImage,
      // containerd counts what a file takes of the disk (containerd continuity fs/du_unix.go)
      counted: (bytes) => Math.ceil(bytes / BLOCK) * BLOCK,
    };
  });
});
