import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IgnoreMatcher, ParentMatches } from '../../context/ignoreMatcher';
import type { ContextNode, ContextTree } from '../../context/tree';
import type { Problem } from '../../model';
import { describe, isStill } from './describe';

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

/** Milliseconds of work before others get a turn: an answer may have to wait for some of these. */
const SLICE = 3;
/** A directory that changes while it is listed is listed again so often. */
const MAX_LISTINGS = 3;

/**
 * Looks at every path of a build context and notes what it finds in the tree. Synchronous calls are four times as fast
 * as promises here; between slices of work other requests get their turn. Rejects only when aborted.
 */
export async function scanContext(root: string, tree: ContextTree, options: ScanOptions): Promise<ScanResult> {
  const startedAt = Date.now();
  const scan = new Scan(root, tree, options);
  scan.begin();
  await scan.finish();
  // only now: a look that was given up is no look at everything
  tree.lookedAt = startedAt;
  return scan.result();
}

/**
 * Looks again at some paths (relative to the context, with `/`) of a context that was scanned before under the same
 * rules, at the directories above them, at what is new in the directory that holds them, and at all of a directory
 * that is new or another one than before. Nothing else moves: what was not looked at keeps the time of its last look.
 * Rejects only when aborted.
 */
export async function scanPaths(
  root: string,
  tree: ContextTree,
  paths: Iterable<string>,
  options: ScanOptions,
): Promise<ScanResult> {
  const scan = new Scan(root, tree, options);
  for (const path of paths) scan.revisit(path.split('/').filter((name) => name !== ''));
  await scan.finish();
  return scan.result();
}

interface Directory {
  readonly node: ContextNode;
  /** Relative path with `/` at its end; empty for the context itself. */
  readonly prefix: string;
  readonly info: ParentMatches | undefined;
}

class Scan {
  private readonly problems: Problem[] = [];
  private paths = 0;
  private readonly queue: Directory[] = [];
  /** Absolute path of the context with `/` at its end. */
  private readonly base: string;
  /** Directories that are or will be looked at with everything in them. */
  private readonly whole = new Set<ContextNode>();
  /** Directories whose names were read. */
  private readonly listed = new Set<ContextNode>();

  constructor(
    private readonly root: string,
    private readonly tree: ContextTree,
    private readonly options: ScanOptions,
  ) {
    this.base = root.endsWith('/') ? root : `${root}/`;
    tree.parentChanged = tryStat(dirname(root))?.ctimeMs;
    tree.movedAt = movedAt(root);
  }

  result(): ScanResult {
    return { paths: this.paths, problems: this.problems };
  }

  /** Everything is to be looked at. */
  begin(): void {
    const { root } = this.tree;
    this.look(root, this.root);
    if (root.entry?.type === 'dir') this.enqueue({ node: root, prefix: '', info: undefined });
    else this.problems.push({ code: 'context-unreadable', message: `${this.root} is not a folder that can be read` });
  }

