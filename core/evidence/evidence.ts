import type { BuilderInfo } from '../model';
import type { ImageInfo } from '../plan/graph';
import { KeyClasses } from './classes';
import type { Sha256 } from './facts';
import type { HeldVertices } from './heldVertices';
import { RecordJoin } from './liveness';
import type { CacheRecord, PastBuild } from './pastBuild';

/** How an engine keeps images: the containerd store keys base images by manifest first. */
export type ImageStore = 'graphdriver' | 'containerd';

/** Facts about past builds and about what is still cached, at one moment. */
export interface Evidence {
  readonly builder: BuilderInfo;
  /** `os/arch[/variant]` of the builder. */
  readonly platform: string;
  readonly store: ImageStore;
  readonly builds: readonly PastBuild[];
  readonly classes: KeyClasses;
  readonly join: RecordJoin;
  /** All cache records that are alive. */
  readonly records: readonly CacheRecord[];
  /** What running builds keep others from finding; undefined: nothing. */
  readonly held?: HeldVertices;
  /** What the builder keeps of build contexts for the next transfer. */
  readonly contextCopies: readonly CacheRecord[];
  /** Bytes of layers by diffID. */
  readonly layerBytes: ReadonlyMap<string, number>;
  /** The images that were asked for by normalised reference; undefined for one that the engine does not have. */
  readonly images: ReadonlyMap<string, ImageInfo | undefined>;
  /** Milliseconds that engine times may differ from file times, beyond the tick of the file system. */
  readonly clockMargin: number;
  /** Engine clock minus this machine's clock, in milliseconds. */
  readonly clockOffset: number;
}

/** What evidence is made of. */
export type EvidenceParts = Omit<Evidence, 'classes' | 'join' | 'contextCopies'>;

/** Results that are older than all remembered builds come from builds that nobody knows. */
function hasUnseenBuilds({ builds, records }: EvidenceParts): boolean {
  const oldest = Math.min(...builds.map(({ createdAt }) => createdAt));
  return records.some((record) => record.type === 'regular' && record.createdAt < oldest);
}

/** The names under which an image in an overlay2 store may be known: by its layers, and by its manifest where it was fetched. */
function sameLayers({ store, images }: EvidenceParts): string[][] {
  if (store !== 'graphdriver') return [];
  return [...images.values()].flatMap((image) => (image === undefined ? [] : [[image.chainId, ...image.digests]]));
}

/** Groups and joins the facts once, so that each prediction only looks them up. */
export function indexEvidence(parts: EvidenceParts, sha256: Sha256): Evidence {
  const { records } = parts;
  const classes = new KeyClasses(parts.builds, hasUnseenBuilds(parts), sameLayers(parts));
  const join = new RecordJoin(classes, records, sha256);
  const contextCopies = records.filter((record) => record.type === 'source.local');
  return { ...parts, classes, join, contextCopies };
}
