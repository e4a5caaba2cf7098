import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { DiskReport, ReclaimItem } from '../../core/model';
import type { DiskAccess } from '../../core/node/disk/diskAccess';
import {
  BindMountBytesRequest,
  ContainerChangesRequest,
  DiskChangedNotification,
  DiskMeasureRequest,
  DiskPlanRequest,
  DiskProgressNotification,
  DiskRemoveRequest,
} from '../../server/protocol';
import { textbookReport } from '../unit/support/diskReport';
import { InProcess } from './inProcess';

/** An engine on paper: it has what the report says, and less after each removal. */
class PaperEngine implements DiskAccess {
  report: DiskReport = textbookReport();
  readonly removed: ReclaimItem[] = [];
  measured = 0;
  opened = 0;
  /** Names that cannot be removed. */
  stuck: readonly string[] = [];
  /** A measurement goes on until it is stopped. */
  isSlow = false;
  changed: (() => void) | undefined;
  beforeRemoval: (() => void) | undefined;

  async measure(signal: AbortSignal, onProgress: (what: string) => void): Promise<DiskReport> {
    this.measured++;
    onProgress('Sizes of containers');
    if (this.isSlow) await sleep(60_000, undefined, { signal });
    return this.report;
  }

  changes(id: string) {
    const found = this.report.containers.some((one) => one.id === id);
    return Promise.resolve(found ? { changes: [], bytes: 12, hiddenBytes: null, message: '' } : undefined);
  }

  bindMountBytes(source: string): Promise<number | undefined> {
    return source === '/home/user/src' ? Promise.resolve(4711) : Promise.reject(new Error('asked for another path'));
  }

  async remove(item: ReclaimItem): Promise<number | null> {
    this.beforeRemoval?.();
    await sleep(1);
    if (this.stuck.includes(item.name)) throw new Error(`${item.name} is in use`);
    this.removed.push(item);
    const { containers, buildCache, totals } = this.report;
    const container = containers.find(({ id }) => id === item.id);
    const record = buildCache.find(({ id }) => id === item.id);
    const freed = container?.sizeBytes ?? record?.sizeBytes ?? 0;
    this.report = {
      ...this.report,
      totals: { ...totals, bytes: totals.bytes - freed },
      containers: containers.filter((one) => one !== container),
      buildCache: buildCache.filter((one) => one !== record),
    };
    return item.kind === 'container' ? null : freed;
  }

  listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    this.changed = onChanged;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }
}

const IDLE: ReclaimItem = { kind: 'container', id: 'c-idle', name: 'idle' };
const MOUNT: ReclaimItem = { kind: 'build-cache', id: 'rec2', name: 'cached mount /root/.npm' };

