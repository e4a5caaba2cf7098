import { lstat, readdir } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { ImageFile, WrittenFile } from '../../disk/changes';
import type { ContainerChange } from '../../model';

/** What is at a path of one folder; undefined: nothing. */
export async function fileAt(folder: string, path: string): Promise<WrittenFile | undefined> {
  const stats = await lstat(join(folder, path)).catch(() => undefined);
  return stats === undefined ? undefined : { type: typeOf(stats), bytes: bytesOf(stats) };
}

/**
 * What an image has at a path, by the folders of its layers, the topmost first. Of a folder the bytes of all files that
 * are seen in it. A character device 0/0 hides what is below it (overlayfs documentation, whiteouts); folders that hide
 * what is below them as a whole are not told from others without reading extended attributes.
 */
export async function imageFileAt(
  folders: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<ImageFile | undefined> {
  signal.throwIfAborted();
  const seen = new Set<string>();
  let bytes = 0;
  let found = false;
  for (const folder of folders) {
    const stats = await lstat(join(folder, path)).catch(() => undefined);
    if (stats === undefined) continue;
    if (isWhiteout(stats)) break;
    if (!stats.isDirectory())
      return found ? { type: 'directory', bytes } : { type: typeOf(stats), bytes: bytesOf(stats) };
    found = true;
    for (const name of await readdir(join(folder, path)).catch(() => [])) {
      if (seen.has(name)) continue;
      seen.add(name);
      bytes += (await imageFileAt(folders, join(path, name), signal))?.bytes ?? 0;
    }
  }
  return found ? { type: 'directory', bytes } : undefined;
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

function typeOf(stats: Stats): ContainerChange['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function bytesOf(stats: Stats): number {
  return stats.isFile() || stats.isSymbolicLink() ? stats.size : 0;
}
