import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PodmanDisk } from '../../core/node/disk/podmanDisk.js';
import type { DiskReport, ReclaimItem } from '../../core/model/index.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { hostsFolder, root } from '../hosts/paths.mjs';
import { checkReport } from '../engine/diskChecks.js';
import { bytesOf, named } from '../engine/diskReport.js';
import { layerInsight, refusalOf } from '../engine/imageUnderTest.js';
import { dfSize, duOf, lengthsBelow } from '../judge/diskUsage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { builderForSuite } from './suite.js';

const SUITE = 'disk usage of Podman';
const installed = await builderForSuite(SUITE);
const SCRIPT = join(root, 'test/hosts/podman.sh');
const LAB = [11_000, 22_000, 33_000, 44_000, 55_000];
const { signal } = new AbortController();

/** Only where the suite's Podman is one that podman.sh started: another one is up in a second. */
const isOwn = (process.env['LAYER_INSIGHT_PODMAN'] ?? '').startsWith('/tmp/');

describe.skipIf(installed === undefined || !isOwn)(SUITE, { timeout: 60_000 }, () => {
  // a store of this file's own: no other file builds in it while it is measured
  const folder = mkdtempSync('/tmp/li-disk-podman-');
  const host = join(folder, `p${randomUUID().slice(0, 8)}`);
  const program = join(host, 'bin/podman');
  const env = { ...process.env, PATH: `${join(host, 'bin')}:${process.env['PATH'] ?? ''}` };
  const data = join(hostsFolder(), 'podman-root/srv/pm', basename(host));
  const store = join(data, 'store/storage');
  const caches = join(data, 'tmp/buildah-cache-0');
  const disk = new PodmanDisk(env);
  const podman = (...args: readonly string[]): Promise<string> => engineCommand(program, args);
  const nameOf = (name: string): string => `localhost/layer-insight-test/disk:${name}`;
  const remove = (kind: ReclaimItem['kind'], id: string): Promise<number | null> =>
    disk.remove({ kind, id, name: id }, signal);
  let report: DiskReport;

  beforeAll(async () => {
    const up = await run('bash', [SCRIPT, 'up', host], { timeoutMs: 60_000 });
    expect(up.code, up.stderr).toBe(0);
    const base = await ensurePodmanBaseImage(program);
    const context = join(folder, 'context');
    await mkdir(context);
    await mkdir(join(folder, 'mine'));
    await writeFile(join(context, 'five'), randomBytes(5_000_000));
    const random = (path: string, kilobytes: number): string =>
      `dd if=/dev/urandom of=${path} bs=1000 count=${kilobytes} 2>/dev/null`;
    const build = async (image: string, ...lines: readonly string[]): Promise<void> => {
      await writeFile(join(folder, 'Dockerfile'), [`FROM ${base}`, ...lines].join('\n'));
      await podman('build', '--quiet', '--tag', nameOf(image), '--file', join(folder, 'Dockerfile'), context);
    };
    await build('a', 'COPY five /five', `RUN ${random('/seven', 7000)}`);
    await build(
      'b',
      'COPY five /five',
      `RUN --mount=type=cache,target=/cache ${random('/cache/six', 6000)}`,
      'RUN echo hi > /hi',
    );
    await build('alone', `RUN ${random('/four', 4000)}`);
    await build('free', `RUN ${random('/one', 1000)}`);
    const start = (name: string, image: string, command: string, ...options: readonly string[]): Promise<string> =>
      podman('run', '--detach', '--network', 'none', '--name', name, ...options, nameOf(image), 'sh', '-c', command);
    await start('writer', 'a', `${random('/written', 2000)}; rm /five; chmod 700 /seven; sleep 3600`);
    await start('logger', 'a', 'seq 1 50000');
    await start('volumes', 'b', `${random('/v/data', 2500)}; ${random('/dev/shm/memory', 300)}`, '-v', 'named:/v');
    await start(
      'bind',
      'b',
      `${random('/mine/data', 700)}; ${random('/dev/shm/memory', 300)}; sleep 3600`,
      '-v',
      `${join(folder, 'mine')}:/mine`,
    );
    for (const [index, bytes] of LAB.entries()) {
      await start(`lab${index + 1}`, 'alone', `head -c ${bytes} /dev/urandom > /lab; sleep 3600`);
    }
    await podman('wait', 'logger', 'volumes');
    const written = 2_000_000 + LAB.reduce((sum, bytes) => sum + bytes, 0);
    const isWritten = async (): Promise<boolean> =>
      (await lengthsBelow(`${store}/overlay/*/diff \\( -name written -o -name lab \\)`)) === written &&
      (await lengthsBelow(join(folder, 'mine'))) === 700_000 &&
      (await podman('diff', 'writer')).includes('/seven');
    for (let tries = 0; !(await isWritten()); tries++) {
      if (tries > 100) throw new Error('the containers did not write in time');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    ({ report } = await measure());
  }, 180_000);
  afterAll(async () => {
    await podman('stop', '--all', '--time', '0').catch(() => undefined);
    await run('bash', [SCRIPT, 'down', host], { timeoutMs: 60_000 });
    await rm(folder, { recursive: true, force: true });
  });

  /** Our report, and `du` of the store and of the cache mounts beside it. */
  const measure = async (): Promise<{ report: DiskReport; du: number; folders: ReadonlyMap<string, number> }> => {
    // Podman writes notes now and then: what is no difference once is none
    for (let tries = 0; ; tries++) {
      const now = await disk.measure(signal, () => undefined);
      const { all, folders } = await duOf(store);
      const du = all + (await duOf(caches)).all;
      if (now.totals.bytes === du || tries === 3) return { report: now, du, folders };
    }
  };

  it('is what du says, directory by directory, with the cache mounts that Podman keeps elsewhere', async () => {
    const { report: now, du, folders } = await measure();
    checkReport(now);
    expect(now.storage).toMatchObject({ driver: 'overlay', store: 'podman', isRootRead: true });
    expect(now.totals.bytes).toBe(du);
    for (const [directory, bytes] of folders) {
      const rows = now.totals.parts.filter((part) => part.directory === directory);
      expect([directory, rows.reduce((sum, row) => sum + row.bytes, 0)]).toEqual([directory, bytes]);
    }
    expect(bytesOf(now.totals.parts, 'build-cache')).toBe(6_000_000);
    expect(bytesOf(now.totals.parts, 'writable-layers')).toBe(
      (await lengthsBelow(`${store}/overlay/*/diff \\( -name written -o -name seven -o -name lab -o -name mtab \\)`)) -
        7_000_000,
    );
  });

  it('agrees with what Podman prints', async () => {
    const near = (ours: number, printed: number): void =>
      expect(Math.abs(ours - printed)).toBeLessThanOrEqual(printed * 0.0006);
    const { parts } = report.totals;
    near(bytesOf(parts, 'layers', 'content'), await dfSize(program, 'Images'));
    near(bytesOf(parts, 'volumes'), await dfSize(program, 'Local Volumes'));
    const listed = asArray(parseJson(await podman('ps', '--all', '--size', '--format', 'json')));
    for (const one of listed) {
      const container = named(report.containers, String(asArray(at(one, 'Names'))[0]));
      expect(container).toMatchObject({
        sizeBytes: at(one, 'Size', 'rwSize'),
        virtualBytes: at(one, 'Size', 'rootFsSize'),
      });
    }
    // its log is in its size, and counted once
    const logger = named(report.containers, 'logger');
    expect(logger.isLogInSize).toBe(true);
    expect(logger.logBytes).toBe(await lengthsBelow(`${store}/overlay-containers/${logger.id}/userdata/ctr.log`));
    expect(bytesOf(parts, 'logs')).toBe(await lengthsBelow(`${store}/overlay-containers/*/userdata/ctr.log`));
  });

  it('of five containers of one image is the sum of what they wrote and one image', () => {
    const row = (label: string): number => report.totals.derivation.find((one) => one.label === label)?.bytes ?? -1;
    const lab = LAB.map((_, index) => named(report.containers, `lab${index + 1}`).sizeBytes ?? 0);
    expect(row(`SIZE of 5 containers of ${nameOf('alone')}`)).toBe(lab.reduce((sum, bytes) => sum + bytes, 0));
    for (const [index, bytes] of LAB.entries()) {
      // Podman counts the container's configuration, some kilobytes, to its size
      expect(lab[index]).toBeGreaterThan(bytes);
      expect(lab[index]).toBeLessThan(bytes + 40_000);
    }
    const alone = report.images.find(({ names }) => names.includes(nameOf('alone')));
    const image = (alone?.uniqueBytes ?? 0) + (alone?.sharedBytes ?? 0);
    expect(row(`image ${nameOf('alone')}, once`)).toBe(image);
    expect(report.totals.virtualSum.countedAgainBytes).toBeGreaterThanOrEqual(4 * image);
  });

  it('tells what a container changed', async () => {
    const changes = await disk.changes('writer', signal);
    const files = changes?.changes.filter(({ type }) => type !== 'directory');
    expect(files).toEqual([
      { path: '/five', change: 'deleted', type: 'file', bytes: 0, imageBytes: 5_000_000 },
      { path: '/seven', change: 'changed', type: 'file', bytes: 7_000_000, imageBytes: 7_000_000 },
      { path: '/written', change: 'added', type: 'file', bytes: 2_000_000, imageBytes: null },
    ]);
    expect([changes?.bytes, changes?.hiddenBytes]).toEqual([9_000_000, 12_000_000]);
    expect(await disk.changes('not-there', signal)).toBeUndefined();
  });

  it('invents nothing where the store is not to be read', async () => {
    const blind = await new PodmanDisk(env, '/tmp').measure(signal, () => undefined);
    checkReport(blind);
    expect(blind.storage.isRootRead).toBe(false);
    expect(blind.containers.every(({ logBytes }) => logBytes === null)).toBe(true);
    expect(blind.volumes.map(({ sizeBytes }) => sizeBytes)).toEqual([null]);
    expect(blind.notMeasured.map(({ what }) => what)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Logs of/), 'Volume named', expect.stringMatching(/in memory$/)]),
    );
    // the same sizes of layers from histories as from the store
    const sizes = (one: DiskReport): unknown => one.layers.map(({ chainId, sizeBytes }) => [chainId, sizeBytes]).sort();
    expect(sizes(blind)).toEqual(sizes(report));
    for (const kind of ['layers', 'content', 'volumes'] as const) {
      expect(bytesOf(blind.totals.parts, kind)).toBe(bytesOf(report.totals.parts, kind));
    }
  });

  it('refuses what is in use with the reason', async () => {
    const image = report.images.find(({ names }) => names.includes(nameOf('a')));
    await expect(remove('container', named(report.containers, 'writer').id)).rejects.toThrow(/running/);
    await expect(remove('image', image?.id ?? '')).rejects.toThrow(/was made from this image/);
    await expect(remove('volume', 'named')).rejects.toThrow(/being used/);
    await expect(remove('container', 'writer')).rejects.toThrow(/no whole id/);
    await expect(remove('build-cache', report.buildCache[0]?.id ?? '')).rejects.toThrow(/all at once/);
    expect((await measure()).report.images.map(({ id, names }) => [id, names])).toEqual(
      report.images.map(({ id, names }) => [id, names]),
    );
  });

  it('frees by each removal what it said', async () => {
    let before = (await measure()).report;
    const step = async (kind: ReclaimItem['kind'], id: string): Promise<DiskReport> => {
      expect(await remove(kind, id)).toBeNull();
      const { report: now, du } = await measure();
      expect(now.totals.bytes).toBe(du);
      return now;
    };
    const logger = named(before.containers, 'logger');
    let now = await step('container', logger.id);
    const less = (kind: 'logs' | 'layers' | 'volumes'): number =>
      bytesOf(before.totals.parts, kind) - bytesOf(now.totals.parts, kind);
    expect(less('logs')).toBe(logger.logBytes);
    now = await step('container', named(before.containers, 'volumes').id);
    before = now;
    now = await step('volume', 'named');
    expect(less('volumes')).toBe(2_500_000);
    before = now;
    const free = before.images.find(({ names }) => names.includes(nameOf('free')));
    expect(free?.uniqueBytes).toBeGreaterThanOrEqual(1_000_000);
    // all of its names go with it
    await podman('tag', nameOf('free'), nameOf('again'));
    now = await step('image', free?.id ?? '');
    expect(less('layers')).toBe(free?.uniqueBytes);
    expect(now.images.some(({ id }) => id === free?.id)).toBe(false);
  });

  it('tells of changes, and ends when it is told to', async () => {
    const stop = new AbortController();
    let heard = 0;
    const listening = disk.listen(stop.signal, () => heard++);
    await expect
      .poll(async () => {
        await podman('rm', await podman('create', '--network', 'none', nameOf('a'), 'sh'));
        return heard;
      })
      .toBeGreaterThan(0);
    stop.abort();
    await listening;
    await expect(disk.measure(AbortSignal.abort(), () => undefined)).rejects.toThrow(/abort/i);
  });

  it('is printed by the command line', async () => {
    const printed = await layerInsight(['disk', '--engine', 'podman', '--json'], { PATH: env.PATH });
    expect([printed.stderr, printed.code]).toEqual(['', 0]);
    checkReport(JSON.parse(printed.stdout) as DiskReport);
    const missing = await layerInsight(['disk', '--engine', 'podman'], { PATH: '/nowhere' });
    expect(refusalOf(missing)).toContain('"podman" was not found');
  });
});
