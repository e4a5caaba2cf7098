import type { ImageInfo, PlanOptions } from './graph';

/**
 * What is known of the image that a build stands on: the engine's own, if it is one of that platform, or what the
 * registry describes. With `--pull` and no word from the registry the engine's own is the best guess.
 */
export function imageFor(options: PlanOptions, reference: string, platform: string): ImageInfo | undefined {
  const own = ownImage(options, reference, platform);
  return registryImage(options, reference, platform) ?? own;
}

/** The name under which a registry's answer for an image is kept. */
export function imageName(reference: string, platform: string): string {
  return `${reference} ${platform}`;
}

/** The engine's own image, for this platform. */
export function ownImage(options: PlanOptions, reference: string, platform: string): ImageInfo | undefined {
  const info = options.image(reference);
  return info !== undefined && fitsPlatform(info.platform, platform) ? info : undefined;
}

/** The image as the registry describes it, where the registry decides; undefined when it was not asked or did not say. */
export function registryImage(options: PlanOptions, reference: string, platform: string): ImageInfo | undefined {
  if (!imageAsked(options, reference, platform)) return undefined;
  const answer = options.remotes?.images.get(imageName(reference, platform));
  return answer !== undefined && 'found' in answer ? answer.found : undefined;
}

/** Does the build ask the registry for this image? */
export function imageAsked(options: PlanOptions, reference: string, platform: string): boolean {
  return asksRegistry(options, reference) || ownImage(options, reference, platform) === undefined;
}

/** Why nobody knows which image a build will stand on, in words; undefined when it is known. */
export function undecidedImage(options: PlanOptions, reference: string, platform: string): string | undefined {
  if (!imageAsked(options, reference, platform)) return undefined;
  const answer = options.remotes?.images.get(imageName(reference, platform));
  if (answer !== undefined && 'found' in answer) return undefined;
  const why = answer === undefined ? '' : ` (${answer.failure})`;
  return ownImage(options, reference, platform) === undefined
    ? `${reference} is not on this engine for ${platform}${why}`
    : `--pull: the registry decides which image ${reference} is${why}`;
}

/** An image without a variant serves all variants of its architecture (containerd/platforms Only). */
function fitsPlatform(image: string, wanted: string): boolean {
  return image === wanted || wanted.startsWith(`${image}/`);
}

/** Does `--pull` make the registry decide which image this is? A digest says that by itself. */
function asksRegistry({ pull }: PlanOptions, reference: string): boolean {
  return pull && !reference.includes('@');
}
