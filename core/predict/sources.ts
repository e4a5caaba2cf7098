import type { Evidence } from '../evidence/evidence';
import type { Sha256 } from '../evidence/facts';
import type { PastStep } from '../evidence/pastBuild';
import { gitKey, type WantedImage } from '../evidence/remotes';
import { fileKey, pinnedKey } from '../llb/fetchedKey';
import type { ImageOp, OpaqueOp, RemoteOp } from '../llb/op';
import { IMAGE_MODES, imageVertexDigest } from '../llb/vertexDigest';
import type { ImageInfo, PlanOptions, Vertex } from '../plan/graph';
import { imageFor, registryImage, undecidedImage } from '../plan/images';
import type { Evaluation } from './evaluate';
import { opaque, type Open } from './open';
import { fetchedKey, isSameName, otherKey } from './otherKey';

type SourceEvaluation = Partial<Pick<Evaluation, 'classes' | 'open'>>;

/** What the evidence and the network say of a source that is not the build context. */
export function sourceEvaluation(
  vertex: Vertex,
  options: PlanOptions,
  evidence: Evidence,
  sha256: Sha256,
): SourceEvaluation {
  switch (vertex.op.kind) {
    case 'image':
      return image(vertex.op, options, evidence, sha256);
    case 'remote':
      return remote(vertex.op, options, evidence);
    case 'opaque':
      return repository(vertex.op, options, evidence) ?? { open: opaque(vertex) };
    default:
      return {};
  }
}

/** A checksum says what a URL holds, and so whether it was fetched before; otherwise the network does, if it was asked. */
function remote(op: RemoteOp, { remotes }: PlanOptions, { classes }: Evidence): SourceEvaluation {
  const pinned = pinnedKey(op);
  if (pinned !== undefined) {
    const known = classes.fetched(pinned);
    return known === undefined
      ? { open: dependsOnNetwork(`no remembered build fetched ${op.url} with this checksum`) }
      : { classes: new Set([known]) };
  }
  const answer = remotes?.files.get(op.url);
  if (answer === undefined) return { open: dependsOnNetwork(`what ${op.url} holds now decides`) };
  if ('failure' in answer) {
    return { open: dependsOnNetwork(`what ${op.url} holds now decides (${answer.failure})`) };
  }
  const { digest, hasEtag } = answer.found;
  const known = classes.fetched(fileKey(op.filename, digest));
  // steps take it by its content, so that it does not matter that the key has the time of its last change as well
  if (known !== undefined) return { classes: new Set([known]) };
  if (!hasEtag) return {};
  // a builder takes the server's word that a version is still good (source/http/source.go CacheKey, If-None-Match)
  const message = `${op.url} holds something else now, unless the server calls it the version of an earlier build`;
  return { open: { code: 'network-dependent', message, likely: true } };
}

function dependsOnNetwork(message: string): Open {
  return { code: 'network-dependent', message, likely: false };
}

/** A git repository of which the server said where a name is. */
function repository(op: OpaqueOp, options: PlanOptions, { classes }: Evidence): SourceEvaluation | undefined {
  const key = gitKey(op, options);
  if (key === undefined) return undefined;
  const known = classes.fetched(key);
  if (known !== undefined) return { classes: new Set([known]) };
  const [, commit = ''] = key.split(' ');
  const message = `${op.text} is at ${commit.slice(0, 12)} now: whether it has the same files only the build tells`;
  return { open: { code: 'network-dependent', message, likely: true } };
}

function image(op: ImageOp, options: PlanOptions, evidence: Evidence, sha256: Sha256): SourceEvaluation {
  const { ref: reference, platform } = op;
  const { classes, store } = evidence;
  const undecided = undecidedImage(options, reference, platform);
  const info = imageFor(options, reference, platform);
  if (undecided !== undefined) {
    if (info !== undefined) return { open: { code: 'network-dependent', message: undecided, likely: false } };
    // a digest says which image it will be
    const [, digest = ''] = reference.split('@');
    const pinned = classes.imageFor(digest, platform);
    if (pinned !== undefined) return { classes: new Set([pinned]) };
    return { open: { code: 'image-not-local', message: `${undecided}, the build will fetch it`, likely: false } };
  }
  if (info === undefined) return {};
  const byManifest = info.digests
    .map((digest) => classes.imageFor(digest, platform))
    .filter((one) => one !== undefined);
  if (registryImage(options, reference, platform) !== undefined) {
    if (byManifest.length > 0) return { classes: new Set(byManifest) };
    const byLayers = classes.image(info.chainId);
    const counts = byLayers !== undefined && !mayBeFetched(op, info, evidence, sha256);
    return { classes: new Set(counts ? [byLayers] : []) };
  }
  if (store === 'graphdriver') {
    const known = classes.image(info.chainId);
    return { classes: new Set(known === undefined ? [] : [known]) };
  }
  if (byManifest.length > 0) return { classes: new Set(byManifest) };
  // the same layers under another manifest hit only where the child was not first built on a cached base
  const message = `${reference} has a manifest that no remembered build used`;
  return { open: { code: 'base-changed', message, likely: false } };
}

