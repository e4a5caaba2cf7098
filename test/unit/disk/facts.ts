import type { ContainerFact, EngineFacts, ImageFact, RootFacts, VolumeFact } from '../../../core/disk/facts';
import type { DiskCacheRecord, DiskStorage } from '../../../core/model';

/** An engine with nothing in it, and what is given instead. */
export function factsOf(some: Partial<EngineFacts> = {}, store: DiskStorage['store'] = 'graph-driver'): EngineFacts {
  return {
    engine: {
      ...{ kind: store === 'podman' ? 'podman' : 'docker', id: 'id', version: '28.5.2', apiVersion: '1.51' },
      ...{ endpoint: 'unix:///docker.sock', isLocal: true, isRootless: false },
    },
    storage: { driver: store === 'podman' ? 'overlay' : 'overlay2', root: '/var/lib/docker', store },
    ...{ imagesBytes: null, isEverythingInImages: false, images: [], containers: [], volumes: [], cache: [] },
    ...some,
  };
}

/** An image of layers, each by its name and bytes; its chain ids are the names up to there. */
export function imageOf(
  id: string,
  layers: readonly (readonly [string, number | null])[],
  some: Partial<ImageFact> = {},
): ImageFact {
  const names = layers.map(([name]) => name);
  return {
    ...{ id, names: [`${id}:1`], parent: '', createdAt: '2026-01-01T00:00:00Z' },
    sizeBytes: layers.reduce((sum, [, bytes]) => sum + (bytes ?? 0), 0),
    layers: layers.map(([diffId, sizeBytes], index) => ({
      ...{ chainId: names.slice(0, index + 1).join('/'), diffId, sizeBytes, createdBy: `make ${diffId}` },
    })),
    ...some,
  };
}

export function containerOf(
  name: string,
  image: string,
  bytes: number | null,
  some: Partial<ContainerFact> = {},
): ContainerFact {
  return {
    ...{ id: `id-${name}`, name, image: `${image}:1`, imageId: image, state: 'running', createdAt: '' },
    ...{ sizeBytes: bytes, virtualBytes: null, logDriver: 'json-file', mounts: [] },
    ...some,
  };
}

export function volumeOf(name: string, sizeBytes: number | null, some: Partial<VolumeFact> = {}): VolumeFact {
  return {
    name,
    sizeBytes,
    driver: 'local',
    createdAt: '',
    mountpoint: '',
    isAnonymous: false,
    isElsewhere: false,
    ...some,
  };
}

export function recordOf(id: string, sizeBytes: number, some: Partial<DiskCacheRecord> = {}): DiskCacheRecord {
  return {
    ...{ id, sizeBytes, parents: [], type: 'regular', description: `made ${id}`, isShared: false, isInUse: false },
    ...{ createdAt: '', lastUsedAt: '', usageCount: 1, mountTarget: '' },
    ...some,
  };
}

/** A data root with nothing in it, and what is given instead. */
export function rootOf(some: Partial<RootFacts> = {}): RootFacts {
  return {
    ...{ blocks: 0, directories: [], unreadable: [], containers: new Map(), writable: new Map(), volumes: new Map() },
    ...{ layers: undefined, layerSizes: new Map(), containerd: undefined },
    ...some,
  };
}
