import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { root } from '../hosts/paths.mjs';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { engineForSuite } from './engine.js';

const installed = await engineForSuite('sizes of past builds');

describe.skipIf(installed === undefined)('sizes of past builds', { timeout: 60_000 }, () => {
  const tag = `layer-insight-test/sizes-${randomUUID().slice(0, 8)}:1`;
  const images: string[] = [];
  let folder = '';
  const history = (...args: readonly string[]): Promise<string> => historyIn(join(folder, 'state'), ...args);
  const historyIn = async (state: string, ...args: readonly string[]): Promise<string> => {
    const env = { XDG_STATE_HOME: state };
    const { stdout } = await run(
      process.execPath,
      [join(root, 'dist/cli.js'), 'history', join(folder, 'context'), ...args],
      { env },
    );
    return stdout;
  };

  beforeAll(async () => {
    folder = await mkdtemp('/tmp/li-sizes-');
    const context = join(folder, 'context');
    await engineCommand('mkdir', [context]);
    const base = await ensureBaseImage();
    await writeFile(join(context, 'Dockerfile'), `FROM ${base}\nCOPY file /file\nRUN echo ${randomUUID()} > /x\n`);
    for (const bytes of [100_000, 350_000, undefined]) {
      if (bytes !== undefined) await writeFile(join(context, 'file'), randomBytes(bytes));
      images.push(await engineCommand('docker', ['buildx', 'build', '--quiet', '--tag', tag, context]));
    }
  });
  afterAll(async () => {
    for (const image of new Set(images)) await engineCommand('docker', ['image', 'rm', image]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('are compared with the build before, byte by byte; of the first one nothing is known', async () => {
    const changes = async (): Promise<unknown[]> =>
      asArray(at(parseJson(await history('--json')), 'builds')).map((build) => at(build, 'bytesChange'));
    // the engine writes down a build a moment after its end
    await expect.poll(changes).toEqual([0, 250_000, null]);
    expect(await history()).toMatch(/size unchanged\n.*size \+250 kB\n.*size change unknown\n$/);
  });

  it('are estimates where the images are gone and only the kept results tell', async () => {
    for (const image of new Set(images.splice(0))) await engineCommand('docker', ['image', 'rm', image]);
    // nobody noted sizes of layers there
    const state = join(folder, 'other-state');
    expect(await history()).toMatch(/size unchanged\n.*size \+250 kB\n.*size change unknown\n$/);
    const told = await historyIn(state);
    expect(told).toMatch(/size about the same\n.*size ≈\+250 kB\n.*size change unknown\n$/);
  });
});
