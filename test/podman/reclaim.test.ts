import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandText, planReclaim } from '../../core/disk/reclaim.js';
import { unusedItems } from '../../core/disk/unusedItems.js';
import type { DiskReport, ReclaimItem, ReclaimPlan } from '../../core/model/index.js';
import { executeReclaim } from '../../core/node/disk/executeReclaim.js';
import { PodmanDisk } from '../../core/node/disk/podmanDisk.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { root } from '../hosts/paths.mjs';
import { engineCommand } from '../judge/imageFiles.js';
import { run } from '../judge/run.js';
import { builderForSuite } from './suite.js';

const SUITE = 'what comes free on Podman';
const installed = await builderForSuite(SUITE);
const SCRIPT = join(root, 'test/hosts/podman.sh');
const NONE: ReadonlySet<string> = new Set();
const { signal } = new AbortController();
/** Only where the suite's Podman is one that podman.sh started: another one is up in a second. */
const isOwn = (process.env['LAYER_INSIGHT_PODMAN'] ?? '').startsWith('/tmp/');

describe.skipIf(installed === undefined || !isOwn)(SUITE, { timeout: 60_000 }, () => {
  // a store of this file's own: no other file builds in it while its bytes are compared
  const folder = mkdtempSync('/tmp/li-reclaim-podman-');
  const host = join('/tmp', `li-rp-${randomUUID().slice(0, 8)}`);
  const program = join(host, 'bin/podman');
  const env = { ...process.env, PATH: `${join(host, 'bin')}:${process.env['PATH'] ?? ''}` };
  const access = new PodmanDisk(env);
  const podman = (...args: readonly string[]): Promise<string> => engineCommand(program, args);
  const nameOf = (name: string): string => `localhost/layer-insight-test/reclaim:${name}`;
  let base = '';

  const write = (name: string, kilobytes: number): string =>
    `dd if=/dev/zero of=/${name} bs=1000 count=${kilobytes} 2>/dev/null`;
  const build = async (name: string, ...lines: readonly string[]): Promise<void> => {
    const file = join(folder, 'Containerfile');
    await writeFile(file, [`FROM ${base}`, ...lines].join('\n'));
    await podman('build', '--quiet', '--tag', nameOf(name), '--file', file, folder);
  };

  beforeAll(async () => {
    const up = await run('bash', [SCRIPT, 'up', host], { timeoutMs: 60_000 });
    expect(up.code, up.stderr).toBe(0);
    base = await ensurePodmanBaseImage(program);
    await build('one', `RUN ${write('shared', 700)}`, 'ENV A=1', `RUN ${write('one', 100)}`);
    await build('two', `RUN ${write('shared', 700)}`, `RUN ${write('two', 200)}`);
    await podman('tag', nameOf('two'), nameOf('again'));
    const command = `${write('x', 300)}; echo done`;
    await podman('run', '--name', 'stopped', '--network', 'none', nameOf('two'), 'sh', '-c', command);
  }, 120_000);
  afterAll(async () => {
    const down = await run('bash', [SCRIPT, 'down', host], { timeoutMs: 60_000 });
    await rm(folder, { recursive: true, force: true });
    expect(down.code, down.stderr).toBe(0);
  });

  const measured = (): Promise<DiskReport> => access.measure(signal, () => undefined);
  /** What Podman says that images and containers take. */
  const told = async (): Promise<{ images: number; containers: number }> => {
    const [images = 0, containers = 0] = (await podman('system', 'df', '--format', '{{.RawSize}}'))
      .split('\n')
      .map(Number);
    return { images, containers };
  };
  const image = ({ images }: DiskReport, name: string): ReclaimItem => {
    const id = images.find(({ names }) => names.includes(nameOf(name)))?.id ?? 'not there';
    return { kind: 'image', id, name };
  };
  const container = ({ containers }: DiskReport): ReclaimItem => ({
    ...{ kind: 'container', name: 'stopped' },
    id: containers.find(({ name }) => name === 'stopped')?.id ?? 'not there',
  });
  /** Carries a plan out; gives it with what Podman says that came free. */
  const reclaim = async (
    choose: (report: DiskReport) => readonly ReclaimItem[],
  ): Promise<{ plan: ReclaimPlan; freed: { images: number; containers: number } }> => {
    const [report, before] = [await measured(), await told()];
    const plan = planReclaim(report, choose(report), NONE);
    const outcome = await executeReclaim(plan, access, signal, () => undefined, report.totals.bytes);
    expect(outcome.failed).toEqual([]);
    const after = await told();
    const freed = { images: before.images - after.images, containers: before.containers - after.containers };
    return { plan, freed };
  };

  it('is nothing of an image that a container was made from', async () => {
    const report = await measured();
    const { items, refused } = planReclaim(report, [image(report, 'two')], NONE);
    expect([items, refused.map(({ why }) => why)]).toEqual([[], ['Container stopped (exited) was made from it.']]);
  });

  it('is the layers of an image, its description, and those of its steps, to the byte', async () => {
    const { plan, freed } = await reclaim((report) => [image(report, 'one')]);
    expect(plan).toMatchObject({ freesAtMost: plan.freesAtLeast, uncertainty: '' });
    // the step before is one of `two`, too
    expect(plan.items.map(({ name }) => name)).toEqual(['one', 'step of one']);
    expect(freed).toEqual({ images: plan.freesAtLeast, containers: 0 });
    expect(plan.freesAtLeast).toBeGreaterThan(100_000);
  });

  it('is what a container wrote with its log and files, and then its image with all names, to the byte', async () => {
    const { plan, freed } = await reclaim((report) => [image(report, 'two'), container(report)]);
    expect(plan.items.map(({ kind }) => kind).slice(0, 2)).toEqual(['container', 'image']);
    expect(freed.containers).toBe(plan.items[0]?.bytes);
    expect(freed.images + freed.containers).toBe(plan.freesAtLeast);
    expect(plan.freesAtLeast).toBeGreaterThan(1_200_000);
  });

  it('is what the commands free that a user may copy', async () => {
    await build('typed', `RUN ${write('typed', 500)}`);
    await podman('tag', nameOf('typed'), nameOf('typed-again'));
    await podman('create', '--name', 'stopped', '--network', 'none', nameOf('typed'), 'sh');
    const [report, before] = [await measured(), await told()];
    const plan = planReclaim(report, [image(report, 'typed'), container(report)], NONE);
    for (const command of plan.commands) await engineCommand('sh', ['-c', commandText(command)], { PATH: env.PATH });
    const after = await told();
    expect(before.images - after.images + before.containers - after.containers).toBe(plan.freesAtLeast);
  });

  it('is all that nothing uses', async () => {
    await build('idle', `RUN ${write('idle', 400)}`);
    await podman('create', '--name', 'stopped', '--network', 'none', nameOf('idle'), 'sh');
    const { plan, freed } = await reclaim((report) => unusedItems(report, NONE).all);
    expect(plan.refused).toEqual([]);
    expect(freed.images + freed.containers).toBe(plan.freesAtLeast);
    expect((await measured()).images).toEqual([]);
  });
});
