import { readlinkSync, type Stats } from 'node:fs';
import type { Entry, EntryType } from '../../context/entry';

/** What the file system says of a path. A name that is not UTF-8 cannot be told apart from others: it counts as unreadable. */
export function describe(stats: Stats, absolute: string): Entry {
  const type = absolute.includes('\uFFFD') ? 'unreadable' : typeOf(stats);
  const target = type === 'symlink' ? readlinkSync(absolute) : undefined;
  // one shape of object for nearly all paths: a context may have very many
  const entry = {
    type,
    mode: stats.mode & 0o7777,
    size: sizeOf(type, stats),
    mtime: stats.mtimeMs,
    ctime: stats.ctimeMs,
    ino: stats.ino,
    links: type === 'dir' ? 1 : stats.nlink,
  };
  return target === undefined ? entry : { ...entry, target };
}

/** Would {@link describe} give the same state? Quick for what did not change; false when that takes a closer look. */
export function isStill(entry: Entry, stats: Stats): boolean {
  return (
    entry.ctime === stats.ctimeMs &&
    entry.mtime === stats.mtimeMs &&
    entry.ino === stats.ino &&
    entry.mode === (stats.mode & 0o7777) &&
    entry.type === typeOf(stats) &&
    entry.type !== 'symlink' &&
    entry.size === sizeOf(entry.type, stats)
  );
}

function sizeOf(type: EntryType, stats: Stats): number {
  return type === 'file' || type === 'symlink' ? stats.size : 0;
}

function typeOf(stats: Stats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return 'device';
}
