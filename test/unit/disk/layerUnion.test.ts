import { describe, expect, it } from 'vitest';
import { uniteLayers } from '../../../core/disk/layerUnion';
import { imageOf } from './facts';

describe('the layers of all images', () => {
  it('are each there once, with the images that have them', () => {
    const { layers, unknown } = uniteLayers([
      imageOf('one', [
        ['base', 100],
        ['a', 10],
      ]),
      imageOf('two', [
        ['base', 100],
        ['b', 20],
      ]),
    ]);
    expect(layers.map(({ chainId, sizeBytes, images, parent }) => [chainId, sizeBytes, images, parent])).toEqual([
      ['base', 100, ['one', 'two'], ''],
      ['base/a', 10, ['one'], 'base'],
      ['base/b', 20, ['two'], 'base'],
    ]);
    expect(unknown).toBe(0);
  });

  it('are two if they are on different layers', () => {
    const { layers } = uniteLayers([
      imageOf('one', [
        ['a', 1],
        ['b', 2],
      ]),
      imageOf('two', [
        ['b', 2],
        ['a', 1],
      ]),
    ]);
    expect(layers).toHaveLength(4);
  });

  it('get bytes that one image does not tell from another, or from what is left of the whole', () => {
    const one = imageOf(
      'one',
      [
        ['base', null],
        ['a', 10],
      ],
      { sizeBytes: 110 },
    );
    const two = imageOf(
      'two',
      [
        ['base', null],
        ['b', null],
      ],
      { sizeBytes: 150 },
    );
    const { layers, unknown } = uniteLayers([one, two]);
    expect(layers.map(({ sizeBytes }) => sizeBytes)).toEqual([100, 10, 50]);
    expect(unknown).toBe(0);
  });

  it('are not what is left of an image that has more than layers', () => {
    const packed = imageOf('one', [['base', null]], { sizeBytes: 110 });
    expect(uniteLayers([packed], { isSizeOfLayers: false }).unknown).toBe(1);
  });

  it('stay unknown where nothing tells', () => {
    const { layers, unknown } = uniteLayers([
      imageOf(
        'one',
        [
          ['a', null],
          ['b', null],
        ],
        { sizeBytes: 5 },
      ),
    ]);
    expect(layers.map(({ sizeBytes }) => sizeBytes)).toEqual([null, null]);
    expect(unknown).toBe(2);
  });

  it('have the bytes that the store notes', () => {
    const { sizes } = uniteLayers(
      [
        imageOf('one', [
          ['a', null],
          ['b', null],
        ]),
      ],
      {
        known: new Map([
          ['a', 3],
          ['a/b', 4],
          ['other', 9],
        ]),
      },
    );
    expect([...sizes]).toEqual([
      ['a', 3],
      ['a/b', 4],
    ]);
  });
});
