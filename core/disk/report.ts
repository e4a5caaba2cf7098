import type {
  DiskBindMount,
  DiskCacheRecord,
  DiskContainer,
  DiskImage,
  DiskLayer,
  DiskReport,
  DiskStorage,
  DiskVolume,
  NotMeasured,
} from '../model';
import { accountContainerd } from './accountContainerd';
import { accountGraphDriver, type Account, type AccountInput } from './accountGraphDriver';
import { accountPodman } from './accountPodman';
import { deriveTotal, virtualSumOf } from './derivation';
import type { ContainerFact, EngineFacts, ImageFact, RootFacts } from './facts';
import { heldLayers } from './heldLayers';
import { layersInCache } from './inBuildCache';
import { chainsOf, sum, uniteLayers } from './layerUnion';
import { unusedOf } from './unused';

/** What a report is made from. */
export interface Measurement {
  readonly facts: EngineFacts;
  /** Undefined: the data root cannot be read here. */
  readonly root: RootFacts | undefined;
  /** What the measurement itself could not read. */
  readonly notMeasured: readonly NotMeasured[];
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly tookMs: number;
}

const COUNTS: Readonly<Record<DiskStorage['store'], DiskStorage['counts']>> = {
  'graph-driver': 'files',
  containerd: 'blocks',
  podman: 'archives',
};

const ACCOUNTS: Readonly<Record<DiskStorage['store'], (input: AccountInput) => Account>> = {
  'graph-driver': accountGraphDriver,
  containerd: accountContainerd,
  podman: accountPodman,
};

/** Counts every byte of an engine once. */
export function makeReport({ facts: told, root, notMeasured, measuredAt, tookMs }: Measurement): DiskReport {
  const facts = inOrder({ ...told, cache: told.cache.map((record) => measuredRecord(record, root)) });
  const { store } = facts.storage;
  // other stores keep descriptions and packed layers beside them
  const isSizeOfLayers = store === 'graph-driver';
  const union = uniteLayers(facts.images, { known: root?.layerSizes, isSizeOfLayers });
  // in containerd the builder has copies of its own
  const joined = isSizeOfLayers ? facts.cache : [];
  const inCache = layersInCache(union.layers, joined, root?.recordLayers);
  const matched = union.layers.map((layer): DiskLayer => ({
    ...layer,
    inBuildCache: inCache.get(layer.chainId) ?? 'no',
  }));
  const layers = withDoubts(matched, joined);
  const unused = unusedOf(facts);
  const account = ACCOUNTS[store]({ facts, layers, unused, root });
  return {
    schemaVersion: 1,
    engine: facts.engine,
    storage: { ...facts.storage, counts: COUNTS[store], isRootRead: root !== undefined },
    ...{ measuredAt, tookMs },
    totals: {
      bytes: sum(account.parts.map(({ bytes }) => bytes)),
      reclaimableBytes: sum(account.parts.map(({ reclaimableBytes }) => reclaimableBytes)),
      parts: account.parts,
      derivation: deriveTotal(facts, union.sizes, account.parts),
      virtualSum: virtualSumOf(facts, union.sizes),
    },
    containers: facts.containers.map((one) => containerOf(one, root, store)),
    images: imagesOf(facts, union.sizes),
    layers,
    volumes: volumesOf(facts),
    bindMounts: bindMountsOf(facts.containers),
    buildCache: facts.cache,
    notMeasured: [...notMeasured, ...account.notMeasured],
  };
}

/**
 * A layer that a record may keep is not said to be free of all: records of what a build stands on have no size to be
 * found by, only their place above each other.
 */
function withDoubts(layers: readonly DiskLayer[], buildCache: readonly DiskCacheRecord[]): DiskLayer[] {
  const held = heldLayers({ layers, buildCache, storage: { store: 'graph-driver' } });
  return layers.map((layer) => {
    const { chainId, inBuildCache } = layer;
    if (inBuildCache !== 'no' || !held.holdersOf.has(chainId)) return layer;
    return { ...layer, inBuildCache: held.certainOf.has(chainId) ? 'yes' : 'maybe' };
  });
}

