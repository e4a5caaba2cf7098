import { expect } from 'vitest';
import type { DiskReport } from '../../core/model/index.js';
import type { Measured } from '../judge/diskUsage.js';
import type { DiskFixture } from './diskFixture.js';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** What holds for every report: its parts are its total, and the calculation comes out. */
export function checkReport({ totals, containers, layers }: DiskReport): void {
  expect(sum(totals.parts.map(({ bytes }) => bytes))).toBe(totals.bytes);
  expect(sum(totals.parts.map(({ reclaimableBytes }) => reclaimableBytes))).toBe(totals.reclaimableBytes);
  for (const { bytes, reclaimableBytes } of totals.parts)
    expect(reclaimableBytes).toBeLessThanOrEqual(Math.max(0, bytes));
  const rows = totals.derivation.map(({ sign, bytes }) => (sign === '=' ? 0 : sign === '-' ? -bytes : bytes));
  expect(sum(rows)).toBe(totals.bytes);
  expect(totals.derivation.at(-1)).toMatchObject({ sign: '=', bytes: totals.bytes });
  expect(new Set(layers.map(({ chainId }) => chainId)).size).toBe(layers.length);
  expect(new Set(containers.map(({ id }) => id)).size).toBe(containers.length);
}

/**
 * The total is what `du` says, and so is the sum of the rows of each directory.
 *
 * @param known directories that have to be there
 */
export function checkDirectories({ totals }: DiskReport, du: Measured, known: readonly string[]): void {
  expect([...du.folders.keys()]).toEqual(expect.arrayContaining([...known]));
  const ours = new Map<string, number>();
  for (const { directory, bytes } of totals.parts) {
    ours.set(directory ?? 'nowhere', (ours.get(directory ?? 'nowhere') ?? 0) + bytes);
  }
  const top = du.all - sum([...du.folders.values()]);
  const theirs = new Map([...du.folders, ['.', top] as const]);
  expect(Object.fromEntries([...ours].sort())).toEqual(Object.fromEntries([...theirs].sort()));
  expect(totals.bytes).toBe(du.all);
}

const messageOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** Nothing that is in use goes, and nothing else goes in its place. */
export async function checkRefusals({ remove, measure, nameOf }: DiskFixture): Promise<void> {
  const { report: before } = await measure();
  const container = (name: string): string => before.containers.find((one) => one.name === name)?.id ?? '';
  const image = before.images.find(({ names }) => names.includes(nameOf('a')));
  const volume = before.volumes.find(({ isAnonymous }) => !isAnonymous);
  expect(await messageOf(remove('container', container('writer')))).toMatch(/running/);
  expect(await messageOf(remove('image', image?.id ?? ''))).toMatch(/Container \S+ was made from this image/);
  expect(await messageOf(remove('volume', volume?.name ?? ''))).toMatch(/in use/);
  // what is no whole id could be more than one thing
  expect(await messageOf(remove('container', 'writer'))).toContain('no whole id');
  expect(await messageOf(remove('build-cache', '.'))).toContain('no whole id');
  expect(await messageOf(remove('build-cache', 'a'.repeat(25)))).toContain('any more');
  const parent = before.buildCache.find(
    ({ id, isShared }) => !isShared && before.buildCache.some(({ parents }) => parents.includes(id)),
  );
  if (parent !== undefined)
    expect(await messageOf(remove('build-cache', parent.id))).toContain('other records stand on it');
  const { report: after } = await measure();
  const kept = (report: DiskReport): unknown => [
    report.containers.map(({ id }) => id),
    report.images.map(({ id, names }) => [id, names]),
    report.volumes.map(({ name }) => name).sort(),
    report.buildCache.map(({ id }) => id).sort(),
  ];
  expect(kept(after)).toEqual(kept(before));
}

/**
 * What is called unused comes free, at least that much, when docker itself removes all that it calls unused; volumes stay.
 * Only for an engine of the test's own.
 */
export async function checkUnused({ docker, measure }: DiskFixture, atMost: number): Promise<void> {
  const { report, du } = await measure();
  await docker('system', 'prune', '--all', '--force');
  await docker('buildx', 'prune', '--all', '--force');
  const after = await measure();
  const freed = du.all - after.du.all;
  expect(freed).toBeGreaterThanOrEqual(report.totals.reclaimableBytes);
  expect(freed).toBeLessThanOrEqual(report.totals.reclaimableBytes + atMost);
  expect(after.report.totals.reclaimableBytes).toBe(0);
}
