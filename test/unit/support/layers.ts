import { LayerEntries, type LayerEntry } from '../../../core/image/layerEntries';
import type { Random } from '../../generator/random';

const NONE: LayerEntry = {
  ...{ path: '', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, link: '', modified: 0, offset: 0 },
};

/**
 * A layer, one entry a line:
 *
 *     a/         a folder
 *     a/b 10     a file of ten bytes; without a number it has none
 *     a/c >b     a symbolic link
 *     a/d =a/b   another name of a file
 */
export function entryOf(line: string): LayerEntry {
  const [path = '', word = ''] = line.split(' ');
  if (path.endsWith('/')) return { ...NONE, path: path.slice(0, -1), type: 'directory', mode: 0o755 };
  if (word.startsWith('>')) return { ...NONE, path, type: 'symlink', link: word.slice(1) };
  if (word.startsWith('=')) return { ...NONE, path, type: 'hardlink', link: word.slice(1) };
  return { ...NONE, path, size: Number(word) };
}

export function layer(...lines: readonly string[]): LayerEntries {
  const entries = new LayerEntries();
  for (const line of lines) entries.add(entryOf(line));
  return entries;
}

const NAMES = ['a', 'a.b', 'a-', 'b', 'b0', 'é', 'Z', '\ufffd', '😀'];

function randomPath(random: Random): string {
  const depth = random.weighted([
    [5, 1],
    [5, 2],
    [3, 3],
    [1, 4],
  ]);
  // few names: layers have to meet
  return Array.from({ length: depth }, () => random.pick(NAMES.slice(0, random.chance(0.7) ? 4 : undefined))).join('/');
}

function whiteoutOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
}

/** Lines of some layers that put all kinds of things on each other. */
export function randomStack(random: Random, kinds: { readonly links: boolean }): string[][] {
  const paths: string[] = [];
  const path = (): string => {
    const made = paths.length > 0 && random.chance(0.5) ? random.pick(paths) : randomPath(random);
    paths.push(made);
    return made;
  };
  const line = (): string =>
    random.weighted([
      [8, () => `${path()} ${random.chance(0.2) ? 0 : random.int(1, 50)}`],
      [4, () => `${path()}/`],
      [1, () => `${path()} >x`],
      [kinds.links ? 3 : 0, () => `${path()} =${path()}`],
      [4, () => whiteoutOf(path())],
      [1, () => `${path()}/.wh..wh..opq`],
      [0.3, () => '.wh..wh..opq'],
      [0.2, () => `${path()}/.wh.`],
      [0.2, () => `.wh.${random.pick(NAMES)}/${random.pick(NAMES)} ${random.int(1, 50)}`],
      [0.2, () => `.wh..wh.${random.pick(NAMES)} ${random.int(1, 50)}`],
    ])();
  return Array.from({ length: random.int(0, 5) }, () => Array.from({ length: random.int(0, 12) }, line));
}