/** The newest first, as docker lists them; what was made in the same second comes from the engine in any order. */
function inOrder(facts: EngineFacts): EngineFacts {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const byAge = (
    a: { readonly createdAt: string; readonly id: string },
    b: { readonly createdAt: string; readonly id: string },
  ): number => compare(b.createdAt, a.createdAt) || compare(a.id, b.id);
  return {
    ...facts,
    images: [...facts.images].sort(byAge),
    containers: [...facts.containers].sort(byAge),
    volumes: [...facts.volumes].sort((a, b) => compare(a.name, b.name)),
    cache: [...facts.cache].sort(byAge),
  };
}

/**
 * BuildKit notes the size of a record when it is first asked for it, and not again when a later build brings a copied
 * context up to date: one of 9 MB was told as 1000 bytes (28.5.2). Its folder has the id of the record and is right.
 */
function measuredRecord(record: DiskCacheRecord, root: RootFacts | undefined): DiskCacheRecord {
  const bytes = record.isShared ? undefined : root?.layers?.byName.get(record.id);
  const layer = root?.recordLayers?.get(record.id);
  return {
    ...record,
    ...(bytes === undefined ? {} : { sizeBytes: bytes }),
    ...(layer === undefined ? {} : { layer }),
  };
}

function containerOf(
  container: ContainerFact,
  root: RootFacts | undefined,
  store: DiskStorage['store'],
): DiskContainer {
  const { id, name, image, imageId, state, createdAt, sizeBytes, virtualBytes, mounts } = container;
  const files = root?.containers.get(id);
  return {
    ...{ id, name, image, imageId, state, createdAt, sizeBytes, virtualBytes, mounts },
    logBytes: files?.log.bytes ?? null,
    isLogInSize: store === 'podman',
    configBytes: files?.config.bytes ?? null,
    checkpointBytes: files?.checkpoints.bytes ?? null,
  };
}

function imagesOf(facts: EngineFacts, sizes: ReadonlyMap<string, number>): DiskImage[] {
  const parents = new Set(facts.images.map(({ parent }) => parent));
  const isIntermediate = ({ id, names }: ImageFact): boolean => names.length === 0 && parents.has(id);
  // steps of an image go with it: they do not make its layers shared
  const users = new Map<string, number>();
  for (const image of facts.images) {
    if (isIntermediate(image)) continue;
    for (const chain of new Set(chainsOf(image))) users.set(chain, (users.get(chain) ?? 0) + 1);
  }
  const containers = namesBy(facts.containers, ({ imageId }) => [imageId]);
  return facts.images.map((image): DiskImage => {
    const layers = chainsOf(image);
    const isKnown = image.layers !== undefined && layers.every((chain) => sizes.has(chain));
    const isStep = isIntermediate(image);
    const bytesWith = (isShared: boolean): number =>
      sum(
        layers
          .filter((chain) => (users.get(chain) ?? 0) > (isStep ? 0 : 1) === isShared)
          .map((chain) => sizes.get(chain) ?? 0),
      );
    const { id, names, createdAt, sizeBytes } = image;
    return {
      ...{ id, names, createdAt, sizeBytes, layers },
      sharedBytes: isKnown ? bytesWith(true) : null,
      uniqueBytes: isKnown ? bytesWith(false) : null,
      containers: containers.get(id) ?? [],
      isIntermediate: isStep,
      parentId: image.parent,
    };
  });
}

function volumesOf({ volumes, containers }: EngineFacts): DiskVolume[] {
  const users = namesBy(containers, ({ mounts }) =>
    mounts.filter(({ kind }) => kind === 'volume').map(({ source }) => source),
  );
  return volumes.map(({ name, driver, createdAt, mountpoint, sizeBytes, isAnonymous }) => ({
    ...{ name, driver, createdAt, mountpoint, sizeBytes, isAnonymous },
    containers: users.get(name) ?? [],
  }));
}

function bindMountsOf(containers: readonly ContainerFact[]): DiskBindMount[] {
  const users = namesBy(containers, ({ mounts }) =>
    mounts.filter(({ kind }) => kind === 'bind').map(({ source }) => source),
  );
  return [...users]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, names]) => ({ source, containers: names, sizeBytes: null }));
}

/** Names of containers by what they use. */
function namesBy(
  containers: readonly ContainerFact[],
  keysOf: (container: ContainerFact) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const container of containers) {
    for (const key of new Set(keysOf(container))) {
      const list = names.get(key);
      if (list === undefined) names.set(key, [container.name]);
      else list.push(container.name);
    }
  }
  return names;
}
