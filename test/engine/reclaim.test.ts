import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandText, planReclaim } from '../../core/disk/reclaim.js';
import { unusedItems } from '../../core/disk/unusedItems.js';
import type { DiskReport, ReclaimItem, ReclaimOutcome, ReclaimPlan } from '../../core/model/index.js';
import { executeReclaim } from '../../core/node/disk/executeReclaim.js';
import { BASE_IMAGE, ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { ask, layersSize, linesOf, measured, onDisk, pick, reclaimAccess, type OnDisk } from './reclaimEngine.js';

if (noOwnEngine !== undefined) console.warn(`skipped: what comes free on a real engine: ${noOwnEngine}`);

const docker = (...args: readonly string[]): Promise<string> => engineCommand('docker', args, {});
const NONE: ReadonlySet<string> = new Set();
const { signal } = new AbortController();
const write = (name: string, kilobytes: number): string =>
  `dd if=/dev/zero of=/${name} bs=1000 count=${kilobytes} 2>/dev/null`;

/** Builds and starts what all cases share. `first`: 5000 kB, `second`: 3000 kB, each on 4000 kB; a stopped container. */
async function fill(folder: string): Promise<void> {
  const context = join(folder, 'context');
  await mkdir(context, { recursive: true });
  await ensureBaseImage();
  const build = async (name: string, lines: readonly string[], env: Record<string, string> = {}): Promise<void> => {
    const file = join(folder, 'Dockerfile');
    await writeFile(file, [`FROM ${BASE_IMAGE}`, ...lines].join('\n'));
    await engineCommand('docker', ['build', '--quiet', '--tag', name, '--file', file, context], env);
  };
  const plain = { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  await build('first', [`RUN ${write('four', 4000)}`, `RUN ${write('five', 5000)}`], plain);
  await build('second', [`RUN ${write('four', 4000)}`, `RUN ${write('three', 3000)}`], plain);
  await build('classic', [`RUN ${write('seven', 7000)}`, 'ENV A=1', `RUN ${write('one', 1000)}`], {
    DOCKER_BUILDKIT: '0',
  });
  // a base with more than one layer: build cache has a record for each
  await writeFile(join(folder, 'Dockerfile'), `FROM classic\nRUN ${write('two', 2000)}`);
  await engineCommand(
    'docker',
    ['build', '--quiet', '--tag', 'on-classic', '--file', join(folder, 'Dockerfile'), context],
    plain,
  );
  await docker(
    'run',
    '--name',
    'stopped',
    '--network',
    'none',
    '--volume',
    'data:/data',
    BASE_IMAGE,
    'sh',
    '-c',
    `${write('x', 200)}; echo done`,
  );
  await docker(
    'run',
    '--detach',
    '--name',
    'running',
    '--stop-signal',
    'KILL',
    '--network',
    'none',
    BASE_IMAGE,
    'sleep',
    '600',
  );
}

interface Done {
  readonly plan: ReclaimPlan;
  readonly outcome: ReclaimOutcome;
  /** What really came free, by the machine's own programs. */
  readonly freed: OnDisk;
  /** By how much the engine's number for images fell. */
  readonly images: number;
}

/** Plans, carries out and compares with what is on disk. */
async function reclaim(choose: (report: DiskReport) => readonly ReclaimItem[]): Promise<Done> {
  const report = await measured();
  const [disk, images] = [await onDisk(), await layersSize()];
  const plan = planReclaim(report, choose(report), NONE);
  const outcome = await executeReclaim(plan, reclaimAccess(), signal, () => undefined, report.totals.bytes);
  const after = await onDisk();
  const freed = {
    layers: disk.layers - after.layers,
    containers: disk.containers - after.containers,
    content: disk.content - after.content,
  };
  expect(outcome.failed).toEqual([]);
  return { plan, outcome, freed, images: images - (await layersSize()) };
}

const record = (text: string) => (report: DiskReport) => pick(report, 'build-cache', (name) => name.includes(text));
const image = (name: string) => (report: DiskReport) => pick(report, 'image', (one) => one === `${name}:latest`);

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
    const { plan, outcome, freed, images } = await reclaim(record('of=/three'));
    expect(plan).toMatchObject({ freesAtLeast: 0, freesAtMost: 0, uncertainty: '' });
    expect(plan.stays).toMatchObject([{ bytes: 3_000_000 }]);
    expect([freed.layers, images, outcome.engineBytes]).toEqual([0, 0, null]);
  });

  it('is the layer once neither image nor record has it', async () => {
    const { plan, freed, images } = await reclaim(image('second'));
    expect(plan).toMatchObject({ freesAtLeast: 3_000_000, freesAtMost: 3_000_000, uncertainty: '' });
    expect([freed.layers, images]).toEqual([3_000_000, 3_000_000]);
  });

  it('is nothing with an image whose records stay, though the engine takes it from the images', async () => {
    const { plan, freed, images } = await reclaim(image('first'));
    expect(plan).toMatchObject({ freesAtLeast: 0, freesAtMost: 0, uncertainty: '' });
    expect([freed.layers, images]).toEqual([0, 9_000_000]);
  });

  it('is a record with all that stand on it, in an order that the engine takes', async () => {
    const { plan, outcome, freed } = await reclaim(record('of=/four'));
    expect(linesOf(plan)).toEqual([
      expect.stringMatching(/^build-cache .*of=\/five.*: 5000000$/),
      expect.stringMatching(/^build-cache .*of=\/four.*: 4000000$/),
    ]);
    expect([freed.layers, outcome.engineBytes]).toEqual([9_000_000, 9_000_000]);
  });

  it('is nothing of an image that build cache stands on, though its records have 0 bytes', async () => {
    const { plan, freed, images } = await reclaim((report) => [
      ...image('on-classic')(report),
      ...image('classic')(report),
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
    const { plan, freed, images } = await reclaim(image('classic'));
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
      ...record('of=/six')(report),
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
