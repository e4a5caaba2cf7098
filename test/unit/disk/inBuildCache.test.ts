import { describe, expect, it } from 'vitest';
import { layersInCache } from '../../../core/disk/inBuildCache';
import { uniteLayers } from '../../../core/disk/layerUnion';
import type { DiskCacheRecord } from '../../../core/model';
import { imageOf, recordOf } from './facts';

const source = recordOf('base', 0, { isShared: true, description: 'pulled from docker.io/library/base:1' });
const shared = (id: string, bytes: number, ...parents: readonly string[]): DiskCacheRecord =>
  recordOf(id, bytes, { isShared: true, parents });

const layers = uniteLayers([
  imageOf('one', [
    ['base', 100],
    ['a', 10],
    ['b', 20],
  ]),
  imageOf('two', [
    ['base', 100],
    ['a', 10],
    ['c', 30],
  ]),
  imageOf('other', [['root', 7]]),
]).layers;

describe('layers that the build cache keeps', () => {
  it('are those of records of the same bytes on records of the same bytes, and what these stand on', () => {
    const found = layersInCache(layers, [
      source,
      shared('ra', 10, 'base'),
      shared('rb', 20, 'ra'),
      recordOf('own', 30, { parents: ['ra'] }),
    ]);
    expect(Object.fromEntries(found)).toEqual({
      base: 'yes',
      'base/a': 'yes',
      'base/a/b': 'yes',
      'base/a/c': 'no',
      root: 'no',
    });
  });

  it('are uncertain where there are fewer records than layers of these bytes', () => {
    const twins = uniteLayers([
      imageOf('x', [
        ['base', 100],
        ['a', 10],
      ]),
      imageOf('y', [
        ['base', 100],
        ['b', 10],
      ]),
    ]).layers;
    const one = layersInCache(twins, [source, shared('r', 10, 'base')]);
    expect([one.get('base/a'), one.get('base/b')]).toEqual(['maybe', 'maybe']);
    const both = layersInCache(twins, [source, shared('r', 10, 'base'), shared('s', 10, 'base')]);
    expect([both.get('base/a'), both.get('base/b')]).toEqual(['yes', 'yes']);
  });

  it('keep all that they stand on, also what has no record of its own', () => {
    const found = layersInCache(layers, [shared('rb', 20, 'forgotten')]);
    expect(Object.fromEntries(found)).toMatchObject({
      base: 'yes',
      'base/a': 'yes',
      'base/a/b': 'yes',
      'base/a/c': 'no',
    });
  });

  it('are those that the engine notes, where its files can be read', () => {
    const twins = uniteLayers([
      imageOf('x', [
        ['base', 100],
        ['a', 10],
      ]),
      imageOf('y', [
        ['base', 100],
        ['b', 10],
      ]),
    ]).layers;
    const records = [source, shared('r', 10, 'base')];
    const noted = new Map([
      ['base', 'base'],
      ['r', 'base/b'],
    ]);
    expect(Object.fromEntries(layersInCache(twins, records, noted))).toEqual({
      base: 'yes',
      'base/a': 'no',
      'base/b': 'yes',
    });
    // made since they were read: then bytes decide
    noted.delete('r');
    expect(layersInCache(twins, records, noted).get('base/a')).toBe('maybe');
  });

  it('may be any base where an image is kept that nothing was built on', () => {
    const found = layersInCache(layers, [source]);
    expect([...new Set(found.values())]).toEqual(['maybe']);
  });

  it('are none where the bytes are on something else', () => {
    const found = layersInCache(layers, [shared('first', 55), shared('rb', 20, 'first')]);
    expect([...new Set(found.values())]).toEqual(['no']);
  });

  it('are found in any answer, also one that leads in circles', () => {
    expect(layersInCache(layers, [shared('x', 10, 'y'), shared('y', 20, 'x')]).get('base/a')).toBe('no');
    expect(layersInCache([], [source]).size).toBe(0);
  });
});
