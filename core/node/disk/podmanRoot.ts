import { access, constants, readFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerFiles, RootDirectory, RootFacts, TreeSum } from '../../disk/facts';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { DiskCacheRecord } from '../../model';
import type { ChainIds } from '../../disk/imageLayers';
import type { FoundRoot } from './dataRoot';
import { pathHere } from './mounts';
import { treeSum, type Tree, type TreeOptions } from './treeSum';

const NONE: TreeSum = { blocks: 0, bytes: 0 };

/** Which store is looked for. */
export interface StoreQuestion {
  /** As Podman tells it. */
  readonly root: string;
  readonly driver: string;
  readonly isLocal: boolean;
  /** Where the user says that it is; undefined: found. */
  readonly given: string | undefined;
  /** Ids of images that it has, without an algorithm. */
  readonly images: readonly string[];
}

/** Finds Podman's store on this machine: the folder of its name that has the same images. */
export async function findStore({ root, driver, isLocal, given, images }: StoreQuestion): Promise<FoundRoot> {
  const places: FoundPlace[] = given === undefined ? [] : [{ path: given, prefix: prefixOf(given, root) ?? '' }];
  if (given === undefined && isLocal) {
    places.push({ path: root, prefix: '' });
    for (const process of podmanProcesses()) {
      const seen = join('/proc', process, 'root');
      const path = pathHere(process, root);
      if (path !== undefined) places.push({ path, prefix: prefixOf(path, root) ?? seen });
      places.push({ path: join(seen, root), prefix: seen });
    }
  }
  for (const place of places) if (await hasImages(place.path, driver, images)) return place;
  if (given === undefined && !isLocal) {
    return {
      ...{ path: undefined, why: 'Podman keeps its data on another machine, whose files cannot be read from here.' },
      remedy: 'Run "layer-insight disk --engine podman" on that machine.',
    };
  }
  const path = given ?? root;
  const isDenied = await access(path, constants.R_OK | constants.X_OK).then(
    () => false,
    (error: unknown) => asText(asObject(error)['code']).startsWith('E') && asObject(error)['code'] !== 'ENOENT',
  );
  return {
    path: undefined,
    why: isDenied ? `The folder ${path} may not be read.` : `The folder ${path} of this machine is not Podman's store.`,
    remedy: 'Run "layer-insight disk" as the user whose Podman it is, or name the folder with --data-root.',
  };
}

interface FoundPlace {
  readonly path: string;
  readonly prefix: string;
}

function prefixOf(path: string, root: string): string | undefined {
  return path.endsWith(root) ? path.slice(0, -root.length) : undefined;
}

async function hasImages(root: string, driver: string, images: readonly string[]): Promise<boolean> {
  const records = await readRecords(join(root, `${driver}-images`, 'images.json'));
  if (records === undefined) return false;
  const there = new Set(records.map(({ id }) => asText(id)));
  // one that was just removed is no reason to doubt
  return images.length === 0 || images.some((id) => there.has(id));
}

/** Numbers of processes that may see another `/` than this one. */
function podmanProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return ['podman', 'conmon'].includes(readFileSync(join('/proc', name, 'comm'), 'utf8').trim());
      } catch {
        return false; // it has ended
      }
    });
  } catch {
    return []; // no /proc: not Linux
  }
}

/** A list that c/storage keeps; undefined when it cannot be read. */
async function readRecords(path: string): Promise<Json[] | undefined> {
  try {
    return asArray(JSON.parse(await readFile(path, 'utf8'))).map(asObject);
  } catch {
    return undefined;
  }
}

/** Reads Podman's store: all of it on disk, directory by directory, and what belongs to whom. */
export async function readStore(
  root: string,
  driver: string,
  chainIds: ChainIds,
  signal: AbortSignal,
  onProgress: (what: string) => void,
): Promise<RootFacts | undefined> {
  const unreadable: string[] = [];
  const containersFolder = `${driver}-containers`;
  const isOpen = (path: string): boolean => {
    const [folder = '', , ...rest] = path.split('/');
    if (folder === containersFolder) return rest.length === 0 || (rest.length === 1 && rest[0] === 'userdata');
    if (folder === driver) return rest.length === 0;
    return path === '' || path === 'volumes';
  };
  const options: TreeOptions = {
    ...{ signal, isOpen },
    onUnreadable: (path) => unreadable.push(path),
    onProgress: (files) => onProgress(`Reading ${root}: ${files} files`),
  };
  const tree = await treeSum(root, options);
  if (tree === undefined) return undefined;
  // layers and containers that need not survive a crash are in lists of their own
  const listed = async (folder: string, names: readonly string[]): Promise<Json[]> =>
    (await Promise.all(names.map((name) => readRecords(join(root, folder, name))))).flatMap((list) => list ?? []);
  const layers = await listed(`${driver}-layers`, ['layers.json', 'volatile-layers.json']);
  const images = await listed(`${driver}-images`, ['images.json']);
  const containers = await listed(containersFolder, ['containers.json', 'volatile-containers.json']);
  return {
    blocks: tree.blocks,
    directories: directoriesOf(tree),
    unreadable,
    containers: new Map([...(tree.children.get(containersFolder)?.children ?? [])].flatMap(filesOf)),
    volumes: new Map([...(tree.children.get('volumes')?.children ?? [])].filter(([, { isFolder }]) => isFolder)),
    ...layersOf(tree.children.get(driver), driver, { layers, images, containers }),
    layerSizes: sizesOf(layers, chainIds),
    containerd: undefined,
  };
}

