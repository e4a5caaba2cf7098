import type { ImageFile } from '../../disk/changes';
import { StackedTree, type StackNode } from '../../image/stackedTree';
import type { LayerEntries } from '../../image/layerEntries';
import { LayerIndexStore } from '../image/indexStore';
import { cacheFolder } from '../store/stateFolder';

/**
 * What an image has at its paths, if all of its layers were read before; undefined if not. Nothing is read for it.
 *
 * @param diffIds of its layers, lowest first
 */
export async function knownImageFiles(
  diffIds: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<((path: string) => ImageFile | undefined) | undefined> {
  const store = new LayerIndexStore(cacheFolder(env));
  const layers: LayerEntries[] = [];
  for (const diffId of diffIds) {
    const entries = await store.get(diffId);
    if (entries === undefined) return undefined;
    layers.push(entries);
  }
  const tree = new StackedTree(layers).applyAll();
  const bytesAt = ({ place }: StackNode): number =>
    place === undefined ? 0 : (layers[place.layer]?.size(place.index) ?? 0);
  return (path) => {
    const node = tree.find(path);
    if (node === undefined) return undefined;
    const type = node.place === undefined ? 'directory' : layers[node.place.layer]?.type(node.place.index);
    if (type !== 'directory') {
      return {
        type: type === 'symlink' ? 'symlink' : type === 'file' || type === 'hardlink' ? 'file' : 'other',
        bytes: bytesAt(node),
      };
    }
    let bytes = 0;
    for (const one of tree.below(node)) bytes += bytesAt(one);
    return { type, bytes };
  };
}
