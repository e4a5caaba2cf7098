import type { DiskLayer } from '../model';
import type { ImageFact, LayerFact } from './facts';

/** The layers of all images, each once, lowest ones first. */
export interface LayerUnion {
  readonly layers: readonly Omit<DiskLayer, 'inBuildCache'>[];
  /** By chain id. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Layers whose bytes no image tells. */
  readonly unknown: number;
}

interface UnionOptions {
  /** Bytes by chain id from the store itself, where it could be read. */
  readonly known?: ReadonlyMap<string, number> | undefined;
  /** The size of an image is that of its layers and of nothing else. */
  readonly isSizeOfLayers?: boolean;
}

/**
 * Puts the layers of images together. A layer is the same one only on the same layers (OCI image-spec config.md, chain
 * ID): that is how stores keep them.
 */
export function uniteLayers(
  images: readonly ImageFact[],
  { known = new Map(), isSizeOfLayers = true }: UnionOptions = {},
): LayerUnion {
  const layers = new Map<string, Omit<DiskLayer, 'inBuildCache'> & { images: string[] }>();
  const sizes = new Map(known);
  for (const image of images) {
    let parent = '';
    for (const { chainId, diffId, sizeBytes, createdBy } of image.layers ?? []) {
      const found = layers.get(chainId);
      if (found === undefined)
        layers.set(chainId, { ...{ chainId, diffId, parent, sizeBytes, createdBy }, images: [image.id] });
      // images come one after the other
      else if (found.images.at(-1) !== image.id) found.images.push(image.id);
      if (sizeBytes !== null && !sizes.has(chainId)) sizes.set(chainId, sizeBytes);
      parent = chainId;
    }
  }
  if (isSizeOfLayers) for (const image of images) completeByTotal(image, sizes);
  const list = [...layers.values()].map((layer) => ({ ...layer, sizeBytes: sizes.get(layer.chainId) ?? null }));
  const own = new Map(list.flatMap(({ chainId, sizeBytes }) => (sizeBytes === null ? [] : [[chainId, sizeBytes]])));
  return { layers: list, sizes: own, unknown: list.length - own.size };
}

/** One layer that is not known is what is left. */
function completeByTotal(image: ImageFact, sizes: Map<string, number>): void {
  const missing = (image.layers ?? []).filter(({ chainId }) => !sizes.has(chainId));
  const [only] = missing;
  if (only === undefined || missing.length > 1) return;
  const others = sum((image.layers ?? []).map(({ chainId }) => sizes.get(chainId) ?? 0));
  if (image.sizeBytes >= others) sizes.set(only.chainId, image.sizeBytes - others);
}

/** Bytes of these layers, each once; those that are not known count nothing. */
export function bytesOfLayers(chains: Iterable<string>, sizes: ReadonlyMap<string, number>): number {
  let bytes = 0;
  for (const chain of new Set(chains)) bytes += sizes.get(chain) ?? 0;
  return bytes;
}

/** Chain ids of an image's layers, lowest first. */
export function chainsOf(image: { readonly layers: readonly LayerFact[] | undefined } | undefined): readonly string[] {
  return (image?.layers ?? []).map(({ chainId }) => chainId);
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
