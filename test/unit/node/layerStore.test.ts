import { describe, expect, it } from 'vitest';
import { LayerStore } from '../../../core/node/store/layerStore';
import { folderOf } from './folder';

describe('sizes of layers', () => {
  it('are asked for once for each image, also by the next run', async () => {
    const folder = folderOf();
    const asked: string[] = [];
    const read = (image: string) => {
      asked.push(image);
      return Promise.resolve({ [`layer of ${image}`]: 7 });
    };
    await new LayerStore(folder).load(['a', 'b'], read, 10);
    const sizes = await new LayerStore(folder).load(['b', 'c'], read, 10);
    expect(asked).toEqual(['a', 'b', 'c']);
    expect([...sizes.keys()].sort()).toEqual(['layer of a', 'layer of b', 'layer of c']);
  });

  it('are asked for again where the engine did not answer, and those of other images are not lost for it', async () => {
    const store = new LayerStore(folderOf());
    let isThere = false;
    const read = (image: string) =>
      image === 'a' && !isThere ? Promise.reject(new Error('timed out')) : Promise.resolve({ [image]: 7 });
    expect([...(await store.load(['a', 'b'], read, 10))]).toEqual([['b', 7]]);
    isThere = true;
    expect((await store.load(['a', 'b'], read, 10)).get('a')).toBe(7);
  });
});
