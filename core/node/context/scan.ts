import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, EntryType } from '../../context/entry';
import type { IgnoreMatcher, ParentMatches } from '../../context/ignoreMatcher';
import { ContextNode, type ContextTree } from '../../context/tree';
import type { Problem } from '../../model';

/** How a scan is run. */
export interface ScanOptions {
  /** What is ignored as a whole is not looked into; undefined: nothing is ignored. */
  readonly matcher: IgnoreMatcher | undefined;
  readonly signal?: AbortSignal;
  /** Paths looked at so far. */
  readonly onProgress?: (paths: number) => void;
}

/** What a scan found wrong. */
export interface ScanResult {
  readonly paths: number;
  readonly problems: readonly Problem[];
}

/** Milliseconds of work before others get a turn. */
const SLICE = 8;
/** A directory that changes while it is listed is listed again so often. */
const MAX_LISTINGS = 3;

/**
 * Looks at every path of a build context and notes what it finds in the tree. Synchronous calls are four times as fast
 * as promises here; between slices of work other requests get their turn. Rejects only when aborted.
 */
export async function scanContext(root: string, tree: ContextTree, options: ScanOptions): Promise<ScanResult> {
  return new Scan(root, tree, options).run();
}

interface Directory {
  readonly node: ContextNode;
  readonly info: ParentMatches | undefined;
}

class Scan {
  private readonly problems: Problem[] = [];
  private paths = 0;
  private sliceEnd = Date.now() + SLICE;

  constructor(
    private readonly root: string,
    private readonly tree: ContextTree,
    private readonly options: ScanOptions,
  ) {}

  async run(): Promise<ScanResult> {
    const { tree, options } = this;
    tree.parentChanged = tryStat(dirname(this.root))?.ctimeMs;
    tree.movedAt = movedAt(this.root);
    this.look(tree.root, this.root);
    const queue: Directory[] = tree.root.entry?.type === 'dir' ? [{ node: tree.root, info: undefined }] : [];
    if (queue.length === 0) {
      this.problems.push({ code: 'context-unreadable', message: `${this.root} is not a folder that can be read` });
    }
    for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
      if (Date.now() >= this.sliceEnd) {
        options.onProgress?.(this.paths);
        await nextTurn();
        options.signal?.throwIfAborted();
        this.sliceEnd = Date.now() + SLICE;
      }
      queue.push(...this.list(directory));
    }
    return { paths: this.paths, problems: this.problems };
  }

  /** Lists a directory and looks at everything in it; returns the directories to go on with. */
  private list({ node, info }: Directory): Directory[] {
    const { matcher } = this.options;
    const path = node.path;
    const absolute = path === '' ? this.root : join(this.root, path);
    const names = this.names(node, absolute);
    if (names === undefined) return [];
    const children = (node.children ??= new Map<string, ContextNode>());
    const present = new Set(names);
    for (const child of children.values()) if (!present.has(child.name)) child.observeGone();

    const directories: Directory[] = [];
    for (const name of names) {
      let child = children.get(name);
      if (child === undefined) {
        child = new ContextNode(name, node);
        children.set(name, child);
      }
      this.look(child, join(absolute, name));
      if (child.entry?.type !== 'dir') {
        if (child.children !== undefined) for (const below of child.children.values()) below.observeGone();
        continue;
      }
      const childPath = path === '' ? name : `${path}/${name}`;
      const judged = matcher?.walk(childPath, info);
      child.pruned = judged?.matched === true && matcher?.mayReinclude(childPath) === false;
      if (child.pruned) for (const below of child.children?.values() ?? []) below.observeGone();
      else directories.push({ node: child, info: judged?.info });
    }
    return directories;
  }

  /** The names in a directory, read while it had the state that is noted. */
  private names(node: ContextNode, absolute: string): string[] | undefined {
    for (let turn = 1; ; turn++) {
      const listedAt = Date.now();
      let names: string[];
      try {
        names = readdirSync(absolute);
      } catch (error) {
        this.unreadable(node, error);
        return undefined;
      }
      const stats = tryStat(absolute);
      if (stats === undefined || !stats.isDirectory()) {
        node.observeGone();
        return undefined;
      }
      if (stats.ctimeMs === node.entry?.ctime) {
        node.listedAt = listedAt;
        return names;
      }
      node.observe(describe(stats, absolute), Date.now());
      if (turn === MAX_LISTINGS) {
        node.listedAt = 0;
        return names;
      }
    }
  }

  private look(node: ContextNode, absolute: string): void {
    this.paths++;
    const now = Date.now();
    try {
      node.observe(describe(lstatSync(absolute), absolute), now);
    } catch (error) {
      this.unreadable(node, error);
    }
  }

  /** Something vanished while it was looked at, or may not be read. */
  private unreadable(node: ContextNode, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      node.observeGone();
      return;
    }
    const path = node.path === '' ? this.root : node.path;
    this.problems.push({
      code: 'context-unreadable',
      message: `${path} cannot be read (${code ?? 'unknown error'}): the build will fail unless it is ignored`,
    });
    // as if it had just changed: nothing is claimed of it
    const ctime = Number.MAX_SAFE_INTEGER;
    node.observe({ type: 'unreadable', mode: 0, size: 0, mtime: 0, ctime, ino: 0, links: 1 }, Date.now());
  }
}

/**
 * Renaming a folder changes its ctime alone, a new or removed entry its mtime as well: where the two differ a folder
 * above may have been put in the place of another one.
 */
function movedAt(root: string): number {
  let latest = -Infinity;
  for (let folder = dirname(root); folder !== dirname(folder); folder = dirname(folder)) {
    const stats = tryStat(folder);
    if (stats !== undefined && stats.ctimeMs !== stats.mtimeMs) latest = Math.max(latest, stats.ctimeMs);
  }
  return latest;
}

function tryStat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** What the file system says of a path. A name that is not UTF-8 cannot be told apart from others: it counts as unreadable. */
export function describe(stats: Stats, absolute: string): Entry {
  const type = absolute.includes('\uFFFD') ? 'unreadable' : typeOf(stats);
  return {
    type,
    mode: stats.mode & 0o7777,
    size: type === 'file' || type === 'symlink' ? stats.size : 0,
    mtime: stats.mtimeMs,
    ctime: stats.ctimeMs,
    ino: stats.ino,
    links: type === 'dir' ? 1 : stats.nlink,
    ...(type === 'symlink' ? { target: readlinkSync(absolute) } : {}),
  };
}

function typeOf(stats: Stats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return 'device';
}
