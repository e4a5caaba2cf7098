import type { DiskImage } from '../model';

/** Which image was made from which, step by step (classic builder, Buildah). */
export class ImageTree {
  readonly byId: ReadonlyMap<string, DiskImage>;
  private readonly told: boolean;
  private readonly children = new Map<string, string[]>();
  /** By chain id: images that have the layer, and steps that have more on it. */
  private readonly above = new Map<string, string[]>();

  constructor(images: readonly DiskImage[]) {
    this.byId = new Map(images.map((image) => [image.id, image]));
    // an engine that tells none of any image may not tell at all
    this.told = images.some(({ parentId = '' }) => parentId !== '');
    for (const { id, parentId, layers, isIntermediate } of images) {
      if (parentId !== undefined && parentId !== '') append(this.children, parentId, id);
      if (this.told) continue;
      for (const chain of isIntermediate ? layers.slice(0, -1) : layers) append(this.above, chain, id);
    }
  }

  /**
   * Ids of images that are made from this one. Where the engine does not tell, those that have all layers of a step count
   * as made from it: each step has such an image, as the last step of all is no mere step. (Of steps with the same layers
   * nothing tells then which is made from which.)
   */
  madeFrom(image: DiskImage): readonly string[] {
    if (this.told) return this.children.get(image.id) ?? [];
    const top = image.layers.at(-1);
    return image.isIntermediate && top !== undefined ? (this.above.get(top) ?? []) : [];
  }

  /**
   * Compares for an order in which images are removed before what they are made from. Fewer layers are further below; of
   * equal ones (steps that change no file) the older.
   */
  compare(first: DiskImage, second: DiskImage): number {
    return (
      second.layers.length - first.layers.length ||
      Number(first.isIntermediate) - Number(second.isIntermediate) ||
      this.depth(second) - this.depth(first) ||
      compareText(second.createdAt, first.createdAt)
    );
  }

  private readonly depths = new Map<string, number>();

  /** Number of images below it that it is made from. */
  private depth(image: DiskImage): number {
    const path: string[] = [];
    let at: DiskImage | undefined = image;
    while (at !== undefined && !this.depths.has(at.id) && !path.includes(at.id)) {
      path.push(at.id);
      at = this.byId.get(at.parentId ?? '');
    }
    let depth = at === undefined ? -1 : (this.depths.get(at.id) ?? 0);
    for (const id of path.reverse()) this.depths.set(id, ++depth);
    return this.depths.get(image.id) ?? 0;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
