import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { compareBytes, type SourceEntry } from '../../buildah/contentDigest';
import type { OwnerNames } from './owners';

/** A source of a COPY on this machine. */
export interface ListedSource {
  readonly kind: 'file' | 'dir';
  /** Where it is, after links were followed. */
  readonly location: string;
  /** Of a file one entry with an empty path; of a directory what is below it, in the order in which Buildah walks. */
  readonly entries: readonly SourceEntry[];
}

/** More links after each other are taken for a circle (buildah copier/copier.go checkLinks). */
const MAX_LINKS = 16;

/**
 * Looks at a source of a COPY. Blocks. Undefined when there is none, links lead out of the context,
 * or a folder cannot be read.
 *
 * @param context absolute path of the build context
 * @param path below it
 * @param takes whether a path of the context is not ignored. What is not taken is not looked into, unless it says `below`
 */
export function listSource(
  context: string,
  path: string,
  takes: (path: string) => boolean | 'below' = () => true,
): ListedSource | undefined {
  return orUndefined(() => {
    const location = followLinks(context, join(context, path));
    const stats = location === undefined ? undefined : statOf(location);
    if (location === undefined || stats === undefined) return undefined;
    if (!stats.isDirectory()) return { kind: 'file', location, entries: [describe(location, '', stats)] };
    const entries: SourceEntry[] = [];
    const whole = (below: string): string => relative(context, join(location, below)).split(sep).join('/');
    walk(location, '', entries, (below) => takes(whole(below)));
    return { kind: 'dir', location, entries };
  });
}

/**
 * Lists what `--mount=type=bind` from the context shows: the path itself and all below it, with owners. Blocks.
 * Undefined when there is nothing, or a folder cannot be read.
 *
 * @param location absolute path
 */
export function listMounted(location: string, names: OwnerNames): readonly SourceEntry[] | undefined {
  return orUndefined(() => {
    const stats = statOf(location);
    if (stats === undefined) return undefined;
    const entries = [describe(location, '', stats, names)];
    if (stats.isDirectory()) walk(location, '', entries, () => true, names);
    return entries;
  });
}

/** A folder that cannot be read leaves everything open. */
function orUndefined<T>(look: () => T | undefined): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function walk(
  top: string,
  folder: string,
  entries: SourceEntry[],
  takes: (path: string) => boolean | 'below',
  names?: OwnerNames,
): void {
  for (const name of readdirSync(join(top, folder)).sort(compareBytes)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const taken = takes(path);
    if (taken === false) continue;
    const stats = statOf(join(top, path));
    if (stats === undefined) continue; // gone meanwhile
    if (taken === true) entries.push(describe(join(top, path), path, stats, names));
    if (stats.isDirectory()) walk(top, path, entries, takes, names);
  }
}

function describe(location: string, path: string, stats: BigIntStats, names?: OwnerNames): SourceEntry {
  const type = typeOf(path, stats);
  const owner = { uid: Number(stats.uid), gid: Number(stats.gid) };
  return {
    path,
    type,
    mode: Number(stats.mode) & 0o7777,
    size: type === 'file' ? Number(stats.size) : 0,
    ...(type === 'symlink' ? { target: readlinkSync(location) } : {}),
    ...(type === 'file' && stats.nlink > 1n ? { inode: `${stats.dev}:${stats.ino}` } : {}),
    ...(type === 'device' ? { device: deviceOf(stats) } : {}),
    owner: names === undefined ? owner : { ...owner, user: names.user(owner.uid), group: names.group(owner.gid) },
  };
}

function typeOf(path: string, stats: BigIntStats): SourceEntry['type'] {
  if (path.includes('\uFFFD')) return 'unreadable'; // a name that is no UTF-8
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}

/** How Linux puts the two numbers of a device into one (Go syscall, archive/tar stat_unix.go). */
function deviceOf(stats: BigIntStats): NonNullable<SourceEntry['device']> {
  const { rdev } = stats;
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return { kind: stats.isBlockDevice() ? 'block' : 'char', major: Number(major), minor: Number(minor) };
}

/** The end of a chain of links; absolute ones begin at the context (buildah copier/copier.go checkLinks). */
function followLinks(context: string, path: string): string | undefined {
  let item = path;
  for (let followed = 0; followed < MAX_LINKS; followed++) {
    const stats = statOf(item);
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) return item;
    const target = readlinkSync(item);
    item = target.startsWith('/') ? join(context, target) : join(dirname(item), target);
    if (relative(context, item).startsWith('..')) return undefined;
  }
  return undefined;
}

function statOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}
