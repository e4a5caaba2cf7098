import { afterEach, describe, expect, it } from 'vitest';
import { DockerDisk } from '../../../../core/node/disk/dockerDisk';
import type { DiskReport } from '../../../../core/model';
import { checkReport } from '../../../engine/diskChecks';
import { bytesOf, named } from '../../../engine/diskReport';
import { asArray, isObject, type JsonObject } from '../../../judge/json';
import { recorded, replayEngine, SILENCE, type ReplayedEngine } from './replayedEngine';

const { signal } = new AbortController();
const engines: ReplayedEngine[] = [];

async function diskOf(
  answers: Readonly<Record<string, unknown>>,
): Promise<{ disk: DockerDisk; engine: ReplayedEngine }> {
  const engine = await replayEngine(answers);
  engines.push(engine);
  // the engine that was recorded may still run on this machine
  const disk = new DockerDisk({ program: 'docker', builder: undefined, env: engine.env }, '/nowhere');
  return { disk, engine };
}

async function measure(answers: Readonly<Record<string, unknown>>): Promise<DiskReport> {
  const { disk } = await diskOf(answers);
  const report = await disk.measure(signal, () => undefined);
  checkReport(report);
  return report;
}

const objects = (value: unknown): JsonObject[] => asArray(value).filter(isObject);
const withoutTimes = ({ totals, containers, images, layers, volumes, buildCache }: DiskReport): unknown => ({
  ...{ totals, containers, images, layers, volumes, buildCache },
});

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});

describe('recorded answers of Docker 28 with overlay2', () => {
  const answers = recorded('docker-28-overlay2');
  const df = answers['/system/df'] as JsonObject;

  it('give a total in which each byte is once', async () => {
    const report = await measure(answers);
    const { parts } = report.totals;
    const shared = (isShared: boolean): number =>
      objects(df['BuildCache'])
        .filter((record) => record['Shared'] === isShared)
        .reduce((sum, record) => sum + Number(record['Size']), 0);
    expect(shared(true)).toBeGreaterThan(0);
    expect(bytesOf(parts, 'layers')).toBe(df['LayersSize']);
    expect(bytesOf(parts, 'build-cache')).toBe(shared(false));
    expect(bytesOf(parts, 'volumes')).toBe(3_000_000);
    expect(named(report.containers, 'c1')).toMatchObject({
      sizeBytes: 12_000_000,
      virtualBytes: 28_982_347,
      logBytes: null,
    });
    expect(
      named(report.containers, 'c3')
        .mounts.map(({ kind, destination }) => `${kind} ${destination}`)
        .sort(),
    ).toEqual(['bind /b', 'tmpfs /t', 'volume /anon', 'volume /v']);
    expect(report.engine).toMatchObject({ version: '28.5.2', apiVersion: '1.51', isLocal: true, isRootless: false });
    expect(report.notMeasured.find(({ what }) => what.startsWith('Logs'))?.remedy).toContain('--data-root');
  });

  it('are the same in the form of API 1.41', async () => {
    const images = objects(answers['/images/json']).map((image) => ({
      ...image,
      SharedSize: -1,
      VirtualSize: image['Size'],
      Containers: -1,
    }));
    const old = {
      ...answers,
      '/images/json': images,
      '/system/df': {
        ...df,
        Images: objects(df['Images']).map((image) => ({
          ...image,
          RepoTags: asArray(image['RepoTags']).length === 0 ? ['<none>:<none>'] : image['RepoTags'],
        })),
        BuilderSize: 1,
        BuildCache: objects(df['BuildCache']).map(({ ' Parents': parents, ...record }) => ({
          ...record,
          Parent: asArray(parents)[0] ?? '',
        })),
      },
    };
    expect(withoutTimes(await measure(old))).toEqual(withoutTimes(await measure(answers)));
  });

  it('are the same in the form of API 1.52, which tells nothing twice when it is asked verbosely', async () => {
    const usage = (items: unknown, TotalSize: unknown): JsonObject => ({
      Items: items,
      TotalSize,
      ActiveCount: 1,
      TotalCount: 2,
      Reclaimable: 3,
    });
    const newer = {
      ...answers,
      '/version': { ApiVersion: '1.52' },
      '/system/df': {
        ImageUsage: usage(df['Images'], df['LayersSize']),
        ContainerUsage: usage(df['Containers'], 0),
        VolumeUsage: usage(df['Volumes'], 0),
        BuildCacheUsage: usage(
          objects(df['BuildCache']).map(({ ' Parents': Parents, ...record }) => ({ ...record, Parents })),
          0,
        ),
      },
    };
    const { disk, engine } = await diskOf(newer);
    expect(withoutTimes(await disk.measure(signal, () => undefined))).toEqual(withoutTimes(await measure(answers)));
    expect(engine.asked).toContain('GET /system/df?verbose=1');
    expect(engine.asked).toContain('GET /images/json?all=1');
  });

  it('are asked for again when a build removed what the engine was just measuring', async () => {
    let asked = 0;
    const tripping = { ...answers, '/system/df': () => (++asked === 1 ? 404 : df) };
    expect(withoutTimes(await measure(tripping))).toEqual(withoutTimes(await measure(answers)));
    expect(asked).toBe(2);
  });

  it('are told apart when the engine fails to measure one kind', async () => {
    const broken: Record<string, unknown> = { ...answers, '/system/df': 500, '/containers/json': df['Containers'] };
    for (const [type, list] of [
      ['image', 'Images'],
      ['volume', 'Volumes'],
      ['build-cache', 'BuildCache'],
    ] as const) {
      broken[`/system/df?verbose=1&type=${type}`] = {
        [list]: df[list],
        ...(type === 'image' ? { LayersSize: df['LayersSize'] } : {}),
      };
    }
    const report = await measure(broken);
    expect(bytesOf(report.totals.parts, 'layers')).toBe(df['LayersSize']);
    // unsized, not empty
    expect(report.containers.map(({ name }) => name).sort()).toEqual(['c1', 'c2', 'c3']);
    expect(report.notMeasured).toContainEqual({
      what: 'containers',
      why: 'The engine failed to measure them: said with 500.',
      remedy: '',
    });
  });

  it('may lack what was removed meanwhile', async () => {
    const [first] = objects(df['Containers']);
    const image = objects(answers['/images/json']).find((one) => asArray(one['RepoTags']).includes('li-fx/b:latest'));
    const gone = Object.fromEntries(
      Object.entries(answers).filter(
        ([path]) => !path.includes(String(first?.['Id'])) && !path.includes(`${String(image?.['Id'])}/`),
      ),
    );
    const report = await measure(gone);
    expect(report.containers).toHaveLength(2);
    expect(report.images.some(({ id }) => id === image?.['Id'])).toBe(false);
  });
});

