import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, Version } from '../../context/entry';
import { ContextTree, worthKeeping, type ContextNode } from '../../context/tree';
import { asObject } from '../../llb/decode';
import { sha256 } from '../sha256';
import { decodeTree, encodeTree, isComplete, type SeenAgain } from './contextCodec';
import { replaceFile, stampOf, whileLocked } from './sharedFile';

/** What the file held when it was read or written last. */
interface Base {
  readonly id: string;
  /** The stamp of the file; of the file beside it when that was read or written. */
  readonly stamp: string | undefined;
  readonly seenStamp: string | undefined;
  /** {@link ContextTree.changes} of the tree that is equal to the file. */
  readonly changes: number;
  /** When the last complete look began that is written down; -1: none. */
  readonly lookedAt: number;
  /** Every path that is there was looked at in that look. */
  readonly complete: boolean;
}

/**
 * Remembers what the files of a build context looked like, and since when: the stat cache with its history.
 *
 * Most looks find what was known. Then only the time of the look is written, to a small file beside the large one. It
 * says: every path that was looked at in the last complete look of the large file was looked at again, and was the
 * same. So it is only written after a complete look that left nothing out and found nothing new, and it names the
 * large file that it speaks of.
 */
export class ContextStore {
  private readonly path: string;
  private readonly seenPath: string;
  private base: Base | undefined;

  constructor(
    folder: string,
    /** Real absolute path of the build context. */
    private readonly root: string,
  ) {
    const name = join(folder, 'contexts', sha256(root).slice(0, 16));
    this.path = `${name}.tree`;
    this.seenPath = `${name}.seen`;
  }

  /** The tree as it was seen last; empty when nothing is remembered. */
  async load(): Promise<ContextTree> {
    const [stamp, seenStamp] = await this.stamps();
    const { tree, id, complete } = await this.read();
    this.base = { id, changes: tree.changes, lookedAt: tree.lookedAt ?? -1, complete, stamp, seenStamp };
    return tree;
  }

  /** Is there anything to write but when the files were seen last? */
  hasNews(tree: ContextTree): boolean {
    return this.base === undefined || this.base.id === '' || tree.changes !== this.base.changes;
  }

  /** Writes what is new; what another process saw meanwhile is kept as well. False when it could not be written. */
  async save(tree: ContextTree): Promise<boolean> {
    const { base } = this;
    if (base !== undefined && !this.hasNews(tree)) {
      const lookedAt = tree.lookedAt ?? -1;
      if (lookedAt <= base.lookedAt) return true;
      if (base.complete && isComplete(tree, lookedAt)) return this.saveSeen(tree, base, lookedAt);
    }
    return whileLocked(this.path, () => this.write(tree));
  }

  /** The tree is what the file says, and all of it was seen again. */
  private async saveSeen(tree: ContextTree, base: Base, lookedAt: number): Promise<boolean> {
    return whileLocked(this.path, async () => {
      const [stamp] = await this.stamps();
      if (stamp !== base.stamp) return this.write(tree); // it speaks of another file
      // one that another process noted stays, and is merged with the next tree that is written
      const known = await this.readSeen();
      if (known?.id === base.id && known.lookedAt >= lookedAt) return;
      await replaceFile(this.seenPath, JSON.stringify({ id: base.id, lookedAt }));
      this.base = { ...base, lookedAt, seenStamp: await stampOf(this.seenPath) };
    });
  }

  /** To be called with the lock. */
  private async write(tree: ContextTree): Promise<void> {
    const [stamp, seenStamp] = await this.stamps();
    if (stamp !== this.base?.stamp || seenStamp !== this.base?.seenStamp)
      mergeNode(tree.root, (await this.read()).tree.root);
    const id = randomUUID();
    const { changes, lookedAt = -1 } = tree;
    const complete = lookedAt >= 0 && isComplete(tree, lookedAt);
    await replaceFile(
      this.path,
      encodeTree(tree, { root: this.root, id, lookedAt, transfers: tree.root.changes.transfers }),
    );
    const [newStamp, newSeenStamp] = await this.stamps();
    this.base = { id, changes, lookedAt, complete, stamp: newStamp, seenStamp: newSeenStamp };
  }

  private async read(): Promise<{ tree: ContextTree; id: string; complete: boolean }> {
    try {
      const [bytes, again] = await Promise.all([readFile(this.path), this.readSeen()]);
      const decoded = decodeTree(bytes, this.root, again);
      if (decoded !== undefined) return { ...decoded, id: decoded.header.id };
    } catch {
      // nothing is remembered
    }
    return { tree: new ContextTree(), id: '', complete: false };
  }

  /** Which tree was seen again last, and when; undefined when that is not known. */
  private async readSeen(): Promise<SeenAgain | undefined> {
    try {
      const { id, lookedAt } = asObject(JSON.parse(await readFile(this.seenPath, 'utf8')));
      return typeof id === 'string' && typeof lookedAt === 'number' ? { id, lookedAt } : undefined;
    } catch {
      return undefined;
    }
  }

  private async stamps(): Promise<readonly [string | undefined, string | undefined]> {
    return [await stampOf(this.path), await stampOf(this.seenPath)];
  }
}

/** Adds what another process saw of a path and what is below it: longer spans, digests, states between. */
function mergeNode(node: ContextNode, theirs: ContextNode): void {
  for (const version of theirs.versions) mergeState(node, version);
  const { entry, seenTo, digest } = theirs;
  if (entry !== undefined) mergeState(node, digest === undefined ? { ...entry, seenTo } : { ...entry, seenTo, digest });
  for (const child of theirs.children?.values() ?? []) mergeNode(node.ensureChild(child.name), child);
}

function mergeState(node: ContextNode, state: Version): void {
  const matches = (one: Entry): boolean =>
    one.ctime === state.ctime && one.ino === state.ino && one.size === state.size && one.mtime === state.mtime;
  node.changes.note(node, node.entry);
  if (node.entry !== undefined && matches(node.entry)) {
    node.observeSame(state.seenTo);
    if (node.digest === undefined && state.digest !== undefined) {
      node.digest = state.digest;
      node.digestKept = true;
      node.changes.value++;
    }
    return;
  }
  const index = node.versions.findIndex(matches);
  const known = node.versions[index];
  if (known === undefined) {
    const inOrder = [...node.versions, state].sort((a, b) => a.ctime - b.ctime);
    node.versions = worthKeeping(inOrder, node.changes.transfers);
    if (node.versions.includes(state)) node.changes.value++;
    return;
  }
  const longer = { ...state, ...known, seenTo: Math.max(known.seenTo, state.seenTo) };
  const isNews = longer.seenTo > known.seenTo || longer.digest !== known.digest || longer.names !== known.names;
  if (!isNews) return;
  node.versions = node.versions.map((one, at) => (at === index ? longer : one));
  node.changes.value++;
}
