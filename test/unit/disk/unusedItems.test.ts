import { describe, expect, it } from 'vitest';
import { unusedItems } from '../../../core/disk/unusedItems';
import type { ReclaimItem } from '../../../core/model';
import { reportOf } from './reclaimStore';

const REPORT = reportOf({
  images: {
    base: { layers: 'base=100', parentId: '' },
    step: { layers: 'base=100 s=1', names: [], isIntermediate: true, parentId: 'base' },
    app: { layers: 'base=100 s=1 a=2', parentId: 'step' },
    old: { layers: 'base=100 o=3', names: [], parentId: '' },
    halted: { layers: 'base=100 h=4', parentId: '' },
    busy: { layers: 'base=100 b=5', parentId: '' },
  },
  containers: {
    stopped: { of: 'halted' },
    running: { of: 'busy', state: 'running' },
    twin: { of: 'busy' },
  },
  records: {
    root: {},
    mid: { parents: ['root'] },
    used: { parents: ['mid'], isInUse: true },
    leaf: { parents: ['root'] },
    mount: { type: 'exec.cachemount' },
  },
  volumes: { data: { sizeBytes: 7 } },
});

const ids = (items: readonly ReclaimItem[]): string => items.map(({ id }) => id).join(' ');

describe('what nothing uses', () => {
  const unused = unusedItems(REPORT, new Set());

  it('are stopped containers', () => {
    expect(ids(unused.stoppedContainers)).toBe('stopped twin');
  });

  it('are images without containers, but not the steps that others are made of', () => {
    expect(ids(unused.unusedImages)).toBe('base app old');
    expect(unused.unusedImages[1]).toEqual({ kind: 'image', id: 'app', name: 'app:1' });
    expect(ids(unused.danglingImages)).toBe('old');
  });

  it('is build cache that nothing in use stands on', () => {
    expect(ids(unused.unusedCache)).toBe('leaf mount');
  });

  it('are all of these and what only stopped containers use, never volumes', () => {
    expect(ids(unused.all)).toBe('stopped twin base app old halted leaf mount');
  });

  it('is nothing that is marked as kept, nor what that needs', () => {
    const kept = unusedItems(REPORT, new Set(['container:stopped', 'image:app', 'build-cache:leaf']));
    expect(ids(kept.all)).toBe('twin old mount');
  });
});
