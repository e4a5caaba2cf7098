/** An image with the layers that it consists of. */
export interface SharingImage {
  readonly id: string;
  readonly diffIds: readonly string[];
}

/** What an image shares with others, in bytes of layers. */
export interface ImageSharing {
  /** Bytes of layers that no other image has: what removing it alone would free of its layers. */
  readonly uniqueBytes: number;
  readonly sharedBytes: number;
  /** Layers whose bytes are not known. */
  readonly unknownLayers: number;
  /** Images that share layers, those with most bytes in common first. */
  readonly with: readonly { readonly id: string; readonly layers: number; readonly bytes: number }[];
}

/**
 * Says what images share. A layer is the same one only on the same layers: that is how stores keep them (OCI image-spec
 * config.md, chain ID), so that equal layers on different ones are kept twice.
 */
export function sharingOf(
  images: readonly SharingImage[],
  bytesOf: (diffId: string) => number | undefined,
): ReadonlyMap<string, ImageSharing> {
  const users = new Map<string, string[]>();
  const chains = new Map(images.map(({ id, diffIds }) => [id, chainsOf(diffIds)]));
  for (const [id, list] of chains) {
    for (const chain of new Set(list)) users.set(chain, [...(users.get(chain) ?? []), id]);
  }
  return new Map(images.map((image) => [image.id, sharing(image, chains.get(image.id) ?? [], users, bytesOf)]));
}

function sharing(
  { id, diffIds }: SharingImage,
  chains: readonly string[],
  users: ReadonlyMap<string, readonly string[]>,
  bytesOf: (diffId: string) => number | undefined,
): ImageSharing {
  let [uniqueBytes, sharedBytes, unknownLayers] = [0, 0, 0];
  const others = new Map<string, { layers: number; bytes: number }>();
  for (const [index, chain] of chains.entries()) {
    const known = bytesOf(diffIds[index] ?? '');
    if (known === undefined) unknownLayers++;
    const bytes = known ?? 0;
    const sharers = (users.get(chain) ?? []).filter((one) => one !== id);
    if (sharers.length === 0) uniqueBytes += bytes;
    else sharedBytes += bytes;
    for (const other of sharers) {
      const sum = others.get(other) ?? { layers: 0, bytes: 0 };
      others.set(other, { layers: sum.layers + 1, bytes: sum.bytes + bytes });
    }
  }
  const list = [...others].map(([other, sum]) => ({ id: other, ...sum }));
  list.sort((a, b) => b.bytes - a.bytes || b.layers - a.layers || (a.id < b.id ? -1 : 1));
  return { uniqueBytes, sharedBytes, unknownLayers, with: list };
}

/** A name for each layer together with all below it. */
function chainsOf(diffIds: readonly string[]): string[] {
  let below = '';
  return diffIds.map((diffId) => (below += `${diffId} `));
}

/** The named image that another one was built on: the one with the most of its first layers; undefined when none is there. */
export function baseOf<I extends SharingImage & { readonly names: readonly string[] }>(
  image: SharingImage,
  images: readonly I[],
): I | undefined {
  let base: I | undefined;
  for (const one of images) {
    const isBelow =
      one.id !== image.id &&
      one.names.length > 0 &&
      one.diffIds.length > 0 &&
      one.diffIds.length < image.diffIds.length &&
      one.diffIds.every((diffId, index) => diffId === image.diffIds[index]);
    if (isBelow && one.diffIds.length > (base?.diffIds.length ?? 0)) base = one;
  }
  return base;
}
