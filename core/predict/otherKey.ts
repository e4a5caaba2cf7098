import type { ImageStore } from '../evidence/evidence';
import type { PastStep } from '../evidence/pastBuild';
import type { ImageInfo } from '../plan/graph';
import type { ImageOp } from '../llb/op';
import type { Open } from './open';

/** The image that an operation stands on now, with what the engine says of it. */
export interface BaseNow {
  readonly op: ImageOp;
  readonly info: ImageInfo | undefined;
}

/**
 * An image that a build fetched has two keys, its manifest and its layers (source/containerimage/pull.go CacheKey). A
 * result on it is stored under the second only if that build needed it, which nothing tells afterwards. An image in the
 * engine's own overlay2 store has only its layers, unless the Dockerfile names a manifest that was fetched before (moby
 * builder/builder-next/adapters/containerimage/pull.go resolveLocal). The provenance says the first key of each.
 *
 * @param sameLayers whether the two are known to have the same layers.
 * @returns why a result on the image of a past build may be found from the one of now although their keys differ;
 * undefined when it cannot.
 */
export function otherKey(
  { op, info }: BaseNow,
  theirs: PastStep,
  store: ImageStore,
  sameLayers: boolean,
): Open | undefined {
  const reference = theirs.imageReference ?? '';
  const byManifest = reference.endsWith(`@${theirs.imageDigest ?? ''}`);
  const bothByLayers = store === 'graphdriver' && info !== undefined && !byManifest;
  if (bothByLayers) return undefined;
  const fetched = `an earlier build had this step on ${nameOf(reference).whole} by its manifest`;
  if (sameLayers) {
    const message = `${fetched}: whether that counts for the same layers only the build tells`;
    return { code: 'record-unexplained', message, likely: false };
  }
  // a new manifest of that name has new layers, unless only the image's metadata changed
  if (!isSameName(op.ref, reference)) return undefined;
  return { code: 'base-changed', message: `${fetched}, which is another one now`, likely: true };
}

/**
 * The same for an image that the build fetches now, and of which the registry told the layers.
 *
 * @param sameLayers whether the two have the same layers; undefined when that is not known.
 */
export function fetchedKey(op: ImageOp, theirs: PastStep, sameLayers: boolean | undefined): Open | undefined {
  if (sameLayers === false) return undefined;
  const { whole } = nameOf(theirs.imageReference ?? '');
  if (sameLayers === true) {
    const message = `an earlier build had this step on the same layers: whether they count only the build tells`;
    return { code: 'record-unexplained', message, likely: false };
  }
  const likely = isSameName(op.ref, theirs.imageReference ?? '');
  const message = `an earlier build had this step on ${whole}, which may have had the same layers`;
  return { code: 'base-changed', message, likely };
}

interface Name {
  readonly whole: string;
  readonly repository: string;
  readonly tag: string;
}

function nameOf(reference: string): Name {
  const [whole = ''] = reference.split('@');
  const [, repository = whole, tag = ''] = /^(.*):([^/:]*)$/.exec(whole) ?? [];
  return { whole, repository, tag };
}

/** A name that is pinned by its digest alone may be that of any tag. */
export function isSameName(a: string, b: string): boolean {
  const [x, y] = [nameOf(a), nameOf(b)];
  return x.repository === y.repository && (x.tag === y.tag || x.tag === '' || y.tag === '');
}
