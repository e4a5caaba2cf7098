import { describe, expect, it } from 'vitest';
import { heldVertices } from '../../../core/evidence/heldVertices';
import type { CacheRecord, LogVertex } from '../../../core/evidence/pastBuild';
import type { ImageInfo } from '../../../core/plan/graph';

const waiting = (name: string): LogVertex => ({ digest: name, name, cached: false, error: '' });
const begun = (name: string): LogVertex => ({ ...waiting(name), started: 1000 });
const vertex = (name: string): LogVertex => ({ ...begun(name), completed: 1002 });
const record = (createdAt: number): CacheRecord => ({
  ...{ id: 'r', parents: [], type: 'regular', description: 'from local ', size: 0, createdAt, mutable: false },
});
const held = (one: LogVertex, ...records: readonly CacheRecord[]): boolean =>
  heldVertices([one], records, new Map()).size > 0;

describe('vertices that a running build keeps from others', () => {
  it('are those that it executed, or is executing', () => {
    expect(held(vertex('[2/3] RUN make'))).toBe(true);
    expect(held(begun('[2/3] RUN make'))).toBe(true);
  });

  it('are not those that it took from the cache, or did not begin', () => {
    expect(held({ ...vertex('[2/3] RUN make'), cached: true })).toBe(false);
    expect(held(waiting('[2/3] RUN make'))).toBe(false);
  });

  // its key is all that a log may show of an image
  it.each(['[1/3] FROM docker.io/library/busybox:1', '[base 1/3] FROM x', 'FROM x'])(
    'are an image only when its record was made at that time: %s',
    (name) => {
      expect(held(vertex(name), record(1004))).toBe(true);
      expect(held(vertex(name), record(20), record(5000))).toBe(false);
      expect(held(vertex(name), { ...record(1004), description: 'pulled from docker.io/library/x' })).toBe(true);
      expect(held(vertex(name), { ...record(1004), description: '' })).toBe(true);
      expect(held(vertex(name), { ...record(1004), description: 'mount / from exec make' })).toBe(false);
      expect(held(begun(name))).toBe(true);
    },
  );

  it('are not an image of other layers than those that were loaded at that time', () => {
    const name = 'docker.io/library/app:1';
    const app = {
      ...{ chainId: '', layers: 2, digests: [], env: [], workingDir: '', user: '', shell: [], onbuild: [] },
      ...{ platform: 'linux/amd64', bytes: null },
    };
    const bottom = { ...record(20), id: 'bottom' };
    const isHeld = (now: CacheRecord, reference = name, info: ImageInfo | 'absent' = app): boolean =>
      heldVertices(
        [vertex(`[1/3] FROM ${reference}`)],
        [bottom, now],
        new Map([[name, info === 'absent' ? undefined : info]]),
      ).size > 0;
    expect(isHeld({ ...record(1004), parents: ['bottom'] })).toBe(true);
    expect(isHeld({ ...record(1004), parents: ['bottom'] }, `${name}@sha256:${'a'.repeat(64)}`)).toBe(true);
    // the first use of another image
    expect(isHeld(record(1004))).toBe(false);
    // nobody knows: an image that was not asked for, a layer that is gone, a store that does not say what it is
    expect(isHeld(record(1004), 'docker.io/library/other:1')).toBe(true);
    expect(isHeld(record(1004), name, 'absent')).toBe(true);
    expect(isHeld({ ...record(1004), parents: ['gone'] })).toBe(true);
    expect(isHeld({ ...record(1004), description: '' })).toBe(true);
    expect(isHeld({ ...record(1004), description: 'pulled from docker.io/library/x' })).toBe(true);
  });
});
