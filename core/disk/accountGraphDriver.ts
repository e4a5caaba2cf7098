import type { DiskLayer, DiskPart, NotMeasured } from '../model';
import type { EngineFacts, RootDirectory, RootFacts } from './facts';
import { sum } from './layerUnion';
import { part } from './parts';
import type { Unused } from './unused';

/** What an account is made from. */
export interface AccountInput {
  readonly facts: EngineFacts;
  readonly layers: readonly DiskLayer[];
  readonly unused: Unused;
  /** Undefined: the data root cannot be read here. */
  readonly root: RootFacts | undefined;
}

export interface Account {
  /** Each byte in one of them. */
  readonly parts: readonly DiskPart[];
  readonly notMeasured: readonly NotMeasured[];
}

/** Drivers whose layers share blocks on disk: what `du` says of them is no sum of anything. */
const SHARING_DRIVERS: readonly string[] = ['btrfs', 'zfs', 'devicemapper'];

/**
 * Engines that keep layers as folders (overlay2, vfs, fuse-overlayfs, …). Their numbers are lengths of files, which `du`
 * exceeds by whole blocks and folders: with the data root at hand each of its directories gets a row that says by how much.
 */
export function accountGraphDriver(input: AccountInput): Account {
  const { facts, root } = input;
  const stored = storedParts(input);
  if (root === undefined) return { parts: [...stored, ...volumeParts(facts, undefined)], notMeasured: [] };
  const { directories } = root;
  const isShared = SHARING_DRIVERS.includes(facts.storage.driver);
  const driver = directories.find(({ name }) => name === (root.layers?.directory ?? facts.storage.driver));
  const driverParts = isShared ? stored : [...stored, ...foundParts(input, sum(stored.map(({ bytes }) => bytes)))];
  const named = driver === undefined ? driverParts : driverParts.map((one) => ({ directory: driver.name, ...one }));
  const containers = containerParts(input);
  const volumes = volumeParts(facts, root);
  return {
    parts: [
      ...named,
      ...(isShared ? [] : rounding(driver, named)),
      ...volumes,
      ...rounding(directoryOf(directories, 'volumes'), volumes),
      ...containers,
      ...rounding(directoryOf(directories, 'containers'), containers),
      ...housekeeping(directories, [driver?.name ?? '', 'volumes', 'containers']),
    ].filter(({ bytes, kind }) => bytes !== 0 || kind === 'layers'),
    notMeasured: isShared ? [sharedBlocks(facts.storage.driver)] : [],
  };
}

/** What the engine itself says of layers, containers and cache. */
function storedParts({ facts, layers, unused }: AccountInput): DiskPart[] {
  const known = sum(layers.map(({ sizeBytes }) => sizeBytes ?? 0));
  const isKept = ({ chainId, inBuildCache }: DiskLayer): boolean =>
    unused.keptLayers.has(chainId) || (inBuildCache !== 'no' && hasSharedInUse);
  const hasSharedInUse = facts.cache.some(({ id, isShared }) => isShared && !unused.records.has(id));
  const free = sum(layers.filter((layer) => !isKept(layer)).map(({ sizeBytes }) => sizeBytes ?? 0));
  const own = facts.cache.filter(({ isShared }) => !isShared);
  const written = facts.containers.map((one) => ({ bytes: one.sizeBytes ?? 0, free: unused.isContainerUnused(one) }));
  return [
    part('layers', 'Layers of images, each once', known, { reclaimableBytes: free }),
    part('layers', 'Layers whose images do not tell their sizes', Math.max(0, (facts.imagesBytes ?? 0) - known)),
    part('writable-layers', 'Writable layers of containers', sum(written.map(({ bytes }) => bytes)), {
      reclaimableBytes: sum(written.filter(({ free: isFree }) => isFree).map(({ bytes }) => bytes)),
    }),
    part('build-cache', 'Build cache that is in no image', sum(own.map(({ sizeBytes }) => sizeBytes)), {
      reclaimableBytes: sum(own.filter(({ id }) => unused.records.has(id)).map(({ sizeBytes }) => sizeBytes)),
    }),
  ].filter(({ bytes, label }) => bytes > 0 || !label.startsWith('Layers whose'));
}

