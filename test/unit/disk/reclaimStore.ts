import type {
  DiskCacheRecord,
  DiskContainer,
  DiskImage,
  DiskLayer,
  DiskReport,
  DiskStorage,
  DiskVolume,
} from '../../../core/model';

/** A store as a test writes it: images as lists of layers, `base=100 app=10`, where equal beginnings are shared. */
export interface StoreText {
  readonly images?: Readonly<Record<string, ImageText>>;
  readonly containers?: Readonly<Record<string, Partial<DiskContainer> & { readonly of: string }>>;
  readonly records?: Readonly<Record<string, Partial<DiskCacheRecord>>>;
  readonly volumes?: Readonly<Record<string, Partial<DiskVolume>>>;
  /** By name of a layer. */
  readonly inBuildCache?: Readonly<Record<string, DiskLayer['inBuildCache']>>;
  readonly store?: DiskStorage['store'];
  readonly kind?: 'docker' | 'podman';
}

export interface ImageText extends Partial<Omit<DiskImage, 'layers'>> {
  /** `name=bytes`, lowest first; `name=?`: not known. */
  readonly layers: string;
}

/** Makes the report of a store. Ids are the names; an image with an empty list of names is dangling. */
export function reportOf(text: StoreText): DiskReport {
  const layers = new Map<string, DiskLayer & { images: string[] }>();
  const images = Object.entries(text.images ?? {}).map(([id, image]) => imageOf(id, image, text, layers));
  const parts = {
    containers: Object.entries(text.containers ?? {}).map(([id, { of, ...more }]) => containerOf(id, of, more)),
    layers: [...layers.values()],
    volumes: Object.entries(text.volumes ?? {}).map(([name, more]) => volumeOf(name, more)),
    buildCache: Object.entries(text.records ?? {}).map(([id, more]) => recordOf(id, more)),
  };
  return {
    schemaVersion: 1,
    engine: {
      kind: text.kind ?? 'docker',
      ...{
        id: 'E',
        version: '28.5.2',
        apiVersion: '1.51',
        endpoint: 'unix:///e.sock',
        isLocal: true,
        isRootless: false,
      },
    },
    storage: {
      ...{ driver: 'overlay2', root: '/var/lib/docker', counts: 'files', isRootRead: false },
      store: text.store ?? 'graph-driver',
    },
    ...{ measuredAt: '2026-01-01T00:00:00.000Z', tookMs: 1, bindMounts: [], notMeasured: [] },
    totals: {
      bytes: totalOf(parts),
      ...{ reclaimableBytes: 0, parts: [], derivation: [], virtualSum: { bytes: 0, countedAgainBytes: 0 } },
    },
    ...parts,
    images: images.map((image) => ({
      ...image,
      containers: parts.containers.filter(({ imageId }) => imageId === image.id).map(({ name }) => name),
    })),
  };
}

function totalOf({
  containers,
  layers,
  volumes,
  buildCache,
}: Pick<DiskReport, 'containers' | 'layers' | 'volumes' | 'buildCache'>): number {
  const sizes = [
    ...containers.flatMap(({ sizeBytes, logBytes, configBytes }) => [sizeBytes, logBytes, configBytes]),
    ...layers.map(({ sizeBytes }) => sizeBytes),
    ...volumes.map(({ sizeBytes }) => sizeBytes),
    ...buildCache.map(({ isShared, sizeBytes }) => (isShared ? 0 : sizeBytes)),
  ];
  return sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

function imageOf(
  id: string,
  { layers: list, ...more }: ImageText,
  { inBuildCache }: StoreText,
  layers: Map<string, DiskLayer & { images: string[] }>,
): DiskImage {
  const chains: string[] = [];
  let size = 0;
  for (const word of list.split(' ').filter((one) => one !== '')) {
    const [diffId = '', bytes = ''] = word.split('=');
    const parent = chains.at(-1) ?? '';
    const chainId = parent === '' ? diffId : `${parent}/${diffId}`;
    const sizeBytes = bytes === '?' ? null : Number(bytes);
    const known = layers.get(chainId);
    if (known === undefined) {
      const kept = inBuildCache?.[diffId] ?? 'no';
      layers.set(chainId, { chainId, diffId, parent, sizeBytes, createdBy: '', images: [id], inBuildCache: kept });
    } else known.images.push(id);
    chains.push(chainId);
    size += sizeBytes ?? 0;
  }
  return {
    ...{ id, names: [`${id}:1`], createdAt: '', sizeBytes: size, sharedBytes: null, uniqueBytes: null },
    ...{ containers: [], isIntermediate: false },
    ...more,
    layers: chains,
  };
}

function containerOf(id: string, image: string, more: Partial<DiskContainer>): DiskContainer {
  return {
    ...{ id, name: id, image: `${image}:1`, imageId: image, state: 'exited', createdAt: '', sizeBytes: 0 },
    ...{ virtualBytes: null, logBytes: 0, isLogInSize: false, configBytes: 0, checkpointBytes: 0, mounts: [] },
    ...more,
  };
}

function recordOf(id: string, more: Partial<DiskCacheRecord>): DiskCacheRecord {
  return {
    ...{ id, parents: [], type: 'regular', description: `mount / from exec ${id}`, sizeBytes: 0, isShared: false },
    ...{ isInUse: false, createdAt: '', lastUsedAt: '', usageCount: 1, mountTarget: '' },
    ...more,
  };
}

function volumeOf(name: string, more: Partial<DiskVolume>): DiskVolume {
  return {
    ...{ name, driver: 'local', createdAt: '', mountpoint: '', sizeBytes: 0, containers: [], isAnonymous: false },
    ...more,
  };
}
