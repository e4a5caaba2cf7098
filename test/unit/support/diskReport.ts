import type { DiskContainer, DiskImage, DiskLayer, DiskReport, DiskVolume } from '../../../core/model';

/** A container, everything of it that a test does not care about filled in. */
export function diskContainer(some: Partial<DiskContainer> & Pick<DiskContainer, 'name'>): DiskContainer {
  return {
    ...{ id: `c-${some.name}`, image: 'web:1', imageId: 'sha256:web', state: 'running' },
    ...{ createdAt: '2026-01-02T03:04:05Z', sizeBytes: 0, virtualBytes: 0, logBytes: 0, isLogInSize: false },
    ...{ configBytes: 5000, checkpointBytes: 0, mounts: [] },
    ...some,
  };
}

function image(name: string, some: Partial<DiskImage>): DiskImage {
  return {
    ...{ id: `sha256:${name}`, names: [`${name}:1`], createdAt: '2026-01-01T00:00:00Z', sizeBytes: 0 },
    ...{ sharedBytes: 0, uniqueBytes: 0, layers: [], containers: [], isIntermediate: false },
    ...some,
  };
}

function layer(chainId: string, sizeBytes: number | null, images: readonly string[], createdBy: string): DiskLayer {
  return { chainId, diffId: `diff-${chainId}`, parent: '', sizeBytes, createdBy, images, inBuildCache: 'no' };
}

function volume(name: string, sizeBytes: number | null, containers: readonly string[] = []): DiskVolume {
  const mountpoint = `/var/lib/docker/volumes/${name}/_data`;
  return {
    name,
    sizeBytes,
    containers,
    driver: 'local',
    createdAt: '2026-01-01T00:00:00Z',
    mountpoint,
    isAnonymous: false,
  };
}

/** The textbook case and one of everything: five containers of one image, each with tens of kilobytes of its own. */
export function textbookReport(): DiskReport {
  const imageBytes = 190_000_000;
  const names = ['one', 'two', 'three', 'four', 'five'];
  const containers = names.map((name, index) => {
    const sizeBytes = 10_000 * (index + 1);
    return diskContainer({
      name,
      sizeBytes,
      virtualBytes: imageBytes + sizeBytes,
      logBytes: index === 0 ? 6_000_000 : 0,
    });
  });
  const writable = 150_000;
  const idle = diskContainer({
    ...{ name: 'idle', image: 'tools:1', imageId: 'sha256:tools', state: 'exited', sizeBytes: 2_000_000 },
    ...{ virtualBytes: 92_000_000, logBytes: null },
    mounts: [{ kind: 'bind', source: '/home/user/src', destination: '/src', isReadOnly: false }],
  });
  return {
    schemaVersion: 1,
    engine: {
      ...{ kind: 'docker', id: 'ENGINE', version: '28.5.2', apiVersion: '1.51' },
      ...{ endpoint: 'unix:///var/run/docker.sock', isLocal: true, isRootless: false },
    },
    storage: { driver: 'overlay2', root: '/var/lib/docker', store: 'graph-driver', counts: 'files', isRootRead: true },
    measuredAt: '2026-11-30T01:02:03.000Z',
    tookMs: 1240,
    totals: {
      bytes: 318_180_000,
      reclaimableBytes: 32_000_000,
      parts: [
        {
          kind: 'layers',
          label: 'Layers of images',
          bytes: 230_000_000,
          basis: 'exact',
          reclaimableBytes: 20_000_000,
          directory: 'overlay2',
        },
        {
          kind: 'writable-layers',
          label: 'Writable layers',
          bytes: writable + 2_000_000,
          basis: 'exact',
          reclaimableBytes: 2_000_000,
          directory: 'overlay2',
        },
        {
          kind: 'build-cache',
          label: 'Build cache',
          bytes: 10_000_000,
          basis: 'measured',
          reclaimableBytes: 10_000_000,
        },
        {
          kind: 'volumes',
          label: 'Volumes',
          bytes: 70_000_000,
          basis: 'measured',
          reclaimableBytes: 0,
          directory: 'volumes',
        },
        { kind: 'logs', label: 'Logs', bytes: 6_000_000, basis: 'exact', reclaimableBytes: 0, directory: 'containers' },
        { kind: 'container-files', label: 'Files of containers', bytes: 30_000, basis: 'exact', reclaimableBytes: 0 },
      ],
      derivation: [
        { sign: '+', label: 'Images, each layer once', bytes: 230_000_000, note: 'docker system df, row Images' },
        {
          sign: '+',
          label: '6 x writable layers',
          bytes: writable + 2_000_000,
          note: 'column SIZE of docker ps -s, without “virtual”',
        },
        { sign: '+', label: 'Build cache of its own', bytes: 10_000_000, note: 'shared records are layers of images' },
        { sign: '+', label: 'Volumes', bytes: 70_000_000, note: '' },
        { sign: '+', label: 'Logs and files of containers', bytes: 6_030_000, note: 'docker prints them nowhere' },
        { sign: '=', label: 'On disk', bytes: 318_180_000, note: '' },
      ],
      virtualSum: { bytes: 5 * imageBytes + writable + 92_000_000, countedAgainBytes: 4 * imageBytes + 50_000_000 },
    },
    containers: [...containers, idle],
    images: [
      image('web', {
        sizeBytes: imageBytes,
        sharedBytes: 50_000_000,
        uniqueBytes: 140_000_000,
        layers: ['base', 'web'],
        containers: names,
      }),
      image('tools', {
        sizeBytes: 90_000_000,
        sharedBytes: 50_000_000,
        uniqueBytes: 40_000_000,
        layers: ['base', 'tools'],
        containers: ['idle'],
      }),
      image('old', { names: [], sizeBytes: 50_000_000, sharedBytes: 50_000_000, uniqueBytes: 0, layers: ['base'] }),
    ],
    layers: [
      layer('base', 50_000_000, ['sha256:web', 'sha256:tools', 'sha256:old'], 'ADD rootfs.tar.gz /'),
      layer('web', 140_000_000, ['sha256:web'], 'RUN apt-get install nginx'),
      layer('tools', 40_000_000, ['sha256:tools'], 'COPY tools/ /usr/local/bin/'),
    ],
    volumes: [volume('data', 60_000_000, ['one']), volume('old-data', 10_000_000), volume('remote', null)],
    bindMounts: [{ source: '/home/user/src', containers: ['idle'], sizeBytes: null }],
    buildCache: [
      {
        ...{ id: 'rec1', parents: [], type: 'regular', description: '[build 2/4] RUN npm ci', sizeBytes: 6_000_000 },
        ...{ isShared: false, isInUse: false, createdAt: '2026-01-01T00:00:00Z', lastUsedAt: '2026-01-03T00:00:00Z' },
        ...{ usageCount: 3, mountTarget: '' },
      },
      {
        ...{
          id: 'rec2',
          parents: [],
          type: 'exec.cachemount',
          description: 'cached mount /root/.npm',
          sizeBytes: 4_000_000,
        },
        ...{ isShared: false, isInUse: false, createdAt: '2026-01-01T00:00:00Z', lastUsedAt: '' },
        ...{ usageCount: 1, mountTarget: '/root/.npm' },
      },
      {
        ...{
          id: 'rec3',
          parents: ['rec1'],
          type: 'regular',
          description: 'RUN apt-get install nginx',
          sizeBytes: 140_000_000,
        },
        ...{ isShared: true, isInUse: false, createdAt: '2026-01-01T00:00:00Z', lastUsedAt: '' },
        ...{ usageCount: 1, mountTarget: '' },
      },
    ],
    notMeasured: [
      {
        what: 'Logs of container idle',
        why: 'They are readable by root only.',
        remedy: 'Run the editor’s server as a member of the group docker.',
      },
      { what: 'Volume remote', why: 'Its driver tells no size.', remedy: '' },
    ],
  };
}

