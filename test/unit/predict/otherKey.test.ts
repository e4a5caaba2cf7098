import { describe, expect, it } from 'vitest';
import type { PastStep } from '../../../core/evidence/pastBuild';
import { otherKey } from '../../../core/predict/otherKey';
import type { ImageInfo } from '../../../core/plan/graph';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const info: ImageInfo = {
  ...{ chainId: 'sha256:layers', digests: [DIGEST], env: [], workingDir: '', user: '', shell: [], onbuild: [] },
  ...{ platform: 'linux/amd64', bytes: null },
};
const now = (ref: string, known = true) => ({
  op: { kind: 'image', ref, platform: 'linux/amd64' } as const,
  info: known ? info : undefined,
});
const past = (imageReference: string, imageDigest: string): PastStep => ({
  ...{ kind: 'image', vertexDigest: '', opDigest: '', inputs: [], uses: [], facts: { parts: {}, env: [] } },
  ...{ recordDigest: '', recordTextDigest: '', lines: [], cached: false, done: true },
  ...{ imageReference, imageDigest },
});

describe('an image that is known under another key', () => {
  it('has other layers where an overlay2 store knows both by them', () => {
    expect(otherKey(now('r.io/a:1'), past('r.io/a:1', 'sha256:other'), 'graphdriver', false)).toBeUndefined();
    // pinned, and yet taken from the engine
    expect(otherKey(now('r.io/a:1'), past(`r.io/a:1@${DIGEST}`, 'sha256:other'), 'graphdriver', false)).toBeUndefined();
  });
  it('may count where a build fetched these very layers', () => {
    const fetched = past(`r.io/a:1@${DIGEST}`, DIGEST);
    expect(otherKey(now('r.io/b:2'), fetched, 'graphdriver', true)).toMatchObject({ likely: false });
  });
  it('hardly counts when another manifest has that name now', () => {
    const fetched = past(`r.io/a:1@${OTHER}`, OTHER);
    for (const store of ['graphdriver', 'containerd'] as const) {
      expect(otherKey(now('r.io/a:1'), fetched, store, false)).toMatchObject({ code: 'base-changed', likely: true });
      expect(otherKey(now(`r.io/a@${DIGEST}`), fetched, store, false)).toMatchObject({ likely: true });
      expect(otherKey(now('r.io/a:2'), fetched, store, false)).toBeUndefined();
      expect(otherKey(now('r.io:5000/a:1'), fetched, store, false)).toBeUndefined();
    }
  });
  it('is found by its layers when the engine no longer has the image that the build used', () => {
    const local = past('r.io/a:1', 'sha256:layers');
    expect(otherKey(now(`r.io/a@${DIGEST}`, false), local, 'graphdriver', false)).toMatchObject({ likely: true });
  });
});