function directoriesOf(tree: Tree): RootDirectory[] {
  const top = [...tree.children.values()].filter(({ isFolder }) => !isFolder);
  const folders = [...tree.children].filter(([, { isFolder }]) => isFolder);
  const own = top.reduce(add, { blocks: tree.own, bytes: 0 });
  return [...folders.map(([name, { blocks, bytes }]) => ({ name, blocks, bytes })), { name: '.', ...own }];
}

/** `userdata` of a container: its log, checkpoints, and the rest. */
function filesOf([id, folder]: [string, Tree]): [string, ContainerFiles][] {
  if (!folder.isFolder) return [];
  let [log, checkpoints] = [NONE, NONE];
  for (const [name, sum] of folder.children.get('userdata')?.children ?? []) {
    if (name.startsWith('ctr.log')) log = add(log, sum);
    else if (name === 'checkpoint' || name.startsWith('checkpoint.')) checkpoints = add(checkpoints, sum);
  }
  const config = { blocks: 0, bytes: folder.bytes - log.bytes - checkpoints.bytes };
  return [[id, { log, checkpoints, config }]];
}

interface StoreRecords {
  readonly layers: readonly Json[];
  readonly images: readonly Json[];
  readonly containers: readonly Json[];
}

function layersOf(
  folder: Tree | undefined,
  directory: string,
  { layers, images, containers }: StoreRecords,
): Pick<RootFacts, 'layers' | 'writable'> {
  const written = new Map<string, TreeSum>();
  const owners = new Map(containers.map((one) => [asText(one['layer']), asText(one['id'])]));
  const parents = new Map(layers.map((one) => [asText(one['id']), asText(one['parent'])]));
  const ofImages = new Set<string>();
  for (const image of images) {
    const mapped = asArray(image['mapped-layers']).map(asText);
    for (const top of [asText(image['layer']), ...mapped]) {
      for (let id = top; id !== '' && !ofImages.has(id); id = parents.get(id) ?? '') ofImages.add(id);
    }
  }
  let [inImages, writable, others] = [NONE, NONE, NONE];
  for (const [id, layer] of folder?.children ?? []) {
    const files = layer.children.get('diff');
    if (files === undefined) continue;
    const container = owners.get(id);
    if (container !== undefined) {
      writable = add(writable, files);
      written.set(container, files);
    } else if (ofImages.has(id)) inImages = add(inImages, files);
    else others = add(others, files);
  }
  const sums = { images: inImages, writable, others, initial: NONE, byName: new Map<string, number>() };
  return { layers: folder === undefined ? undefined : { directory, ...sums }, writable: written };
}

/** Lengths of layers by chain id; a store's own ids are such only of layers that came packed. */
function sizesOf(layers: readonly Json[], chainIds: ChainIds): ReadonlyMap<string, number> {
  const byId = new Map(layers.map((layer) => [asText(layer['id']), layer]));
  const chains = new Map<string, string>();
  const chainOf = (id: string): string => {
    const known = chains.get(id);
    if (known !== undefined) return known;
    // a broken list must not lead in circles
    chains.set(id, '');
    const layer = byId.get(id);
    const parent = asText(layer?.['parent']);
    const below = parent === '' ? [] : [chainOf(parent)];
    const chain = below.includes('') ? '' : (chainIds([...below, asText(layer?.['diff-digest'])]).at(-1) ?? '');
    chains.set(id, chain);
    return chain;
  };
  const sizes = new Map<string, number>();
  for (const layer of layers) {
    const [chain, size] = [chainOf(asText(layer['id'])), layer['diff-size']];
    if (chain !== '' && typeof size === 'number' && asText(layer['diff-digest']) !== '') sizes.set(chain, size);
  }
  return sizes;
}

/** Cache mounts of builds, which Buildah keeps outside of the store (internal/volumes, `buildah-cache-UID`). */
export interface BuildahCache {
  readonly directory: RootDirectory;
  readonly records: readonly DiskCacheRecord[];
}

/** @param folder what Podman calls its temporary folder, as it is on this machine; `name` as Podman calls it */
export async function readBuildahCache(
  folder: string,
  name: string,
  uid: number,
  signal: AbortSignal,
): Promise<BuildahCache | undefined> {
  const tree = await treeSum(join(folder, `buildah-cache-${uid}`), { signal, isOpen: (path) => path === '' });
  if (tree === undefined) return undefined;
  const path = join(name, `buildah-cache-${uid}`);
  return {
    directory: { name: path, blocks: tree.blocks, bytes: tree.bytes },
    records: [...tree.children].map(([id, { bytes }]) => ({
      ...{ id, parents: [], type: 'exec.cachemount', description: `cache mount ${join(path, id)}` },
      ...{ sizeBytes: bytes, isShared: false, isInUse: false, usageCount: 0, mountTarget: '' },
      ...{ createdAt: '', lastUsedAt: '' },
    })),
  };
}

function add(a: TreeSum, b: TreeSum): TreeSum {
  return { blocks: a.blocks + b.blocks, bytes: a.bytes + b.bytes };
}
