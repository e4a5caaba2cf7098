import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerFiles, RootDirectory, RootFacts, TreeSum } from '../../disk/facts';
import { readBolt } from './bolt';
import { isOpenInContainerd, readContainerd } from './containerdRoot';
import { treeSum, type Tree, type TreeOptions } from './treeSum';

const NONE: TreeSum = { blocks: 0, bytes: 0 };

/** Where drivers keep the files of a layer: folders below their own, and what in each of them is the layer. */
const LAYOUTS: Readonly<Record<string, { readonly layers: string; readonly files: string }>> = {
  overlay2: { layers: 'overlay2', files: 'diff' },
  'fuse-overlayfs': { layers: 'fuse-overlayfs', files: 'diff' },
  vfs: { layers: 'vfs/dir', files: '' },
};

/** Drivers whose folder is not walked: their layers share blocks, and may be mounted. */
const NOT_WALKED = ['btrfs', 'zfs', 'devicemapper'];

/** Where a containerd that dockerd started itself keeps its data (moby libcontainerd/supervisor). */
const OWN_CONTAINERD = 'containerd/daemon';
/** Where one that the machine runs does (containerd defaults); read when dockerd has none of its own. */
const SYSTEM_CONTAINERD = '/var/lib/containerd';

/** Which engine's data root is read. */
export interface DockerRoot {
  /** On this machine. */
  readonly path: string;
  /** What comes before the engine's own paths on this machine; empty: they are the same. */
  readonly prefix: string;
  /** The storage driver, which has a folder of its name. */
  readonly driver: string;
  /** Ids of images if they are in containerd. */
  readonly images: readonly string[] | undefined;
}

/** Reads Docker's data root: all of it on disk, directory by directory, and what belongs to whom. */
export async function readDockerRoot(
  { path: root, prefix, driver, images }: DockerRoot,
  signal: AbortSignal,
  onProgress: (what: string) => void,
): Promise<RootFacts | undefined> {
  const unreadable: string[] = [];
  const layout = LAYOUTS[driver];
  const open = new Set([
    '',
    'containers',
    'volumes',
    ...(layout === undefined ? [] : [layout.layers, layout.layers.split('/')[0] ?? '']),
  ]);
  const isOpen = (path: string): boolean => {
    if (open.has(path)) return true;
    const [folder, , ...rest] = path.split('/');
    if (folder === 'containers') return rest.length === 0;
    if (images !== undefined && (path === 'containerd' || path.startsWith(OWN_CONTAINERD))) {
      return path === 'containerd' || isOpenInContainerd(path.slice(OWN_CONTAINERD.length + 1), driver);
    }
    return layout?.files !== '' && path.startsWith(`${layout?.layers ?? ''}/`) && rest.length === 0;
  };
  const options = {
    signal,
    onUnreadable: (path: string): void => void unreadable.push(path),
    onProgress: (files: number): void => onProgress(`Reading ${root}: ${files} files`),
  };
  const tree = await treeSum(root, { ...options, isOpen });
  if (tree === undefined) return undefined;
  const containerd = images === undefined ? undefined : await findContainerd(tree, root, prefix, driver, options);
  const isShared = NOT_WALKED.includes(driver);
  const owners = await readLayerOwners(join(root, 'image', driver));
  return {
    blocks: tree.blocks,
    directories: directoriesOf(tree).filter(({ name }) => !isShared || name !== driver),
    unreadable,
    containers: containersOf(tree.children.get('containers')),
    volumes: new Map([...(tree.children.get('volumes')?.children ?? [])].filter(([, { isFolder }]) => isFolder)),
    ...layersOf(tree, layout, owners),
    layerSizes: owners.sizes,
    recordLayers: await readRecordLayers(join(root, 'buildkit', 'snapshots.db')),
    containerd: containerd === undefined ? undefined : await readContainerd(containerd, driver, images ?? []),
  };
}

/** The root of the containerd that has the images: in the data root, or the machine's. */
async function findContainerd(
  tree: Tree,
  root: string,
  prefix: string,
  driver: string,
  options: TreeOptions,
): Promise<{ tree: Tree; path: string; directory: string } | undefined> {
  const own = tree.children.get('containerd')?.children.get('daemon');
  if (own !== undefined) return { tree: own, path: join(root, OWN_CONTAINERD), directory: 'containerd' };
  const path = join(prefix, SYSTEM_CONTAINERD);
  const found = await treeSum(path, { ...options, isOpen: (place) => isOpenInContainerd(place, driver) });
  return found === undefined ? undefined : { tree: found, path, directory: SYSTEM_CONTAINERD };
}

