import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { planReclaim } from '../../core/disk/reclaim.js';
import type { DiskReport, ReclaimItem, ReclaimOutcome, ReclaimPlan } from '../../core/model/index.js';
import { executeReclaim } from '../../core/node/disk/executeReclaim.js';
import { BASE_IMAGE, ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { layersSize, measured, onDisk, pick, reclaimAccess, type OnDisk } from './reclaimEngine.js';

const docker = (...args: readonly string[]): Promise<string> => engineCommand('docker', args, {});
/** Nothing is marked as kept. */
export const NONE: ReadonlySet<string> = new Set();
const { signal } = new AbortController();
/** A command that writes a file of zeros. */
export const write = (name: string, kilobytes: number): string =>
  `dd if=/dev/zero of=/${name} bs=1000 count=${kilobytes} 2>/dev/null`;

/** Builds and starts what all cases share. `first`: 5000 kB, `second`: 3000 kB, each on 4000 kB; a stopped container. */
export async function fill(folder: string): Promise<void> {
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

/** A plan and what became of it. */
export interface Done {
  readonly plan: ReclaimPlan;
  readonly outcome: ReclaimOutcome;
  /** What really came free, by the machine's own programs. */
  readonly freed: OnDisk;
  /** By how much the engine's number for images fell. */
  readonly images: number;
}

/** Plans, carries out and compares with what is on disk. */
export async function reclaim(choose: (report: DiskReport) => readonly ReclaimItem[]): Promise<Done> {
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

/** Records whose description has a text. */
export const recordWith = (text: string) => (report: DiskReport) =>
  pick(report, 'build-cache', (name) => name.includes(text));
/** The image of a name. */
export const imageNamed = (name: string) => (report: DiskReport) =>
  pick(report, 'image', (one) => one === `${name}:latest`);