/**
 * An image that is fetched is looked up by its manifest, and by its layers only as long as there is no result under the
 * manifest (solver/edge.go unpark: another key is asked for while `cacheRecords` is empty). So the layers count for
 * certain only if no build can have fetched this manifest before.
 */
function mayBeFetched(op: ImageOp, { digests }: ImageInfo, evidence: Evidence, sha256: Sha256): boolean {
  const { classes, builds, records, store } = evidence;
  if (digests.some((digest) => classes.isUsed(digest))) return true;
  const loose = builds.filter(({ steps }) => steps.length === 0).flatMap((build) => build.loose);
  if (store !== 'graphdriver') return classes.hasUnseen || loose.length > 0;
  // what was fetched tells where from, unless its layers had been fetched before under another name
  const fetched = records.map(({ description }) => description).filter((text) => text.startsWith('pulled from '));
  if (fetched.some((text) => digests.some((digest) => text.endsWith(`@${digest}`)))) return true;
  const hasUnknown = classes.hasUnseen || loose.some(({ kind }) => kind === 'unknown');
  if (hasUnknown && fetched.some((text) => !classes.isUsed(text.slice(text.indexOf('@') + 1)))) return true;
  // a failed build says which images it asked for: the frontend puts the digest into the name
  const pinned = digests.flatMap((digest) =>
    IMAGE_MODES.map((mode) => imageVertexDigest({ ...op, ref: `${op.ref}@${digest}` }, mode, sha256)),
  );
  return loose.some(({ vertexDigest }) => pinned.includes(vertexDigest));
}

/**
 * Whether a past step on an image may be found from an image of now although their keys differ; undefined where both
 * are no images.
 *
 * @param same whether the two classes may be one.
 */
export function sourceMatch(
  { op }: Vertex,
  theirs: PastStep,
  same: boolean,
  options: PlanOptions,
  evidence: Evidence,
): Open | 'no' | undefined {
  if (op.kind !== 'image' || theirs.kind !== 'image') return undefined;
  const served = registryImage(options, op.ref, op.platform);
  if (served === undefined) {
    const info = imageFor(options, op.ref, op.platform);
    return otherKey({ op, info }, theirs, evidence.store, same) ?? 'no';
  }
  const chain = chainOf(theirs, served, options, evidence);
  const isSame = chain === undefined ? (same ? true : undefined) : chain === served.chainId;
  return fetchedKey(op, theirs, isSame) ?? 'no';
}

/** The layers of the image of a past build, by the digest that it noted: of its manifest, or of the layers themselves. */
function chainOf(
  { imageReference = '', imageDigest = '' }: PastStep,
  served: ImageInfo,
  { remotes }: PlanOptions,
  { images, store }: Evidence,
): string | undefined {
  // the engine's own image in an overlay2 store is noted by its layers
  if (store === 'graphdriver' && !imageReference.endsWith(`@${imageDigest}`)) return imageDigest;
  const answered = [...(remotes?.images.values() ?? [])].flatMap((answer) => ('found' in answer ? [answer.found] : []));
  const known = [served, ...answered, ...images.values()];
  return known.find((info) => info?.digests.includes(imageDigest))?.chainId;
}

/** Earlier images of one name whose layers are asked for. */
const MOST_EARLIER = 3;

/**
 * Images that earlier builds fetched under the names that are another image now, by their digests: whether these had
 * the same layers decides for certain.
 */
export function earlierImages(wanted: readonly WantedImage[], options: PlanOptions, evidence: Evidence): WantedImage[] {
  const newest = [...evidence.builds].sort((a, b) => b.createdAt - a.createdAt).flatMap(({ steps }) => steps);
  return wanted.flatMap(({ reference, platform }) => {
    const served = registryImage(options, reference, platform);
    if (served === undefined) return [];
    const references = newest
      .filter((step) => step.imagePlatform === platform && isSameName(step.imageReference ?? '', reference))
      .flatMap((step) =>
        chainOf(step, served, { ...options, remotes: undefined }, evidence) === undefined ? pinned(step) : [],
      );
    return [...new Set(references)].slice(0, MOST_EARLIER).map((earlier) => ({ reference: earlier, platform }));
  });
}

function pinned({ imageReference, imageDigest }: PastStep): string[] {
  const [name] = imageReference?.split('@') ?? [];
  return name === undefined || imageDigest === undefined ? [] : [`${name}@${imageDigest}`];
}