  /** Works off the directories that are to be looked at with everything in them. */
  async finish(): Promise<void> {
    const { queue, options } = this;
    let sliceEnd = Date.now() + SLICE;
    for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
      if (Date.now() >= sliceEnd) {
        options.onProgress?.(this.paths);
        await nextTurn();
        options.signal?.throwIfAborted();
        sliceEnd = Date.now() + SLICE;
      }
      this.list(directory);
    }
  }

  /** Goes down to a path, looking at each directory on the way. */
  revisit(names: readonly string[]): void {
    const { root } = this.tree;
    if (this.whole.has(root)) return;
    if (names.length === 0 || this.isOther(root, this.root)) {
      this.begin();
      return;
    }
    let directory: Directory = { node: root, prefix: '', info: undefined };
    for (const [index, name] of names.entries()) {
      const { node, prefix } = directory;
      if (this.whole.has(node)) return;
      const isHolder = index === names.length - 1;
      // a directory that changed has other names, whatever the events told of it
      if (isHolder || !node.isListedNow) this.relist(directory);
      const child = node.child(name);
      if (child?.entry === undefined || this.whole.has(child)) return;
      const path = `${prefix}${name}`;
      const before = child.entry;
      const isOther = this.isOther(child, `${this.base}${path}`);
      const next = this.enter(child, path, directory.info);
      if (next === undefined) return;
      // the folder may have been moved away and back: what happened in it meanwhile is not known
      if (isOther || before.type !== 'dir' || (isHolder && child.entry !== before)) this.enqueue(next);
      else if (isHolder) this.relist(next);
      directory = next;
    }
  }

  /** Looks at a path again; true when it is not the one that was there before. */
  private isOther(node: ContextNode, absolute: string): boolean {
    const ino = node.entry?.ino;
    this.look(node, absolute);
    return ino === undefined || node.entry?.ino !== ino;
  }

  private enqueue(directory: Directory): void {
    if (this.whole.has(directory.node)) return;
    this.whole.add(directory.node);
    this.queue.push(directory);
  }

  /** Lists a directory and looks at what is new in it, not at what was known. */
  private relist(directory: Directory): void {
    if (this.listed.has(directory.node)) return;
    this.list(directory, true);
  }

  /** Lists a directory and looks at everything in it, or at what is new in it. */
  private list({ node, prefix, info }: Directory, onlyNew = false): void {
    this.listed.add(node);
    const names = this.names(node, `${this.base}${prefix}`);
    if (names === undefined) return;
    const present = new Set(names);
    for (const child of node.children?.values() ?? []) if (!present.has(child.name)) child.observeGone();
    for (const name of names) {
      const child = node.ensureChild(name);
      if (onlyNew && child.entry !== undefined) continue;
      const path = prefix + name;
      if (name.includes('\uFFFD')) this.problems.push(badName(path));
      this.look(child, this.base + path);
      const directory = this.enter(child, path, info);
      if (directory !== undefined) this.enqueue(directory);
    }
  }

  /** The directory at a path to go on with; undefined when it is none, or is ignored as a whole. */
  private enter(child: ContextNode, path: string, info: ParentMatches | undefined): Directory | undefined {
    const { matcher } = this.options;
    if (child.entry?.type !== 'dir') {
      if (child.children !== undefined) for (const below of child.children.values()) below.observeGone();
      child.observePruned(false);
      return undefined;
    }
    const judged = matcher?.walk(path, info);
    child.observePruned(judged?.matched === true && matcher?.mayReinclude(path) === false);
    return child.pruned ? undefined : { node: child, prefix: `${path}/`, info: judged?.info };
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
        node.observeListing(listedAt);
        return names;
      }
      node.observe(describe(stats, absolute), Date.now());
      if (turn === MAX_LISTINGS) {
        node.observeListing(0);
        return names;
      }
    }
  }

  private look(node: ContextNode, absolute: string): void {
    this.paths++;
    const now = Date.now();
    try {
      const stats = lstatSync(absolute, QUIET);
      if (stats === undefined) node.observeGone();
      else if (node.entry !== undefined && isStill(node.entry, stats)) node.observeSame(now);
      else node.observe(describe(stats, absolute), now);
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

/** The builder's protocol carries names as UTF-8 only; what is ignored is not sent. */
function badName(path: string): Problem {
  const message = `the name ${path} is not UTF-8: a build that takes it fails. Rename or ignore it`;
  return { code: 'context-unreadable', message };
}

/**
 * Renaming a folder changes its ctime alone, a new or removed entry its mtime as well: where the two differ a folder
 * above may have been put in the place of another one.
 */
function movedAt(root: string): number {
  let latest = -Infinity;
  for (let folder = dirname(root); folder !== dirname(folder); folder = dirname(folder)) {
    const stats = tryStat(folder);
    if (stats === undefined) return Infinity;
    if (stats.ctimeMs !== stats.mtimeMs && !isBeingWritten(folder)) latest = Math.max(latest, stats.ctimeMs);
  }
  return latest;
}

/**
 * Linux writes the two times one after the other, and whoever looks in between finds them apart: of a folder in which
 * much comes and goes (`/tmp`) one look in some thousands.
 */
function isBeingWritten(folder: string): boolean {
  for (let look = 0; look < 4; look++) {
    const stats = tryStat(folder);
    if (stats !== undefined && stats.ctimeMs === stats.mtimeMs) return true;
  }
  return false;
}

/** An error for each path that is not there would take longer than everything else. */
const QUIET = { throwIfNoEntry: false } as const;

function tryStat(path: string): Stats | undefined {
  try {
    return lstatSync(path, QUIET);
  } catch {
    return undefined; // not to be looked at: the callers claim nothing then
  }
}
