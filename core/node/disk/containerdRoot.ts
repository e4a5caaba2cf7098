import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerdFiles, TreeSum } from '../../disk/facts';
import { asArray, asObject, asText } from '../../llb/decode';
import type { Tree } from './treeSum';

/** Longest index or manifest that is read; an image's have some kilobytes. */
const MAX_MANIFEST = 4_000_000;
const NONE: TreeSum = { blocks: 0, bytes: 0 };
const CONTENT = 'io.containerd.content.v1.content';

/** Folders of a containerd's root that are looked into, for {@link readContainerd}. */
export function isOpenInContainerd(path: string, driver: string): boolean {
  const snapshots = `${snapshotterOf(driver)}/snapshots`;
  if (['', CONTENT, `${CONTENT}/blobs`, `${CONTENT}/blobs/sha256`, snapshotterOf(driver), snapshots].includes(path))
    return true;
  return path.startsWith(`${snapshots}/`) && !path.slice(snapshots.length + 1).includes('/');
}

/**
 * What a containerd keeps for images: unpacked snapshots, and packed layers by their digests.
 *
 * @param tree its root, summed up with {@link isOpenInContainerd}
 * @param path where that is
 * @param directory what the root is called in the report
 * @param images ids of images, which are the digests of their indexes or manifests
 */
export async function readContainerd(
  { tree, path, directory }: { readonly tree: Tree; readonly path: string; readonly directory: string },
  driver: string,
  images: readonly string[],
): Promise<ContainerdFiles> {
  const folder = at(tree, snapshotterOf(driver), 'snapshots');
  let snapshots = NONE;
  for (const one of folder?.children.values() ?? []) {
    const files = one.children.get('fs') ?? (driver === 'overlayfs' ? undefined : one);
    if (files !== undefined)
      snapshots = { blocks: snapshots.blocks + files.blocks, bytes: snapshots.bytes + files.bytes };
  }
  const blobs = new Map<string, number>();
  for (const [hex, { bytes }] of at(tree, CONTENT, 'blobs', 'sha256')?.children ?? [])
    blobs.set(`sha256:${hex}`, bytes);
  const ofImages = new Map<string, ReadonlySet<string>>();
  for (const id of images) ofImages.set(id, await blobsOfImage(join(path, CONTENT, 'blobs', 'sha256'), id, blobs));
  return {
    ...{ directory, snapshots, blobs, ofImages },
    blocks: { all: tree.blocks, snapshots: folder?.blocks ?? 0, content: tree.children.get(CONTENT)?.blocks ?? 0 },
  };
}

/** Everything that an image's index and manifests name and that is there (OCI image-spec descriptor.md). */
async function blobsOfImage(
  folder: string,
  id: string,
  blobs: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const found = new Set(blobs.has(id) ? [id] : []);
  // what is added while the set is gone through is gone through, too
  for (const digest of found) {
    if ((blobs.get(digest) ?? 0) > MAX_MANIFEST) continue;
    for (const named of await descriptorsIn(join(folder, digest.replace('sha256:', '')))) {
      if (blobs.has(named)) found.add(named);
    }
  }
  return found;
}

/** Digests that an index or manifest names; none of anything else. */
async function descriptorsIn(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.startsWith('{')) return [];
  try {
    const json = asObject(JSON.parse(text));
    const lists = [...asArray(json['manifests']), ...asArray(json['layers']), json['config']];
    return lists.map((one) => asText(asObject(one)['digest'])).filter((digest) => digest !== '');
  } catch {
    return []; // a packed layer that begins like this
  }
}

function snapshotterOf(driver: string): string {
  return `io.containerd.snapshotter.v1.${driver}`;
}

function at(tree: Tree, ...names: readonly string[]): Tree | undefined {
  return names.reduce<Tree | undefined>((one, name) => one?.children.get(name), tree);
}
