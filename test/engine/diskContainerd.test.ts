import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import type { DiskReport } from '../../core/model/index.js';
import { dfSize } from '../judge/diskUsage.js';
import { checkDirectories, checkRefusals, checkReport, checkUnused } from './diskChecks.js';
import { LAB, startDiskFixture, type DiskFixture } from './diskFixture.js';
import { bytesOf, named } from './diskReport.js';
import { whyNoInstalledEngine } from './ownEngine.js';

const reason = whyNoInstalledEngine();
if (reason !== undefined) console.warn(`skipped: disk usage of the containerd image store: ${reason}`);

const { signal } = new AbortController();

describe.skipIf(reason !== undefined)(
  'disk usage of an engine with the containerd image store',
  { timeout: 60_000 },
  () => {
    let fixture: DiskFixture;
    let report: DiskReport;

    beforeAll(async () => {
      fixture = await startDiskFixture(['--feature', 'containerd-snapshotter=true']);
      ({ report } = await fixture.measure());
    }, 180_000);
    afterAll(() => fixture.stop());

    const near = (ours: number, printed: number): void =>
      expect(Math.abs(ours - printed)).toBeLessThanOrEqual(printed * 0.0006);

    it('is what du says, directory by directory', async () => {
      const { report: now, du } = await fixture.measure();
      expect(now.storage).toMatchObject({ driver: 'overlayfs', store: 'containerd', isRootRead: true });
      checkDirectories(now, du, ['containerd', 'volumes', 'containers']);
      checkReport(now);
    });

    it('agrees with what docker prints, whose images have everything in them', async () => {
      const { parts } = report.totals;
      const inside = parts.filter(({ directory, kind, label }) => {
        const isBuilders = label.includes('only the builder has');
        return directory === 'containerd' && kind !== 'rounding' && kind !== 'housekeeping' && !isBuilders;
      });
      near(
        inside.reduce((sum, { bytes }) => sum + bytes, 0),
        await dfSize('docker', 'Images'),
      );
      near(bytesOf(parts, 'writable-layers'), await dfSize('docker', 'Containers'));
      near(bytesOf(parts, 'volumes'), await dfSize('docker', 'Local Volumes'));
      const image = report.images.find(({ names }) => names.includes(fixture.nameOf('alone')));
      const size = Number(
        await fixture
          .docker('history', '--human=false', '--format', '{{.Size}}', '--quiet=false', fixture.nameOf('alone'))
          .then((text) => text.split('\n')[0]),
      );
      expect(image?.uniqueBytes).toBe(size);
    });

    it('of five containers of one image is the sum of their sizes and one image', () => {
      const lab = LAB.map((_, index) => named(report.containers, `lab${index + 1}`));
      const written = lab.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
      // blocks of 4096 bytes, and some for folders
      expect(written).toBeGreaterThan(LAB.reduce((sum, bytes) => sum + bytes, 0));
      const row = (label: string): number =>
        report.totals.derivation.find((one) => one.label.startsWith(label))?.bytes ?? -1;
      const name = fixture.nameOf('alone');
      expect(row(`SIZE of 5 containers of ${name}`)).toBe(written);
      const image = report.images.find(({ names }) => names.includes(name));
      expect(row(`image ${name}, once`)).toBe((image?.uniqueBytes ?? 0) + (image?.sharedBytes ?? 0));
      expect(report.totals.virtualSum.countedAgainBytes).toBeGreaterThan(4 * row(`image ${name}, once`));
    });

    it('is told by the engine alone, too, without what only files tell', async () => {
      const blind = await new DockerDisk({ program: 'docker', builder: undefined, env: process.env }, '/tmp').measure(
        signal,
        () => undefined,
      );
      checkReport(blind);
      const { parts } = blind.totals;
      near(bytesOf(parts, 'layers', 'writable-layers', 'build-cache', 'content'), await dfSize('docker', 'Images'));
      // what is promised to come free does, and more of it is found with the files at hand
      const packed = (one: DiskReport): number =>
        one.totals.parts
          .filter(({ kind }) => kind === 'content')
          .reduce((sum, { reclaimableBytes }) => sum + reclaimableBytes, 0);
      expect(packed(blind)).toBeLessThanOrEqual(packed(report));
    });

    it('tells what a container changed', async () => {
      const changes = await fixture.disk.changes('writer', signal);
      expect(changes?.changes.map(({ path, change, bytes }) => [path, change, bytes])).toEqual([
        ['/five', 'deleted', 0],
        ['/ready', 'added', 0],
        ['/seven', 'changed', 7_000_000],
        ['/written', 'added', 2_000_000],
      ]);
      expect(changes?.message).toContain('not known');
    });

    it('refuses what is in use with the reason, and leaves it as it was', () => checkRefusals(fixture));

    it('frees by each removal what it said', async () => {
      let { report: before } = await fixture.measure();
      const step = async (kind: 'container' | 'image' | 'volume' | 'build-cache', id: string): Promise<DiskReport> => {
        await fixture.remove(kind, id);
        const { report: now, du } = await fixture.measure();
        checkDirectories(now, du, ['containerd']);
        return now;
      };
      const exited = named(before.containers, 'exited');
      let now = await step('container', exited.id);
      const less = (...kinds: Parameters<typeof bytesOf>[1][]): number =>
        bytesOf(before.totals.parts, ...kinds) - bytesOf(now.totals.parts, ...kinds);
      expect(less('writable-layers')).toBe(exited.sizeBytes);
      before = now;

      const mount = before.buildCache.find(({ type }) => type === 'exec.cachemount');
      now = await step('build-cache', mount?.id ?? '');
      expect(less('build-cache')).toBe(mount?.sizeBytes);
      before = now;

      for (const [index] of LAB.entries()) {
        await fixture.docker('kill', `lab${index + 1}`);
        await fixture.remove('container', named(before.containers, `lab${index + 1}`).id);
      }
      ({ report: before } = await fixture.measure());
      const alone = before.images.find(({ names }) => names.includes(fixture.nameOf('alone')));
      now = await step('image', alone?.id ?? '');
      expect(less('layers')).toBe(alone?.uniqueBytes);
    });

    it('calls unused what docker then removes', () => checkUnused(fixture, 40_000_000));
  },
);
