import { describe, expect, it } from 'vitest';
import { baseOf, sharingOf } from '../../../core/image/sharing';

const BYTES: Readonly<Record<string, number>> = { base: 100, a: 10, b: 20, top: 1 };
const bytesOf = (diffId: string): number | undefined => BYTES[diffId];
const image = (id: string, ...diffIds: readonly string[]) => ({ id, diffIds, names: [`${id}:1`] });

describe('what images share', () => {
  const images = [image('base', 'base'), image('one', 'base', 'a', 'top'), image('two', 'base', 'a', 'b')];
  const sharing = sharingOf(images, bytesOf);

  it('are the layers that both have on the same layers', () => {
    expect(sharing.get('one')).toEqual({
      ...{ uniqueBytes: 1, sharedBytes: 110, unknownLayers: 0 },
      with: [
        { id: 'two', layers: 2, bytes: 110 },
        { id: 'base', layers: 1, bytes: 100 },
      ],
    });
    expect(sharing.get('base')).toMatchObject({ uniqueBytes: 0, sharedBytes: 100 });
  });

  it('are not equal layers on other ones: a store keeps them twice', () => {
    const twice = sharingOf([image('x', 'a', 'b'), image('y', 'b', 'a')], bytesOf);
    expect(twice.get('x')).toEqual({ uniqueBytes: 30, sharedBytes: 0, unknownLayers: 0, with: [] });
  });

  it('count each layer of an image, also one that it has twice', () => {
    expect(sharingOf([image('x', 'a', 'a')], bytesOf).get('x')).toMatchObject({ uniqueBytes: 20, sharedBytes: 0 });
  });

  it('say how many sizes are not known instead of counting them as nothing', () => {
    expect(sharingOf([image('x', 'a', '?')], bytesOf).get('x')).toMatchObject({ uniqueBytes: 10, unknownLayers: 1 });
  });
});

describe('the base of an image', () => {
  const top = image('top', 'base', 'a', 'top');

  it('is the named image with most of its first layers', () => {
    const images = [image('base', 'base'), image('mid', 'base', 'a'), top, image('other', 'base', 'b')];
    expect(baseOf(top, images)?.id).toBe('mid');
  });

  it('has a name, layers, and fewer of them', () => {
    expect(
      baseOf(top, [{ ...image('mid', 'base', 'a'), names: [] }, image('none'), { ...top, id: 'twin' }]),
    ).toBeUndefined();
  });
});
