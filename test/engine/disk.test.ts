import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import type { DiskCacheRecord, DiskReport } from '../../core/model/index.js';
import { containerSizes, dfSize, lengthsBelow, printedBytes } from '../judge/diskUsage.js';
import { whyNoInstalledEngine } from './ownEngine.js';
import { HELD, LAB, LOG_LINES, startDiskFixture, type DiskFixture } from './diskFixture.js';
import { bytesOf, named } from './diskReport.js';
import { checkDirectories, checkRefusals, checkReport, checkUnused } from './diskChecks.js';
import { layerInsight, refusalOf } from './imageUnderTest.js';

const reason = whyNoInstalledEngine();
if (reason !== undefined) console.warn(`skipped: disk usage of overlay2: ${reason}`);

const { signal } = new AbortController();
const silent = (): void => undefined;

describe.skipIf(reason !== undefined)(
  'disk usage of an engine that keeps layers as folders',
  { timeout: 60_000 },
  () => {
    let fixture: DiskFixture;
    let report: DiskReport;

    beforeAll(async () => {
      fixture = await startDiskFixture(['--storage-driver', 'overlay2']);
      ({ report } = await fixture.measure());
    }, 180_000);
    afterAll(() => fixture.stop());

    it('is what du says, directory by directory', async () => {
      const { report: now, du } = await fixture.measure();
      expect(now.storage).toMatchObject({ driver: 'overlay2', store: 'graph-driver', isRootRead: true });
      checkDirectories(now, du, ['overlay2', 'volumes', 'containers']);
      checkReport(now);
    });

    it('has a row for every difference to the lengths of files', async () => {
      const { parts } = report.totals;
      const own = parts.filter(({ directory, kind }) => directory === 'overlay2' && kind !== 'rounding');
      const lengths = own.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(lengths).toBe(await lengthsBelow(`${fixture.dataRoot}/overlay2/*/diff`));
      // nothing else is left over
      const others = parts.filter(({ kind }) => kind === 'other');
      expect(others.map(({ bytes }) => bytes)).toEqual([HELD]);
      expect(others[0]?.label).toContain('only the build cache keeps');
      const logs = await lengthsBelow(`${fixture.dataRoot}/containers/*/*-json.log`);
      expect(bytesOf(parts, 'logs')).toBe(logs);
    });

    it('agrees with what docker prints', async () => {
      const { parts } = report.totals;
      const near = (ours: number, printed: number): void =>
        expect(Math.abs(ours - printed)).toBeLessThanOrEqual(printed * 0.0006);
      near(bytesOf(parts, 'layers'), await dfSize('docker', 'Images'));
      near(bytesOf(parts, 'writable-layers'), await dfSize('docker', 'Containers'));
      near(bytesOf(parts, 'volumes'), await dfSize('docker', 'Local Volumes'));
      // docker prints of a copied context what it had when it was first measured
      const copies = report.buildCache.filter(({ type }) => type === 'source.local');
      for (const { id, sizeBytes } of copies) {
        expect(sizeBytes).toBe(await lengthsBelow(`${fixture.dataRoot}/overlay2/${id}/diff`));
      }
      expect(bytesOf(parts, 'build-cache')).toBeGreaterThan((await dfSize('docker', 'Build Cache')) + 4_900_000);
      for (const name of ['writer', 'exited', 'lab3']) {
        const { written, virtual } = await containerSizes('docker', name);
        expect(named(report.containers, name)).toMatchObject({ sizeBytes: written, virtualBytes: virtual });
      }
      const printed = await fixture.docker('ps', '--all', '--size', '--format', '{{.Names}}|{{.Size}}');
      for (const line of printed.split('\n')) {
        const [name = '', size = ''] = line.split('|');
        near(named(report.containers, name).sizeBytes ?? -1, printedBytes(size.split(' ')[0] ?? ''));
      }
    });

    it('of five containers of one image is the sum of their sizes and one image', async () => {
      const sizes = await Promise.all(LAB.map((_, index) => containerSizes('docker', `lab${index + 1}`)));
      expect(sizes.map(({ written }) => written)).toEqual(LAB);
      const image = Number(await fixture.docker('image', 'inspect', '--format', '{{.Size}}', fixture.nameOf('alone')));
      const rows = report.totals.derivation;
      const name = fixture.nameOf('alone');
      const of = (label: string): number => rows.find((row) => row.label === label)?.bytes ?? -1;
      const written = LAB.reduce((sum, bytes) => sum + bytes, 0);
      expect(of(`SIZE of 5 containers of ${name}`)).toBe(written);
      expect(of(`image ${name}, once`)).toBe(image);
      const virtual = sizes.reduce((sum, one) => sum + one.virtual, 0);
      expect(virtual).toBe(written + 5 * image);
      // on this engine all containers together: each image's layers once, instead of once for each container
      const { virtualSum } = report.totals;
      const all = report.containers.reduce((sum, { virtualBytes }) => sum + (virtualBytes ?? 0), 0);
      expect(virtualSum.bytes).toBe(all);
      expect(virtualSum.countedAgainBytes).toBeGreaterThanOrEqual(4 * image);
    });

    it('names logs, volumes, folders of the user and cache mounts', () => {
      // each line of a log is kept with its time and where it came from
      expect(named(report.containers, 'logger').logBytes).toBeGreaterThan(LOG_LINES * 60);
      const { mounts } = named(report.containers, 'bind');
      expect(mounts).toEqual([{ kind: 'bind', source: fixture.bindMount, destination: '/mine', isReadOnly: false }]);
      expect(report.bindMounts).toEqual([{ source: fixture.bindMount, containers: ['bind'], sizeBytes: null }]);
      expect(
        report.volumes.map(({ sizeBytes, isAnonymous, containers }) => ({ sizeBytes, isAnonymous, containers })),
      ).toEqual(
        expect.arrayContaining([
          { sizeBytes: 2_500_000, isAnonymous: false, containers: ['volumes'] },
          { sizeBytes: 500_000, isAnonymous: true, containers: ['volumes'] },
        ]),
      );
      const mount = report.buildCache.find(({ type }) => type === 'exec.cachemount');
      expect(mount).toMatchObject({ sizeBytes: 6_000_000, mountTarget: '/cache', mountId: 'mine', isShared: false });
      const inCache = (bytes: number): string | undefined =>
        report.layers.find(({ sizeBytes }) => sizeBytes === bytes)?.inBuildCache;
      expect([5_000_000, 7_000_000, 4_000_000].map(inCache)).toEqual(['yes', 'yes', 'yes']);
    });

    it('measures a folder of the user on request', async () => {
      expect(await fixture.disk.bindMountBytes(fixture.bindMount, signal)).toBe(700_000);
    });

    it('tells what a container changed, a changed file as the full copy that it is', async () => {
      const changes = await fixture.disk.changes('writer', signal);
      expect(changes?.message).toBe('');
      expect(changes?.changes).toEqual([
        { path: '/five', change: 'deleted', type: 'file', bytes: 0, imageBytes: 5_000_000 },
        { path: '/ready', change: 'added', type: 'file', bytes: 0, imageBytes: null },
        { path: '/seven', change: 'changed', type: 'file', bytes: 7_000_000, imageBytes: 7_000_000 },
        { path: '/written', change: 'added', type: 'file', bytes: 2_000_000, imageBytes: null },
      ]);
      expect(changes?.bytes).toBe(named(report.containers, 'writer').sizeBytes);
      expect(changes?.hiddenBytes).toBe(12_000_000);
      expect(await fixture.disk.changes('not-there', signal)).toBeUndefined();
    });

    it('invents nothing where the data root is not to be read', async () => {
      const choice = { program: 'docker', builder: undefined, env: process.env };
      const blind = await new DockerDisk(choice, '/tmp').measure(signal, silent);
      checkReport(blind);
      expect(blind.storage.isRootRead).toBe(false);
      expect(blind.containers.map(({ logBytes, configBytes }) => logBytes ?? configBytes)).toEqual(
        blind.containers.map(() => null),
      );
      expect(blind.notMeasured.map(({ what }) => what).join()).toMatch(/Logs of containers .*Configuration/);
      for (const kind of ['layers', 'writable-layers', 'volumes'] as const) {
        expect(bytesOf(blind.totals.parts, kind)).toBe(bytesOf(report.totals.parts, kind));
      }
      // a copied context that grew is told as it was
      const grown = (one: DiskReport): number => bytesOf(one.totals.parts, 'build-cache');
      expect(grown(report) - grown(blind)).toBeGreaterThan(4_900_000);
      expect(blind.notMeasured.map(({ what }) => what).join()).toContain('copies of build contexts grew');
      // sizes are asked for one by one then
      const changes = await new DockerDisk(choice, '/tmp').changes('writer', signal);
      expect(changes?.bytes).toBe(named(report.containers, 'writer').sizeBytes);
      expect(changes?.hiddenBytes).toBeNull();
    });

    it('refuses what is in use with the reason, and leaves it as it was', () => checkRefusals(fixture));

    it('frees by each removal what it said', async () => {
      let before = (await fixture.measure()).report;
      const after = async (): Promise<DiskReport> => {
        const measured = await fixture.measure();
        checkDirectories(measured.report, measured.du, ['overlay2', 'volumes', 'containers']);
        return measured.report;
      };
      const difference = (kinds: Parameters<typeof bytesOf>[1][], now: DiskReport): number =>
        bytesOf(before.totals.parts, ...kinds) - bytesOf(now.totals.parts, ...kinds);

      // a container: what it wrote, its log and its files
      const logger = named(before.containers, 'logger');
      expect(await fixture.remove('container', logger.id)).toBeNull();
      let now = await after();
      expect(difference(['writable-layers'], now)).toBe(logger.sizeBytes);
      expect(difference(['logs'], now)).toBe(logger.logBytes);
      before = now;

      // a record of the build cache, the one that another stands on last: to the byte what the engine says
      const own = (bytes: number): DiskCacheRecord => {
        const record = before.buildCache.find(({ sizeBytes, isShared }) => sizeBytes === bytes && !isShared);
        if (record === undefined) throw new Error(`no record of ${bytes} bytes`);
        return record;
      };
      for (const record of [own(2_000_000), own(3_000_000), own(6_000_000)]) {
        expect(await fixture.remove('build-cache', record.id)).toBe(record.sizeBytes);
        now = await after();
        expect(difference(['build-cache'], now)).toBe(record.sizeBytes);
        before = now;
      }

      // an image whose layer the cache keeps: the bytes only change hands
      for (let lab = 1; lab <= LAB.length; lab++) await fixture.docker('kill', `lab${lab}`);
      for (let lab = 1; lab <= LAB.length; lab++) {
        await fixture.remove('container', named(before.containers, `lab${lab}`).id);
      }
      before = await after();
      const alone = before.images.find(({ names }) => names.includes(fixture.nameOf('alone')));
      expect(alone?.uniqueBytes).toBe(4_000_000);
      await fixture.docker('tag', fixture.nameOf('alone'), fixture.nameOf('again'));
      expect(await fixture.remove('image', alone?.id ?? '')).toBeNull();
      now = await after();
      expect(difference(['layers'], now)).toBe(4_000_000);
      expect(difference(['build-cache'], now)).toBe(-4_000_000);
      expect(now.images.some(({ id }) => id === alone?.id)).toBe(false);
      before = now;

      // a volume, once its container is gone
      const named2500 = before.volumes.find(({ sizeBytes }) => sizeBytes === 2_500_000);
      await fixture.remove('container', named(before.containers, 'volumes').id);
      before = await after();
      expect(bytesOf(before.totals.parts, 'volumes')).toBe(3_000_000);
      expect(await fixture.remove('volume', named2500?.name ?? '')).toBeNull();
      now = await after();
      expect(difference(['volumes'], now)).toBe(2_500_000);
    });

    it('tells of changes, and ends when it is told to', async () => {
      const stop = new AbortController();
      let heard = 0;
      const listening = fixture.disk.listen(stop.signal, () => heard++);
      await expect
        .poll(async () => {
          await fixture.docker('rm', await fixture.docker('create', '--network', 'none', fixture.nameOf('a'), 'sh'));
          return heard;
        })
        .toBeGreaterThan(0);
      stop.abort();
      await listening;
      await expect(fixture.disk.measure(AbortSignal.abort(), silent)).rejects.toThrow(/abort/i);
      const late = new AbortController();
      const measuring = fixture.disk.measure(late.signal, () => late.abort());
      await expect(measuring).rejects.toThrow(/abort/i);
    });

    it('is printed by the command line', async () => {
      const printed = await layerInsight(['disk', '--engine', 'docker', '--json'], {});
      expect([printed.stderr, printed.code]).toEqual(['', 0]);
      const document = JSON.parse(printed.stdout) as DiskReport;
      expect(document.schemaVersion).toBe(1);
      checkReport(document);
      const table = await layerInsight(['disk', '--engine', 'docker'], {});
      expect(table.stdout).toContain(`(${document.totals.bytes} bytes)`);
      const changes = await layerInsight(['disk', '--changes', 'writer', '--engine', 'docker'], {});
      expect(changes.stdout).toMatch(/C\s+7 MB\s+7 MB\s+\/seven/);
      expect(refusalOf(await layerInsight(['disk', '--changes', 'not-there', '--engine', 'docker'], {}))).toContain(
        'not-there',
      );
      expect(refusalOf(await layerInsight(['disk', 'more'], {}))).toContain('more');
      const nowhere = { DOCKER_HOST: 'unix:///tmp/li-no-such.sock' };
      expect(refusalOf(await layerInsight(['disk', '--engine', 'docker'], nowhere))).toContain(
        'unix:///tmp/li-no-such.sock',
      );
    });

    it('calls unused what docker then removes', () => checkUnused(fixture, 2_000_000));
  },
);