describe('recorded answers of Docker 28 with the containerd store', () => {
  const answers = recorded('docker-28-containerd');
  const df = answers['/system/df'] as JsonObject;

  it('have everything in the sum of images, which is counted once', async () => {
    const report = await measure(answers);
    expect(report.storage).toMatchObject({ store: 'containerd', counts: 'blocks', driver: 'overlayfs' });
    expect(report.totals.bytes).toBe(Number(df['LayersSize']) + 3_000_000);
    expect(report.layers.every(({ inBuildCache }) => inBuildCache === 'no')).toBe(true);
  });

  it('are of images only from version 29 on', async () => {
    const info = { ...(answers['/info'] as JsonObject), ServerVersion: '29.0.0' };
    const images = Number(df['LayersSize']) - 26_000_000;
    const report = await measure({ ...answers, '/info': info, '/system/df': { ...df, LayersSize: images } });
    expect(bytesOf(report.totals.parts, 'layers', 'content')).toBe(images);
    expect(bytesOf(report.totals.parts, 'writable-layers')).toBeGreaterThan(12_000_000);
  });
});

describe('an engine', () => {
  it('that is not there is named, with what to do', async () => {
    const env = { ...process.env, DOCKER_HOST: 'unix:///tmp/li-nowhere.sock', DOCKER_CONTEXT: '' };
    const disk = new DockerDisk({ program: 'docker', builder: undefined, env });
    await expect(disk.measure(signal, () => undefined)).rejects.toThrow(/unix:\/\/\/tmp\/li-nowhere\.sock.*Start it/);
  });

  it('that is silent does not hold up who has had enough', async () => {
    const { disk } = await diskOf({ ...recorded('docker-28-overlay2'), '/system/df': SILENCE });
    const stop = new AbortController();
    const measuring = disk.measure(stop.signal, (what) => {
      if (what.includes('sizes')) setTimeout(() => stop.abort(), 50);
    });
    await expect(measuring).rejects.toThrow(/abort/i);
  });

  it('that goes away while it is asked is named', async () => {
    const { disk, engine } = await diskOf({ ...recorded('docker-28-overlay2'), '/system/df': SILENCE });
    const measuring = disk.measure(signal, (what) => {
      if (what.includes('sizes')) setTimeout(() => void engine.stop(), 50);
    });
    await expect(measuring).rejects.toThrow(/No engine answers at unix:\/\//);
    engines.splice(0);
  });

  it('is asked to remove one record by its whole id, and its silence about it is no success', async () => {
    const id = 'abcdefghijklmnopqrstuvwxy';
    const record = { ID: id, Type: 'regular', Size: 5, Shared: false };
    const answers = {
      '/system/df': { BuildCache: [record] },
      '/build/prune': { CachesDeleted: [id], SpaceReclaimed: 5 },
    };
    const item = { kind: 'build-cache', id, name: 'RUN x' } as const;
    const { disk, engine } = await diskOf(answers);
    expect(await disk.remove(item, signal)).toBe(5);
    expect(engine.asked.at(-1)).toBe(`POST /build/prune?all=1&filters={"id":{"${id}":true}}`);
    const kept = await diskOf({ ...answers, '/build/prune': { CachesDeleted: null, SpaceReclaimed: 0 } });
    await expect(kept.disk.remove(item, signal)).rejects.toThrow('The engine kept "RUN x": it is in use.');
    const shared = await diskOf({ ...answers, '/system/df': { BuildCache: [{ ...record, Shared: true }] } });
    expect(await shared.disk.remove(item, signal)).toBeNull();
  });

  it('is never asked by force, nor to remove volumes beside a container', async () => {
    const id = 'a'.repeat(64);
    const { disk, engine } = await diskOf({ [`/containers/${id}`]: {}, '/volumes/v': {} });
    await disk.remove({ kind: 'container', id, name: 'c' }, signal);
    await disk.remove({ kind: 'volume', id: 'v', name: 'v' }, signal);
    expect(engine.asked).toEqual([`DELETE /containers/${id}?v=0&force=0`, 'DELETE /volumes/v?force=0']);
  });
});
