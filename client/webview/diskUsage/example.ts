import type { DiskReport } from '../../../core/model';

/** Several containers of one image, as the user has them: what docker prints for each, and what is on disk. */
export interface SharedExample {
  readonly image: string;
  readonly containers: number;
  /** Sum of what is printed as virtual. */
  readonly virtualBytes: number;
  /** Sum of what each has for itself. */
  readonly ownBytes: number;
  /** The image, once. */
  readonly imageBytes: number;
}

/** The image with the most containers of which sizes are known; undefined where no two share one. */
export function sharedExample({ containers, images }: DiskReport): SharedExample | undefined {
  const sizes = new Map(images.map(({ id, sizeBytes }) => [id, sizeBytes]));
  const byImage = new Map<string, SharedExample>();
  for (const { imageId, image, sizeBytes, virtualBytes } of containers) {
    const imageBytes = sizes.get(imageId);
    if (sizeBytes === null || virtualBytes === null || imageBytes === undefined) continue;
    const known = byImage.get(imageId) ?? { image, containers: 0, virtualBytes: 0, ownBytes: 0, imageBytes };
    byImage.set(imageId, {
      ...known,
      containers: known.containers + 1,
      virtualBytes: known.virtualBytes + virtualBytes,
      ownBytes: known.ownBytes + sizeBytes,
    });
  }
  const [most] = [...byImage.values()].sort((a, b) => b.containers - a.containers || b.imageBytes - a.imageBytes);
  return most !== undefined && most.containers > 1 ? most : undefined;
}
