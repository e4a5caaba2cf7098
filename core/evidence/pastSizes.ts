import type { Evidence } from './evidence';

/** What is known of the sizes of layers, by their diffIDs. */
export interface PastSizes {
  /** Bytes of the engine's layers. */
  readonly layerBytes: ReadonlyMap<string, number>;
  /**
   * Bytes that the engine says of the kept results that became these layers, on overlay2: a little more than the layer's
   * files, by the texts of links. The containerd store counts what is packed as well, which says little of them.
   */
  readonly recordBytes: ReadonlyMap<string, number>;
}

/** The sizes of all layers that remembered builds left in their images. */
export function pastSizes({ layerBytes, classes, join, store }: Evidence): PastSizes {
  const recordBytes = new Map<string, number>();
  if (store !== 'graphdriver') return { layerBytes, recordBytes };
  for (const { step, keyClass } of classes.instances) {
    const { layer } = step;
    if (layer === undefined) continue;
    // several may be this one's
    const sizes = new Set([...join.records(keyClass)].map((record) => record.size));
    const [size] = sizes;
    // one whose size nobody looked at yet has a negative one
    if (size !== undefined && sizes.size === 1 && size >= 0) recordBytes.set(layer, size);
  }
  return { layerBytes, recordBytes };
}