/** The entries of the root; its own blocks and files that lie there are one of the name `.`. */
function directoriesOf(tree: Tree): RootDirectory[] {
  const folders = [...tree.children].filter(([, { isFolder }]) => isFolder);
  const files = [...tree.children.values()].filter(({ isFolder }) => !isFolder);
  const top = files.reduce(add, { blocks: tree.own, bytes: 0 });
  return [...folders.map(([name, { blocks, bytes }]) => ({ name, blocks, bytes })), { name: '.', ...top }];
}

function containersOf(folder: Tree | undefined): ReadonlyMap<string, ContainerFiles> {
  const result = new Map<string, ContainerFiles>();
  for (const [id, { children }] of folder?.children ?? []) {
    let [log, checkpoints, config] = [NONE, NONE, NONE];
    for (const [name, sum] of children) {
      // json-file keeps ID-json.log, .1, .2.gz; local a folder (moby daemon/logger)
      if (name.startsWith(`${id}-json.log`) || name === 'local-logs') log = add(log, sum);
      else if (name === 'checkpoints') checkpoints = add(checkpoints, sum);
      else config = add(config, sum);
    }
    result.set(id, { log, checkpoints, config });
  }
  return result;
}

function layersOf(
  tree: Tree,
  layout: { readonly layers: string; readonly files: string } | undefined,
  owners: LayerOwners,
): Pick<RootFacts, 'layers' | 'writable'> {
  const written = new Map<string, TreeSum>();
  const byName = new Map<string, number>();
  const [directory = '', ...rest] = layout?.layers.split('/') ?? [];
  const folder = rest.reduce<Tree | undefined>((one, name) => one?.children.get(name), tree.children.get(directory));
  if (layout === undefined || folder === undefined) return { layers: undefined, writable: written };
  let [images, writable, initial, others] = [NONE, NONE, NONE, NONE];
  for (const [id, layer] of folder.children) {
    const files = layout.files === '' ? layer : layer.children.get(layout.files);
    if (files === undefined) continue;
    const container = owners.writable.get(id);
    if (container !== undefined) {
      writable = add(writable, files);
      written.set(container, files);
    } else if (owners.images.has(id)) images = add(images, files);
    else if (owners.initial.has(id)) initial = add(initial, files);
    else {
      others = add(others, files);
      byName.set(id, files.bytes);
    }
  }
  return { layers: { directory, images, writable, initial, others, byName }, writable: written };
}

/** Whose the folders of layers are, by the names of these folders. */
interface LayerOwners {
  readonly images: ReadonlySet<string>;
  /** Ids of containers. */
  readonly writable: ReadonlyMap<string, string>;
  readonly initial: ReadonlySet<string>;
  /** Bytes by chain id. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads `layerdb`, where the engine notes which folder is which layer (moby layer/filestore.go). */
async function readLayerOwners(image: string): Promise<LayerOwners> {
  const [images, initial] = [new Set<string>(), new Set<string>()];
  const writable = new Map<string, string>();
  const sizes = new Map<string, number>();
  const digests = join(image, 'layerdb', 'sha256');
  for (const hex of await namesIn(digests)) {
    images.add(await textOf(join(digests, hex, 'cache-id')));
    const size = Number((await textOf(join(digests, hex, 'size'))) || NaN);
    if (Number.isSafeInteger(size)) sizes.set(`sha256:${hex}`, size);
  }
  const mounts = join(image, 'layerdb', 'mounts');
  for (const id of await namesIn(mounts)) {
    writable.set(await textOf(join(mounts, id, 'mount-id')), id);
    initial.add(await textOf(join(mounts, id, 'init-id')));
  }
  return { images, writable, initial, sizes };
}

/** Which layer a record is: the engine's BuildKit notes it for its snapshots (moby builder-next/adapters/snapshot). */
async function readRecordLayers(path: string): Promise<ReadonlyMap<string, string> | undefined> {
  const notes = await readBolt(path);
  if (notes === undefined) return undefined;
  return new Map(
    [...notes.buckets].flatMap(([id, { values }]): [string, string][] => {
      const chain = values.get('chainid');
      return chain === undefined ? [] : [[id, chain]];
    }),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '', // removed meanwhile
  );
}

function add(a: TreeSum, b: TreeSum): TreeSum {
  return { blocks: a.blocks + b.blocks, bytes: a.bytes + b.bytes };
}
