import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unusedItems } from '../../core/disk/unusedItems.js';
import type { DiskReport, ReclaimItem } from '../../core/model/index.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { fill, imageNamed, NONE, reclaim, recordWith, type Done } from './reclaimCases.js';
import { measured, onDisk, pick } from './reclaimEngine.js';

if (noOwnEngine !== undefined) console.warn(`skipped: what comes free in the containerd image store: ${noOwnEngine}`);

/** Bytes of the folders that a snapshot consists of beside its files, which no number of the engine has in it. */
const FOLDERS = 3 * 4096;

describe.skipIf(noOwnEngine !== undefined)('what comes free in the containerd image store', { timeout: 60_000 }, () => {
  const folder = mkdtempSync('/tmp/li-reclaim-containerd-');
  let engine: OwnEngine | undefined;

  beforeAll(async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
    await fill(folder);
    await settled();
  });
  afterAll(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Removes something and checks that as much came free as was said; gives what was done. */
  const within = async (snapshots: number, choose: (report: DiskReport) => readonly ReclaimItem[]): Promise<Done> => {
    const done = await reclaim(choose);
    const { plan, freed } = done;
    const bytes = freed.content + freed.containers;
    expect(plan.items.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThanOrEqual(plan.freesAtLeast);
    expect(bytes).toBeLessThanOrEqual(plan.freesAtMost + snapshots * FOLDERS);
    return done;
  };

  it('is what a container wrote and the beginning that it was given', async () => {
    const { plan, images, freed } = await within(2, (report) =>
      pick(report, 'container', (name) => name === 'stopped'),
    );
    // what the engine says of its snapshots, to the byte, and the files that it keeps for the container
    expect(plan.freesAtLeast).toBe(images + freed.containers);
  });

  it('is the snapshot of an image also while build cache has the same layer', async () => {
    const { plan, images } = await within(1, imageNamed('second'));
    expect(plan.freesAtLeast).toBeGreaterThan(3_000_000);
    expect(images).toBeGreaterThanOrEqual(plan.freesAtLeast);
    expect(plan.uncertainty).toContain('Packed layers and descriptions');
  });

  it('is the snapshot of a record, and its packed layer unless an image has it', async () => {
    // its image is gone, the other one is there
    expect((await within(1, recordWith('of=/three'))).plan.freesAtLeast).toBeGreaterThan(0);
    expect((await within(1, recordWith('of=/five'))).plan.freesAtLeast).toBeGreaterThan(0);
  });

  it('is nothing of the snapshots of an image that build cache stands on', async () => {
    const { plan, freed } = await within(1, (report) => [
      ...imageNamed('on-classic')(report),
      ...imageNamed('classic')(report),
    ]);
    expect(plan.items.map(({ isRequired }) => isRequired)).toEqual([false, false, true, true]);
    expect(plan.uncertainty).toContain('The build cache may keep 8.01 MB of layers');
    expect(freed.content).toBeLessThan(3_000_000);
  });

  it('is at least what was promised of all that nothing uses, and more that no record counts', async () => {
    const done = await reclaim((report) => unusedItems(report, NONE).all);
    expect(done.plan.uncertainty).toContain('left of an image');
    expect(done.freed.content).toBeGreaterThanOrEqual(done.plan.freesAtLeast);
    const left = await measured();
    expect([left.images.length, left.buildCache.length]).toEqual([1, 0]);
  });
});

/** The builder writes the log of a build some time after it: waits until nothing is added any more. */
async function settled(): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 4;) {
    const { content } = await onDisk();
    quiet = content === before ? quiet + 1 : 0;
    before = content;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
