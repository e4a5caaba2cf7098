import type { ImageInfo, PlanOptions } from './graph';

/** What the engine says of an image, if it is one of that platform: for another platform the registry is asked. */
export function imageFor(options: PlanOptions, reference: string, platform: string): ImageInfo | undefined {
  const info = options.image(reference);
  return info !== undefined && fitsPlatform(info.platform, platform) ? info : undefined;
}

/** An image without a variant serves all variants of its architecture (containerd/platforms Only). */
function fitsPlatform(image: string, wanted: string): boolean {
  return image === wanted || wanted.startsWith(`${image}/`);
}

/** Does `--pull` make the registry decide which image this is? A digest says that by itself. */
export function asksRegistry({ pull }: PlanOptions, reference: string): boolean {
  return pull && !reference.includes('@');
}