/** A large engine, made up from numbers so that every run has the same. */
export function largeReport(layers: number, containers: number, volumes: number): DiskReport {
  const of = (count: number, size: number) =>
    Array.from({ length: count }, (_, index) => size * (1 + ((index * 7919) % 1009)));
  const images = Array.from({ length: Math.ceil(layers / 10) }, (_, index) =>
    image(`app-${index}`, { sizeBytes: 10_000_000, layers: [`l${index}`], containers: [] }),
  );
  const allLayers = of(layers, 10_000).map((bytes, index) => {
    const users = index % 10 === 0 ? [index, index + 10] : [index];
    const ids = users.map((user) => images[Math.floor(user / 10) % images.length]?.id ?? '');
    return layer(`l${index}`, bytes, ids, `RUN step ${index} of a long build --with several --words`);
  });
  const allContainers = of(containers, 1000).map((sizeBytes, index) =>
    diskContainer({ name: `job-${index}`, sizeBytes, virtualBytes: 10_000_000 + sizeBytes, logBytes: index * 100 }),
  );
  const allVolumes = of(volumes, 50_000).map((bytes, index) => volume(`volume-${index}`, bytes));
  const sum = (numbers: readonly (number | null)[]) => numbers.reduce<number>((all, one) => all + (one ?? 0), 0);
  const parts = [
    { kind: 'layers' as const, label: 'Layers of images', bytes: sum(allLayers.map(({ sizeBytes }) => sizeBytes)) },
    {
      kind: 'writable-layers' as const,
      label: 'Writable layers',
      bytes: sum(allContainers.map(({ sizeBytes }) => sizeBytes)),
    },
    { kind: 'volumes' as const, label: 'Volumes', bytes: sum(allVolumes.map(({ sizeBytes }) => sizeBytes)) },
    { kind: 'logs' as const, label: 'Logs', bytes: sum(allContainers.map(({ logBytes }) => logBytes)) },
  ].map((part) => ({ ...part, basis: 'measured' as const, reclaimableBytes: 0 }));
  const textbook = textbookReport();
  return {
    ...textbook,
    totals: { ...textbook.totals, bytes: sum(parts.map(({ bytes }) => bytes)), parts },
    ...{ containers: allContainers, images, layers: allLayers, volumes: allVolumes },
  };
}
