import { describe, expect, it } from 'vitest';
import type { CacheRecord, PastBuild } from '../../../core/evidence/pastBuild';
import { knownTransfers, mirroredBuild } from '../../../core/predict/syncedCopy';

function build(ref: string, at: number, contextPath?: string, more: Partial<PastBuild> = {}): PastBuild {
  return {
    ...{
      ref,
      createdAt: at,
      completedAt: at + 500,
      contextStart: at + 100,
      contextEnd: at + 150,
      steps: [],
      loose: [],
    },
    ...(contextPath === undefined ? {} : { contextPath }),
    ...more,
  };
}

function copies(...usedAt: readonly number[]): CacheRecord[] {
  return usedAt.map((lastUsedAt, index) => ({
    ...{ id: String(index), parents: [], type: 'source.local', description: 'local source for context' },
    ...{ size: 1, createdAt: 1, mutable: true, lastUsedAt },
  }));
}

describe('the context that a builder still has', () => {
  const first = build('first', 1000, '/p/app');
  const second = build('second', 10_000, '/p/app');

  it('is that of the newest build', () => {
    expect(mirroredBuild('/p/app', [second, first], copies(10_400, 10_450))).toBe(second);
  });

  it('is that of the newest build of any folder of the name', () => {
    const other = build('other', 20_000, '/q/app');
    expect(mirroredBuild('/p/app', [first, other], copies(20_300, 20_300))).toBe(other);
    const elsewhere = build('elsewhere', 20_000, '/q/web');
    expect(mirroredBuild('/p/app', [first, elsewhere], copies(1400, 1400))).toBe(first);
  });

  it.each([
    ['a build of an unknown folder came later', [first, build('foreign', 20_000)], copies(1400, 1400)],
    ['one of its two copies is gone', [first], copies(1400)],
    ['its copies were used by another build since', [first], copies(1400, 9000)],
    ['another build ran at the same time', [first, build('beside', 1200, '/q/web')], copies(1400, 1400)],
    [
      'the transfer did not end',
      [build('broken', 1000, '/p/app', { contextEnd: undefined as never })],
      copies(1400, 1400),
    ],
    ['nothing was built', [], copies(1400, 1400)],
    [
      'no build took files',
      [build('no files', 1000, '/p/app', { contextStart: undefined as never })],
      copies(1400, 1400),
    ],
  ])('is not known when %s', (_, builds, records) => {
    expect(mirroredBuild('/p/app', builds, records)).toBeUndefined();
  });
});

describe('the transfers of a context that are known', () => {
  const first = build('first', 1000, '/p/app');
  const second = build('second', 10_000, '/p/app');

  it('are those of all builds of the folder', () => {
    expect(knownTransfers('/p/app', [first, second, build('elsewhere', 5000, '/q/web')])).toEqual([
      { start: 1100, end: 1150 },
      { start: 10_100, end: 10_150 },
    ]);
  });

  it('are as long as their build where it did not tell', () => {
    const broken = build('broken', 5000, '/p/app', { contextEnd: undefined as never });
    const silent = build('silent', 7000, '/p/app', { contextStart: undefined as never });
    expect(knownTransfers('/p/app', [broken, silent])).toEqual([
      { start: 5000, end: 5500 },
      { start: 7000, end: 7500 },
    ]);
  });

  it.each([
    ['another folder has the name', build('other', 5000, '/q/app')],
    ['a build is of an unknown folder', build('foreign', 5000)],
  ])('are not known when %s', (_, one) => {
    expect(knownTransfers('/p/app', [first, one, second])).toBeUndefined();
  });
});
