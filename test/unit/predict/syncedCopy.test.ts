import { describe, expect, it } from 'vitest';
import type { CacheRecord, PastBuild } from '../../../core/evidence/pastBuild';
import { mirroredBuild } from '../../../core/predict/syncedCopy';

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
