import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandText, planReclaim } from '../../core/disk/reclaim.js';
import { unusedItems } from '../../core/disk/unusedItems.js';
import type { DiskReport, ReclaimItem } from '../../core/model/index.js';
import { BASE_IMAGE } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { fill, imageNamed, NONE, reclaim, recordWith, write } from './reclaimCases.js';
import { ask, linesOf, measured, onDisk, pick } from './reclaimEngine.js';

if (noOwnEngine !== undefined) console.warn(`skipped: what comes free on a real engine: ${noOwnEngine}`);

const docker = (...args: readonly string[]): Promise<string> => engineCommand('docker', args, {});
describe.skipIf(noOwnEngine !== undefined)('what comes free on a real engine', { timeout: 60_000 }, () => {
  const folder = mkdtempSync('/tmp/li-reclaim-');
  let engine: OwnEngine | undefined;

  beforeAll(async () => {
    engine = await startOwnEngine();
    await fill(folder);
  });
  afterAll(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is what a container wrote, its log and its files, to the byte', async () => {
    const refused = planReclaim(
      await measured(),
      pick(await measured(), 'container', () => true),
      NONE,
    ).refused;
    expect(refused.map(({ item, why }) => `${item.name}: ${why}`)).toEqual([
      'running: Its state is "running": stop it first.',
    ]);
    const { plan, freed } = await reclaim((report) => pick(report, 'container', (name) => name === 'stopped'));
    expect(plan.uncertainty).toBe('');
    // the layer with the mount points has one link of 12 bytes, which the engine does not count
    expect(freed.layers).toBe(200_000 + 12);
    expect(plan.freesAtLeast).toBe(200_000 + freed.containers);
    expect(freed.containers).toBeGreaterThan(1000);
  });

  it('is nothing with a record that an image shares, though the engine says that they came free', async () => {
    const { plan, outcome, freed, images } = await reclaim(recordWith('of=/three'));
    expect(plan).toMatchObject({ freesAtLeast: 0, freesAtMost: 0, uncertainty: '' });
    expect(plan.stays).toMatchObject([{ bytes: 3_000_000 }]);
    expect([freed.layers, images, outcome.engineBytes]).toEqual([0, 0, null]);
  });

  it('is the layer once neither image nor record has it', async () => {
    const { plan, freed, images } = await reclaim(imageNamed('second'));
    expect(plan).toMatchObject({ freesAtLeast: 3_000_000, freesAtMost: 3_000_000, uncertainty: '' });
    expect([freed.layers, images]).toEqual([3_000_000, 3_000_000]);
  });

  it('is nothing with an image whose records stay, though the engine takes it from the images', async () => {
    const { plan, freed, images } = await reclaim(imageNamed('first'));
    expect(plan).toMatchObject({ freesAtLeast: 0, freesAtMost: 0, uncertainty: '' });
    expect([freed.layers, images]).toEqual([0, 9_000_000]);
  });

  it('is a record with all that stand on it, in an order that the engine takes', async () => {
    const { plan, outcome, freed } = await reclaim(recordWith('of=/four'));
    expect(linesOf(plan)).toEqual([
      expect.stringMatching(/^build-cache .*of=\/five.*: 5000000$/),
      expect.stringMatching(/^build-cache .*of=\/four.*: 4000000$/),
    ]);
    expect([freed.layers, outcome.engineBytes]).toEqual([9_000_000, 9_000_000]);
  });

  it('is nothing of an image that build cache stands on, though its records have 0 bytes', async () => {
    const { plan, freed, images } = await reclaim((report) => [
      ...imageNamed('on-classic')(report),
      ...imageNamed('classic')(report),
    ]);
    expect(linesOf(plan)).toEqual([
      'image on-classic:latest: 0',
      'image classic:latest: 0',
      'image step of classic:latest: 0',
      'image step of classic:latest: 0',
    ]);
    expect(plan).toMatchObject({ freesAtLeast: 0, freesAtMost: 0, uncertainty: '' });
    expect([freed.layers, images]).toEqual([0, 10_000_000]);
    const left = await reclaim((report) =>
      // of three layers: the lowest is that of an image that stays
      report.buildCache
        .filter(({ description, parents }) => description.startsWith('from local') && parents.length > 0)
        .map(({ id, description }): ReclaimItem => ({ kind: 'build-cache', id, name: description })),
    );
    expect(left.plan).toMatchObject({
      freesAtLeast: 2_000_000,
      uncertainty: expect.stringContaining('left of an image') as string,
    });
    expect([left.freed.layers, left.outcome.engineBytes]).toEqual([10_000_000, 2_000_000]);
  });

  it('are the steps of an image together with it', async () => {
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM ${BASE_IMAGE}\nRUN ${write('seven', 7000)}\nENV A=1\nRUN ${write('one', 1000)}`,
    );
    const args = [
      'build',
      '--quiet',
      '--tag',
      'classic',
      '--file',
      join(folder, 'Dockerfile'),
      join(folder, 'context'),
    ];
    await engineCommand('docker', args, { DOCKER_BUILDKIT: '0' });
    const step = (report: DiskReport) =>
      report.images
        .filter(({ isIntermediate }) => isIntermediate)
        .map(({ id }): ReclaimItem => ({ kind: 'image', id, name: id }));
    const report = await measured();
    const [first, second] = step(report);
    expect(planReclaim(report, step(report).slice(0, 1), NONE).refused).toHaveLength(1);
    for (const { id } of [first, second].flatMap((one) => one ?? [])) {
      await expect(ask('DELETE', `/images/${id}?noprune=1`)).rejects.toThrow('image has dependent child images');
    }
    const { plan, freed, images } = await reclaim(imageNamed('classic'));
    expect(plan).toMatchObject({ freesAtLeast: 8_000_000, freesAtMost: 8_000_000, uncertainty: '' });
    expect([freed.layers, images]).toEqual([8_000_000, 8_000_000]);
  });

  it('is what the commands free that a user may copy', async () => {
    const file = join(folder, 'Dockerfile');
    await writeFile(file, `FROM ${BASE_IMAGE}\nRUN ${write('six', 600)}\nRUN ${write('eight', 800)}`);
    await docker('build', '--quiet', '--tag', 'typed', '--file', file, join(folder, 'context'));
    await docker('tag', 'typed', 'typed:again');
    await docker('create', '--name', 'typed', 'typed', 'sh');
    const report = await measured();
    const before = await onDisk();
    const items = [
      ...pick(report, 'image', (name) => name.startsWith('typed')),
      ...pick(report, 'container', (name) => name === 'typed'),
      ...recordWith('of=/six')(report),
    ];
    const plan = planReclaim(report, items, NONE);
    expect(plan.commands.map(([, ...words]) => words[0])).toEqual(['rm', 'rmi', 'buildx', 'buildx']);
    for (const command of plan.commands) await engineCommand('sh', ['-c', commandText(command)], {});
    expect(before.layers - (await onDisk()).layers).toBe(1_400_000 + 12);
    expect(plan.freesAtLeast).toBe(1_400_000 + before.containers - (await onDisk()).containers);
  });

  it('is a volume, alone', async () => {
    const { plan, outcome } = await reclaim((report) => pick(report, 'volume', (name) => name === 'data'));
    expect([plan.items.length, outcome.removed.length]).toEqual([1, 1]);
  });

  it('is all that nothing uses, as much as the report says', async () => {
    await docker('create', '--name', 'idle', BASE_IMAGE, 'sh');
    await fillAgain(folder);
    const report = await measured();
    const { plan, freed } = await reclaim((one) => unusedItems(one, NONE).all);
    expect(plan.refused).toEqual([]);
    expect(plan).toMatchObject({ freesAtMost: plan.freesAtLeast, uncertainty: '' });
    expect(plan.freesAtLeast).toBe(report.totals.reclaimableBytes);
    expect(freed.layers + freed.containers).toBeGreaterThanOrEqual(plan.freesAtLeast);
    const left = await measured();
    expect(left.images.map(({ names }) => names)).toEqual([[BASE_IMAGE]]);
    expect([left.buildCache.length, left.containers.map(({ name }) => name)]).toEqual([0, ['running']]);
  });
});

/** A build whose layers and records both go. */
async function fillAgain(folder: string): Promise<void> {
  const file = join(folder, 'Dockerfile');
  await writeFile(
    file,
    `FROM ${BASE_IMAGE}\nRUN --mount=type=cache,target=/c ${write('c/z', 900)}; ${write('y', 700)}`,
  );
  await docker('build', '--quiet', '--tag', 'again', '--file', file, join(folder, 'context'));
}
