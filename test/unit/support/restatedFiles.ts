import type { LayerEntries, LayerEntry } from '../../../core/image/layerEntries';

/*
 * The file system of stacked layers once more, as a flat list of paths (OCI image-spec layer.md, Applying Changesets),
 * and what is lost in it, by looking at every height of the stack.
 */

export interface FlatCopy {
  readonly layer: number;
  readonly index: number;
  /** Layer and index of the entry that has the content: another one for hard links. */
  readonly content: string;
  readonly entry: LayerEntry;
}

export type FlatFiles = Map<string, FlatCopy>;

const isBelow = (path: string, above: string): boolean => above === '' || path.startsWith(`${above}/`);
const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');
const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
const joined = (folder: string, name: string): string => [folder, name].filter((part) => part !== '').join('/');

const all = (entries: LayerEntries): LayerEntry[] => Array.from({ length: entries.length }, (_, at) => entries.at(at));

/** Is a path of a lower layer hidden by a whiteout of this layer? */
export function isWhitedOut(path: string, entries: LayerEntries): boolean {
  return all(entries).some((one) => {
    const [folder, name] = [folderOf(one.path), nameOf(one.path)];
    if (name === '.wh..wh..opq') return path !== '' && isBelow(path, folder);
    if (!name.startsWith('.wh.') || name.startsWith('.wh..wh.')) return false;
    const gone = joined(folder, name.slice(4));
    return gone !== '' && (path === gone || isBelow(path, gone));
  });
}

/** The files after each layer; first those before any. */
export function heights(layers: readonly LayerEntries[]): FlatFiles[] {
  const found: FlatFiles[] = [new Map<string, FlatCopy>()];
  for (const [layer, entries] of layers.entries()) {
    const files: FlatFiles = new Map();
    for (const [path, copy] of found.at(-1) ?? []) if (!isWhitedOut(path, entries)) files.set(path, copy);
    for (const [index, entry] of all(entries).entries()) {
      const { path, type, link } = entry;
      if (path === '' || nameOf(path).startsWith('.wh.')) continue;
      const target = type === 'hardlink' && link !== path ? link : undefined;
      for (const [other, copy] of [...files]) {
        // a file in a folder that was a file; a file that was a folder
        if (isBelow(path, other) && copy.entry.type !== 'directory') files.delete(other);
        if (type !== 'directory' && isBelow(other, path)) files.delete(other);
      }
      const content = (target === undefined ? undefined : files.get(target)?.content) ?? `${layer}:${index}`;
      files.set(path, { layer, index, content, entry });
    }
    found.push(files);
  }
  return found;
}

export interface FlatLoss {
  readonly path: string;
  readonly layer: number;
  readonly index: number;
  readonly bytes: number;
  /** The layer after which no name of the content is left. */
  readonly by: number;
  /** The content that is seen at its path in the end and has as many bytes. */
  readonly rival: string | undefined;
}

/** Every content that is not in the last file system under any name. */
export function losses(layers: readonly LayerEntries[]): FlatLoss[] {
  const after = heights(layers).slice(1);
  const kept = after.map((files) => new Set([...files.values()].map(({ content }) => content)));
  const last = after.at(-1);
  const found: FlatLoss[] = [];
  for (const [layer, entries] of layers.entries()) {
    for (const [index, { path, size, type }] of all(entries).entries()) {
      const isMark = nameOf(path).startsWith('.wh.');
      if (type !== 'file' || size === 0 || isMark || path === '') continue;
      const key = `${layer}:${index}`;
      const by = kept.findIndex((one, height) => height >= layer && !one.has(key));
      if (by < 0) continue;
      const rival = last?.get(path)?.content;
      const [rivalLayer = -1, rivalIndex = -1] = rival?.split(':').map(Number) ?? [];
      const seen = layers[rivalLayer]?.at(rivalIndex);
      const isRival = seen?.type === 'file' && seen.size === size;
      found.push({ path, layer, index, bytes: size, by, rival: isRival ? rival : undefined });
    }
  }
  return found;
}
