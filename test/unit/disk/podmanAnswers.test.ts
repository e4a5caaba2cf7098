import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  layersOfPodmanImage,
  podmanDiffAsChanges,
  readPodmanContainer,
  readPodmanContainerDetails,
  readPodmanImage,
  readPodmanSums,
  readPodmanVolume,
} from '../../../core/disk/podmanAnswers';
import { makeReport } from '../../../core/disk/report';
import { chainIds } from '../../../core/node/chainId';
import { checkReport } from '../../engine/diskChecks';
import { bytesOf, named } from '../../engine/diskReport';
import { asArray, isObject, type JsonObject } from '../../judge/json';
import { factsOf } from './facts';

const answers = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/disk/podman-5.8.json'), 'utf8'),
) as JsonObject;
const list = (name: string): JsonObject[] => asArray(answers[name]).filter(isObject);
const plain = (id: unknown): string => String(id).replace('sha256:', '');

describe('recorded answers of Podman', () => {
  const sums = readPodmanSums(answers['df']);
  const histories = answers['history'] as Readonly<Record<string, readonly JsonObject[]>>;
  const images = list('images').map((json) => {
    const details = list('image inspect').find((one) => plain(one['Id']) === plain(json['Id'])) ?? {};
    return { ...readPodmanImage(json), layers: layersOfPodmanImage(details, histories[plain(json['Id'])], chainIds) };
  });
  const containers = list('ps').map((json) => {
    const details = list('container inspect').find((one) => one['Id'] === json['Id']);
    return details === undefined
      ? readPodmanContainer(json)
      : readPodmanContainerDetails(readPodmanContainer(json), details);
  });
  const volumes = list('volumes').map(readPodmanVolume);
  const facts = factsOf(
    { images, containers, volumes, imagesBytes: sums.images, volumesBytes: sums.volumes },
    'podman',
  );
  const report = makeReport({ facts, root: undefined, notMeasured: [], measuredAt: '', tookMs: 0 });

  it('give each layer once, with what Podman keeps of images beside them', () => {
    checkReport(report);
    expect(bytesOf(report.totals.parts, 'layers', 'content')).toBe(sums.images);
    expect(report.layers.every(({ sizeBytes, createdBy }) => sizeBytes !== null && typeof createdBy === 'string')).toBe(
      true,
    );
    // three layers of each image, of which two are in both; the last one of b is its own, as is the empty one below
    expect(report.layers.map(({ images: users }) => users.length).sort()).toEqual([1, 1, 2, 4, 5]);
  });

  it('tell volumes only all together', () => {
    expect(report.volumes.map(({ sizeBytes }) => sizeBytes)).toEqual([null, null]);
    expect(bytesOf(report.totals.parts, 'volumes')).toBe(sums.volumes);
    expect(report.volumes.map(({ isAnonymous }) => isAnonymous).sort()).toEqual([false, true]);
  });

  it('have sizes with logs in them, and working containers of Buildah without', () => {
    const exited = named(report.containers, 'c2');
    expect([exited.isLogInSize, exited.state]).toEqual([true, 'exited']);
    // 20,000 numbers, each with its time
    expect(exited.sizeBytes).toBeGreaterThan(1_000_000);
    expect(named(report.containers, 'work1')).toMatchObject({ state: 'storage', sizeBytes: null, virtualBytes: null });
    expect(
      named(report.containers, 'c3')
        .mounts.map(({ kind, destination }) => `${kind} ${destination}`)
        .sort(),
    ).toEqual(['bind /b', 'tmpfs /t', 'volume /anon', 'volume /v']);
  });

  it('name earlier names of images, which are no steps', () => {
    const withoutNames = images.filter(({ names }) => names.length === 0);
    expect(withoutNames.length).toBe(2);
    expect(
      report.images
        .filter(({ isIntermediate }) => isIntermediate)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(withoutNames.map(({ id }) => id).sort());
  });

  it('list changes by kinds', () => {
    expect(podmanDiffAsChanges({ changed: ['/etc'], added: ['/w'], deleted: ['/five'] })).toEqual([
      { Path: '/w', Kind: 1 },
      { Path: '/etc', Kind: 0 },
      { Path: '/five', Kind: 2 },
    ]);
    expect(podmanDiffAsChanges({})).toEqual([]);
  });
});
