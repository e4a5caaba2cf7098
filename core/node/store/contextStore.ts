import { join } from 'node:path';
import type { Entry, EntryType, Version } from '../../context/entry';
import { ContextTree, type ContextNode } from '../../context/tree';
import { asArray, asObject } from '../../llb/decode';
import { sha256 } from '../sha256';
import { JsonFile } from './jsonFile';

const VERSION = 1;
/** Paths that are gone and still remembered. */
const MAX_GHOSTS = 5000;
const TYPES: readonly EntryType[] = ['file', 'dir', 'symlink', 'fifo', 'socket', 'device', 'unreadable'];

/** type, mode, size, mtime, ctime, inode, links, seen to, digest, target, names */
type StateRow = [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  (string | 0)?,
  (string | 0)?,
  (readonly string[] | 0)?,
];
/** path, present (1) or gone (0), when its names were read, states from old to new */
type PathRow = [string, 0 | 1, number, ...StateRow[]];

/** Remembers what the files of a build context looked like, and since when: the stat cache with its history. */
export class ContextStore {
  private readonly file: JsonFile;

  constructor(
    folder: string,
    /** Real absolute path of the build context. */
    private readonly root: string,
  ) {
    this.file = new JsonFile(join(folder, 'contexts', `${sha256(root).slice(0, 16)}.json`), VERSION);
  }

  /** The tree as it was seen last; empty when nothing is remembered. */
  async load(): Promise<ContextTree> {
    const tree = new ContextTree();
    restore(tree, await this.file.read(), this.root);
    return tree;
  }

  /** Writes the tree; what another process saw meanwhile is kept as well. False when it could not be written. */
  async save(tree: ContextTree): Promise<boolean> {
    return this.file.write((theirs) => {
      if (theirs !== undefined) mergeStates(tree, theirs, this.root);
      return { root: this.root, paths: rows(tree) };
    });
  }
}

function rows(tree: ContextTree): PathRow[] {
  const found: PathRow[] = [];
  let ghosts = 0;
  for (const node of tree.nodes()) {
    const { entry } = node;
    if (entry === undefined && (node.versions.length === 0 || ++ghosts > MAX_GHOSTS)) continue;
    const states = node.versions.map(stateRow);
    if (entry !== undefined) {
      const digest = node.digest !== undefined && node.digestKept ? { digest: node.digest } : {};
      states.push(stateRow({ ...entry, seenTo: node.seenTo, ...digest }));
    }
    found.push([node.path, entry === undefined ? 0 : 1, node.listedAt, ...states]);
  }
  return found;
}

function stateRow(version: Version): StateRow {
  const { type, mode, size, mtime, ctime, ino, links, seenTo, digest, target, names } = version;
  const row: StateRow = [TYPES.indexOf(type), mode, size, mtime, ctime, ino, links, seenTo];
  if (digest !== undefined || target !== undefined || names !== undefined) row.push(digest ?? 0);
  if (target !== undefined || names !== undefined) row.push(target ?? 0);
  if (names !== undefined) row.push(names);
  return row;
}

function readRow(row: StateRow): Version {
  const [type, mode, size, mtime, ctime, ino, links, seenTo, digest, target, names] = row;
  return {
    ...{ type: TYPES[type] ?? 'unreadable', mode, size, mtime, ctime, ino, links, seenTo },
    ...(typeof digest === 'string' ? { digest } : {}),
    ...(typeof target === 'string' ? { target } : {}),
    ...(Array.isArray(names) ? { names: names as readonly string[] } : {}),
  };
}

function readPaths(value: unknown, root: string): PathRow[] {
  const json = asObject(value);
  // two roots may share the short name of their file
  return json['root'] === root ? (asArray(json['paths']) as PathRow[]) : [];
}

function restore(tree: ContextTree, value: unknown, root: string): void {
  for (const [path, present, listedAt, ...states] of readPaths(value, root)) {
    const node = tree.node(path, true);
    if (node === undefined) continue;
    node.listedAt = listedAt;
    const versions = states.map(readRow);
    const last = present === 1 ? versions.pop() : undefined;
    node.versions.push(...versions);
    if (last !== undefined) restorePresent(node, last);
  }
}

function restorePresent(node: ContextNode, version: Version): void {
  const { type, mode, size, mtime, ctime, ino, links, target, seenTo, digest } = version;
  const entry: Entry = { type, mode, size, mtime, ctime, ino, links };
  node.entry = target === undefined ? entry : { ...entry, target };
  node.seenTo = seenTo;
  node.digest = digest;
  node.digestKept = digest !== undefined;
}

/** Adds what another process saw of a path: longer spans, digests, states between. */
function mergeStates(tree: ContextTree, value: unknown, root: string): void {
  for (const [path, , , ...states] of readPaths(value, root)) {
    const node = tree.node(path, true);
    if (node === undefined) continue;
    for (const state of states.map(readRow)) mergeState(node, state);
  }
}

function mergeState(node: ContextNode, state: Version): void {
  const matches = (one: Entry): boolean =>
    one.ctime === state.ctime && one.ino === state.ino && one.size === state.size && one.mtime === state.mtime;
  if (node.entry !== undefined && matches(node.entry)) {
    node.seenTo = Math.max(node.seenTo, state.seenTo);
    if (node.digest === undefined && state.digest !== undefined) {
      node.digest = state.digest;
      node.digestKept = true;
    }
    return;
  }
  const index = node.versions.findIndex(matches);
  const known = node.versions[index];
  if (known === undefined) {
    node.versions.push(state);
    node.versions.sort((a, b) => a.ctime - b.ctime);
  } else {
    node.versions[index] = { ...state, ...known, seenTo: Math.max(known.seenTo, state.seenTo) };
  }
}