describe('disk usage', () => {
  let server: InProcess | undefined;
  const start = async (engine: PaperEngine, options: { trusted?: boolean; settings?: unknown } = {}) => {
    const openDisk = () => {
      engine.opened++;
      return Promise.resolve(engine);
    };
    server = await InProcess.start({ env: {}, hashWorker: '', openDisk }, options);
    return server;
  };
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('is measured when asked, with progress, and not by itself', async () => {
    const engine = new PaperEngine();
    const client = await start(engine);
    const progress: string[] = [];
    client.on(DiskProgressNotification, ({ text }) => progress.push(text));
    expect(engine.opened).toBe(0);
    const answer = await client.ask(DiskMeasureRequest, undefined);
    expect(answer).toEqual({ report: textbookReport(), message: '', units: 'si' });
    expect(progress).toEqual(['Sizes of containers', '']);
    expect(engine.measured).toBe(1);
  });

  it('is not measured any more once nobody waits', async () => {
    const engine = new PaperEngine();
    engine.isSlow = true;
    const client = await start(engine);
    const source = new CancellationTokenSource();
    const asked = client.ask(DiskMeasureRequest, undefined, source.token);
    setTimeout(() => source.cancel(), 50);
    await expect(asked).rejects.toThrow(/cancelled/);
  });

  it('says in a sentence why there is no report', async () => {
    const engine = new PaperEngine();
    engine.measure = () => Promise.reject(new Error('No engine answers at unix:///x: is it running?'));
    const client = await start(engine);
    expect(await client.ask(DiskMeasureRequest, undefined)).toMatchObject({
      ...{ report: null, message: 'No engine answers at unix:///x: is it running?' },
    });
  });

  it('tells of changes after the first measurement, a burst once', async () => {
    const engine = new PaperEngine();
    const client = await start(engine);
    let told = 0;
    client.on(DiskChangedNotification, () => told++);
    await client.ask(DiskMeasureRequest, undefined);
    for (let event = 0; event < 5; event++) engine.changed?.();
    await expect.poll(() => told).toBe(1);
    await sleep(500);
    expect([told, engine.measured]).toEqual([1, 1]);
  });

  it('knows what a container changed, and the bytes of bind mounts that are one', async () => {
    const client = await start(new PaperEngine());
    await client.ask(DiskMeasureRequest, undefined);
    expect(await client.ask(ContainerChangesRequest, { container: 'c-one' })).toMatchObject({ bytes: 12 });
    expect(await client.ask(ContainerChangesRequest, { container: 'gone' })).toBeNull();
    expect(await client.ask(BindMountBytesRequest, { source: '/home/user/src' })).toBe(4711);
    await expect(client.ask(BindMountBytesRequest, { source: '/etc' })).rejects.toThrow(/No container .* has \/etc/);
  });

  it('plans without touching anything, and leaves out what is kept and what runs', async () => {
    const engine = new PaperEngine();
    const client = await start(engine);
    await expect(client.ask(DiskPlanRequest, { items: [IDLE], kept: [] })).rejects.toThrow(/Measure first/);
    await client.ask(DiskMeasureRequest, undefined);
    const running = { kind: 'container', id: 'c-one', name: 'one' } as const;
    const { plan } = await client.ask(DiskPlanRequest, { items: [IDLE, MOUNT, running], kept: ['build-cache:rec2'] });
    expect(plan.items.map(({ name }) => name)).toEqual(['idle']);
    expect(plan.refused.map(({ item }) => item.name).sort()).toEqual([MOUNT.name, 'one']);
    expect(engine.removed).toEqual([]);
  });

  it('plans what nothing uses, but for what is kept', async () => {
    const client = await start(new PaperEngine());
    await client.ask(DiskMeasureRequest, undefined);
    const all = await client.ask(DiskPlanRequest, { items: 'all', kept: [] });
    const kinds = new Set(all.plan.items.map(({ kind }) => kind));
    expect(kinds).toContain('container');
    expect(kinds).not.toContain('volume');
    expect(all.plan.refused).toEqual([]);
    const stopped = await client.ask(DiskPlanRequest, { items: 'stoppedContainers', kept: [] });
    expect(stopped.plan.items.map(({ name }) => name)).toEqual(['idle']);
    const kept = await client.ask(DiskPlanRequest, { items: 'stoppedContainers', kept: ['container:c-idle'] });
    expect(kept.plan.items).toEqual([]);
    expect(kept.plan.refused).toEqual([]);
  });

  it('removes exactly the list of the plan, once, whatever the engine has by then', async () => {
    const engine = new PaperEngine();
    const client = await start(engine);
    await client.ask(DiskMeasureRequest, undefined);
    const { id, plan } = await client.ask(DiskPlanRequest, { items: [IDLE, MOUNT], kept: [] });
    // another one that is idle now is not in the list
    const { containers } = engine.report;
    engine.report = { ...engine.report, containers: containers.map((one) => ({ ...one, state: 'exited' })) };
    const { outcome, after } = await client.ask(DiskRemoveRequest, { plan: id });
    expect(engine.removed).toEqual([IDLE, MOUNT]);
    expect(outcome).toMatchObject({ engineBytes: 4_000_000, measuredBytes: 6_000_000, failed: [] });
    expect(plan.freesAtLeast).toBeGreaterThanOrEqual(6_000_000);
    expect(after.report?.containers.map(({ name }) => name)).not.toContain('idle');
    await expect(client.ask(DiskRemoveRequest, { plan: id })).rejects.toThrow(/carried out already/);
    await expect(client.ask(DiskRemoveRequest, { plan: '99' })).rejects.toThrow(/plan again/);
    expect(engine.removed).toHaveLength(2);
  });

  it('goes on after one that cannot be removed, and says so', async () => {
    const engine = new PaperEngine();
    engine.stuck = ['idle'];
    const client = await start(engine);
    await client.ask(DiskMeasureRequest, undefined);
    const { id } = await client.ask(DiskPlanRequest, { items: [IDLE, MOUNT], kept: [] });
    const { outcome } = await client.ask(DiskRemoveRequest, { plan: id });
    expect(outcome.failed).toEqual([{ item: IDLE, why: 'idle is in use' }]);
    expect(outcome.removed).toEqual([MOUNT]);
  });

  it('stops between two items, and tells what was removed until then', async () => {
    const engine = new PaperEngine();
    const client = await start(engine);
    await client.ask(DiskMeasureRequest, undefined);
    const { id } = await client.ask(DiskPlanRequest, { items: [IDLE, MOUNT], kept: [] });
    const source = new CancellationTokenSource();
    engine.beforeRemoval = () => source.cancel();
    engine.remove = ((remove) => async (item: ReclaimItem) => {
      const freed = await remove(item);
      // the wish to stop has arrived by now
      await sleep(50);
      return freed;
    })(engine.remove.bind(engine));
    const { outcome, after } = await client.ask(DiskRemoveRequest, { plan: id }, source.token);
    expect(outcome).toMatchObject({ removed: [IDLE], measuredBytes: null });
    expect(engine.removed).toEqual([IDLE]);
    expect(after).toMatchObject({ report: null, message: 'It was not measured again.' });
  });

  it.each([
    ['a restricted workspace', { trusted: false }, /not trusted/],
    ['a choice of no engine', { settings: { engine: { kind: 'none' } } }, /No engine is asked/],
  ])('asks nobody in %s', async (_, options, why) => {
    const engine = new PaperEngine();
    const client = await start(engine, options);
    expect((await client.ask(DiskMeasureRequest, undefined)).message).toMatch(why);
    await expect(client.ask(ContainerChangesRequest, { container: 'c-one' })).rejects.toThrow(why);
    await expect(client.ask(BindMountBytesRequest, { source: '/home/user/src' })).rejects.toThrow(why);
    await expect(client.ask(DiskPlanRequest, { items: [IDLE], kept: [] })).rejects.toThrow(why);
    await expect(client.ask(DiskRemoveRequest, { plan: '1' })).rejects.toThrow(why);
    expect(engine.opened).toBe(0);
  });
});
