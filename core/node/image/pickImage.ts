import type { ImageDescription } from '../../image/manifest';
import type { ReadLayer } from './layerReader';
import { ImageError } from './openImage';

/** Is this the platform that is wanted? Without a variant each of them is. */
export function isPlatform(platform: string, wanted: string | undefined): boolean {
  return wanted === undefined || platform === wanted || platform.startsWith(`${wanted}/`);
}

/** Chooses the image that is meant. Fails when there is none or none of that name or platform, and says which there are. */
export function pickImage(
  where: string,
  images: readonly ImageDescription[],
  problems: readonly string[],
  wanted: { readonly platform?: string | undefined; readonly image?: string | undefined },
): ImageDescription {
  const fitting = images.filter(
    ({ platform, names, id }) =>
      isPlatform(platform, wanted.platform) &&
      (wanted.image === undefined || names.includes(wanted.image) || id === wanted.image),
  );
  const [image] = fitting;
  if (image !== undefined) return image;
  if (images.length === 0) {
    const why = problems.length === 0 ? '' : `: ${problems.join('; ')}`;
    throw new ImageError(`${where} holds no image that can be read${why}`);
  }
  const there = images.map(({ names, platform }) => `${names.join(', ') || '(no name)'} ${platform}`).join('; ');
  throw new ImageError(`${where} has no such image; there is: ${there}`);
}

/** Says which images there are beside the one that was taken, where nobody said which one. */
export function otherImages(
  images: readonly ImageDescription[],
  taken: ImageDescription,
  wanted: { readonly platform?: string | undefined; readonly image?: string | undefined },
): string[] {
  const others = images.filter(({ id }) => id !== taken.id);
  if (others.length === 0 || wanted.image !== undefined || wanted.platform !== undefined) return [];
  const names = others.map(({ names: own, platform }) => `${own.join(', ') || '(no name)'} ${platform}`).join('; ');
  return [`there are other images as well, which can be named: ${names}`];
}

/** The layers of an image in their order. Fails when one is missing; what is wrong with one is said. */
export function layersOf<L extends ReadLayer>(
  where: string,
  { layers }: ImageDescription,
  found: ReadonlyMap<string, L>,
): { readonly layers: readonly L[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const list = layers.map(({ blob, diffId }, index) => {
    const layer = found.get(blob);
    if (layer === undefined) throw new ImageError(`${where} lacks its layer ${index + 1} of ${layers.length}: ${blob}`);
    const name = `layer ${index + 1} (${blob})`;
    for (const { message } of layer.problems) problems.push(`${name}: ${message}`);
    if (layer.diffId !== undefined && diffId !== '' && layer.diffId !== diffId) {
      problems.push(`${name}: its content has the digest ${layer.diffId}, the image says ${diffId}`);
    }
    return layer;
  });
  return { layers: list, problems };
}

/** Can what was read of a layer be relied on? Entries that no file system can hold change nothing. */
export function isWholeLayer({ problems, diffId }: ReadLayer, named: string): boolean {
  return (
    problems.every(({ code }) => code === 'odd-entry') && (diffId === undefined || named === '' || diffId === named)
  );
}