/** What is in the folder of the layers beside what the engine tells. */
function foundParts({ facts, root, layers, unused }: AccountInput, told: number): DiskPart[] {
  const found = root?.layers;
  if (found === undefined) return [];
  const left = Math.max(0, found.images.bytes + found.writable.bytes + found.others.bytes - told);
  const isCopying = facts.storage.driver === 'vfs';
  // layers without an image: the build cache holds images that it stands on by records of size 0
  const ofImages = new Set(layers.map(({ chainId }) => chainId));
  const orphans = [...(root?.layerSizes ?? [])].filter(([chainId]) => !ofImages.has(chainId));
  const held = isCopying ? 0 : Math.min(left, sum(orphans.map(([, bytes]) => bytes)));
  return [
    part('container-files', 'Mount points that the engine puts below containers', found.initial.bytes),
    part('other', 'Base images that only the build cache keeps, in no number of the engine', held, {
      reclaimableBytes: unused.records.size === facts.cache.length ? held : 0,
    }),
    part(
      'other',
      isCopying
        ? 'Copies of lower layers: vfs stores each layer with all below it'
        : 'Layers in no number of the engine: leftovers',
      left - held,
    ),
  ];
}

/** Volumes in the data root, and those that are mounted from elsewhere. */
export function volumeParts({ volumes }: EngineFacts, root: RootFacts | undefined): DiskPart[] {
  const isInside = (volume: { readonly name: string; readonly isElsewhere: boolean }): boolean => !volume.isElsewhere;
  const bytesOf = (inside: boolean): number =>
    sum(volumes.filter((one) => isInside(one) === inside).map(({ sizeBytes }) => sizeBytes ?? 0));
  const elsewhere = bytesOf(false);
  const directory = root === undefined ? undefined : 'volumes';
  return [
    part('volumes', 'Volumes', bytesOf(true), { directory }),
    ...(elsewhere === 0 ? [] : [part('volumes', 'Volumes mounted from outside of the data root', elsewhere)]),
  ];
}

/** Logs, checkpoints and files that the engine keeps for containers. */
export function containerParts({ facts, unused, root }: AccountInput): DiskPart[] {
  const freed = new Set(facts.containers.filter((one) => unused.isContainerUnused(one)).map(({ id }) => id));
  const listed = new Set(facts.containers.map(({ id }) => id));
  const all = [...(root?.containers ?? [])];
  const make = (
    kind: 'logs' | 'container-files',
    label: string,
    bytesOf: (one: (typeof all)[number][1]) => number,
  ): DiskPart => {
    const own = all.filter(([id]) => listed.has(id));
    return part(kind, label, sum(own.map(([, files]) => bytesOf(files))), {
      reclaimableBytes: sum(own.filter(([id]) => freed.has(id)).map(([, files]) => bytesOf(files))),
      directory: 'containers',
    });
  };
  const strange = all.filter(([id]) => !listed.has(id));
  return [
    make('logs', 'Logs of containers', ({ log }) => log.bytes),
    make('container-files', 'Checkpoints of containers', ({ checkpoints }) => checkpoints.bytes),
    make('container-files', 'Configuration and other files of containers', ({ config }) => config.bytes),
    part(
      'other',
      'Folders of containers that the engine does not list',
      sum(strange.map(([, { log, checkpoints, config }]) => log.bytes + checkpoints.bytes + config.bytes)),
      { directory: 'containers' },
    ),
  ];
}

/** By how much a directory takes more than its files are long; less where files have holes. */
export function rounding(
  directory: RootDirectory | undefined,
  parts: readonly DiskPart[],
  what = 'folders, and files in whole blocks',
): DiskPart[] {
  if (directory === undefined) return [];
  const { name, blocks } = directory;
  const inside = sum(parts.filter((one) => one.directory === name).map(({ bytes }) => bytes));
  const label = `${name}: ${what}`;
  return [{ kind: 'rounding', label, bytes: blocks - inside, basis: 'exact', reclaimableBytes: 0, directory: name }];
}

/** Everything else in the data root, as it is on disk. */
export function housekeeping(directories: readonly RootDirectory[], besides: readonly string[]): DiskPart[] {
  return directories
    .filter(({ name }) => !besides.includes(name))
    .map(({ name, blocks }) =>
      part('housekeeping', HOUSEKEEPING[name] ?? `${name}: the engine's own`, blocks, { directory: name }),
    );
}

const HOUSEKEEPING: Readonly<Record<string, string>> = {
  buildkit: "buildkit: the builder's notes and past builds",
  containerd: 'containerd: its own notes',
  image: 'image: what images and layers are called',
  network: 'network: networks and addresses',
  plugins: 'plugins: plugins of the engine',
  swarm: 'swarm: state of the cluster',
  tmp: 'tmp: what is being written',
  '.': 'files at the top of the data root',
};

export function directoryOf(directories: readonly RootDirectory[], name: string): RootDirectory | undefined {
  return directories.find((one) => one.name === name);
}

function sharedBlocks(driver: string): NotMeasured {
  return {
    what: `${driver}: what layers take on disk`,
    why: `Layers of ${driver} share blocks, so that their files add up to more than the disk has; they are counted by the lengths of their files.`,
    remedy: `Ask the file system itself${driver === 'btrfs' ? ', for example with "btrfs filesystem du -s"' : ''}.`,
  };
}
