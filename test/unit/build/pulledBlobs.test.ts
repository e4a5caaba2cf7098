import { describe, expect, it } from 'vitest';
import { PulledBlobs } from '../../../core/build/buildkit/pulledBlobs';

const MANIFEST = `sha256:8af292308210${'0'.repeat(52)}`;
const LAYER = `sha256:67882f9e17ca${'0'.repeat(52)}`;
const SMALL = `sha256:0610c5a15bad${'0'.repeat(52)}`;

describe('the blobs of an image that is fetched', () => {
  it('are layers once they are unpacked, with the bytes that were fetched', () => {
    const blobs = new PulledBlobs();
    // a manifest is there as soon as anything is told of it
    expect(blobs.layer(MANIFEST, 'done', 1154, 1154, true)).toBeUndefined();
    expect(blobs.layer(LAYER, 'downloading', 2_097_152, 30_004_486, false)).toEqual({
      ...{ layer: '67882f9e17ca', state: 'downloading', current: 2_097_152, total: 30_004_486 },
    });
    // fetched, but not unpacked
    expect(blobs.layer(LAYER, 'done', 30_004_486, 30_004_486, true)).toMatchObject({ state: 'downloading' });
    expect(blobs.layer(`extracting ${LAYER}`, 'extract', 0, null, false)).toEqual({
      ...{ layer: '67882f9e17ca', state: 'extracting', current: 30_004_486, total: 30_004_486 },
    });
    // what was told before is told again
    expect(blobs.layer(LAYER, 'done', 30_004_486, 30_004_486, true)).toMatchObject({ state: 'extracting' });
    expect(blobs.finished()).toEqual([
      { layer: '67882f9e17ca', state: 'done', current: 30_004_486, total: 30_004_486 },
    ]);
    expect(blobs.layer(`extracting ${LAYER}`, 'extract', 0, null, false)).toMatchObject({ state: 'done' });
    expect(blobs.finished()).toEqual([]);
    // a small layer may be there at once as well
    expect(blobs.layer(SMALL, 'done', 132, 132, true)).toBeUndefined();
    expect(blobs.layer(`extracting ${SMALL}`, 'extract', 0, null, true)).toMatchObject({ state: 'done', total: 132 });
    expect(blobs.notLayers()).toEqual([]);
  });

  it('are none if they are not unpacked while others are', () => {
    const blobs = new PulledBlobs();
    expect(blobs.layer(MANIFEST, 'downloading', 0, 1154, false)).toBeDefined();
    expect(blobs.notLayers()).toEqual([]);
    blobs.layer(`extracting ${LAYER}`, 'extract', 0, null, true);
    expect(blobs.notLayers()).toEqual(['8af292308210']);
  });

  it('are nothing but blobs', () => {
    const blobs = new PulledBlobs();
    for (const id of ['transferring context:', `resolve a@${LAYER}`, '', 'exporting layers']) {
      expect(PulledBlobs.is(id)).toBe(false);
      expect(blobs.layer(id, '', 1, 2, false)).toBeUndefined();
    }
    expect(blobs.layer(LAYER.slice(7, 19), 'Already exists', 0, null, true)).toMatchObject({ state: 'exists' });
  });
});
