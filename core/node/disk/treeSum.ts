import { lstat, readdir, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { TreeSum } from '../../disk/facts';

/** A folder with what is in it; `children` only where it was asked for them. */
export interface Tree extends TreeSum {
  /** Blocks of the folder alone, in bytes. */
  readonly own: number;
  readonly isFolder: boolean;
  readonly children: ReadonlyMap<string, Tree>;
}

export interface TreeOptions {
  readonly signal: AbortSignal;
  /** Folders whose children are kept apart, by their paths below the start, without a slash at the ends. */
  readonly isOpen?: (path: string) => boolean;
  /** Gets folders and files that cannot be read. */
  readonly onUnreadable?: (path: string) => void;
  /** Gets the number of files read so far, now and then. */
  readonly onProgress?: (files: number) => void;
}

/** Entries that are asked about at the same time: the system's own threads are four. */
const AT_ONCE = 16;
const PROGRESS_EVERY = 5000;
const NOTHING: Tree = { blocks: 0, bytes: 0, own: 0, isFolder: false, children: new Map() };

/**
 * Adds up what is below a path as `du -x` does: hard links once, other file systems not at all, links not followed. What
 * goes away meanwhile counts nothing. Undefined when the path itself cannot be read.
 */
export async function treeSum(path: string, options: TreeOptions): Promise<Tree | undefined> {
  const stats = await statOf(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  // only what cannot be opened at all is nothing; folders within are reported
  if (stats.isDirectory() && (await namesOf(path).catch(() => undefined)) === undefined) return undefined;
  return new Walk(options, stats.dev).tree(path, '', stats);
}

class Walk {
  private readonly seen = new Set<number>();
  private files = 0;

  constructor(
    private readonly options: TreeOptions,
    private readonly device: number,
  ) {}

  async tree(path: string, place: string, stats: Stats): Promise<Tree> {
    const { signal, isOpen, onProgress } = this.options;
    signal.throwIfAborted();
    if (stats.dev !== this.device) return NOTHING;
    if (++this.files % PROGRESS_EVERY === 0) onProgress?.(this.files);
    if (stats.nlink > 1 && !stats.isDirectory()) {
      if (this.seen.has(stats.ino)) return NOTHING;
      this.seen.add(stats.ino);
    }
    const own = stats.blocks * 512;
    // devices have no length, and whiteouts are such
    const bytes = stats.isFile() || stats.isSymbolicLink() ? stats.size : 0;
    if (!stats.isDirectory()) return { ...NOTHING, blocks: own, bytes, own };
    const names = await this.names(path);
    const children = new Map<string, Tree>();
    const keeps = isOpen?.(place) === true;
    let [blocks, inside] = [own, 0];
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      const found = await Promise.all(
        some.map((name) => statOf(join(path, name)).catch((error: unknown) => this.lost(join(path, name), error))),
      );
      for (const [index, one] of found.entries()) {
        const name = some[index] ?? '';
        if (one === undefined) continue;
        const child = await this.tree(join(path, name), place === '' ? name : `${place}/${name}`, one);
        blocks += child.blocks;
        inside += child.bytes;
        if (keeps) children.set(name, child);
      }
    }
    return { blocks, bytes: inside, own, isFolder: true, children };
  }

  private async names(path: string): Promise<readonly string[]> {
    try {
      return await namesOf(path);
    } catch (error) {
      this.lost(path, error);
      return [];
    }
  }

  private lost(path: string, error: unknown): undefined {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') this.options.onUnreadable?.(path);
    return undefined;
  }
}

// half the time of their promises: a store has hundreds of thousands of files
function statOf(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    lstat(path, (error, stats) => {
      if (error === null) resolve(stats);
      else reject(error);
    });
  });
}

function namesOf(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    readdir(path, (error, names) => {
      if (error === null) resolve(names);
      else reject(error);
    });
  });
}
