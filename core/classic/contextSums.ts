import { clean } from '../context/goPath';
import { goMatch } from '../context/goMatch';
import { hasWildcard } from '../context/selection';
import type { ContextNode, ContextTree } from '../context/tree';
import type { SentContext } from './sentContext';
import type { Sha256 } from '../evidence/facts';
import { byteOrder } from './goFormat';
import { followInScope } from './scopedPath';

/** A file whose sum has to be computed: SHA-256 over this text and then its bytes. */
export interface WantedSum {
  readonly node: ContextNode;
  readonly header: string;
}

/** What a COPY or ADD of the build context takes. */
export type ContextSum =
  | { readonly kind: 'sum'; readonly sum: string }
  /** Files have to be read first. */
  | { readonly kind: 'unread' }
  /** The build stops here. */
  | { readonly kind: 'failure'; readonly code: 'missing' | 'other'; readonly message: string }
  /** No earlier build can have had it. */
  | { readonly kind: 'never'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

export interface SumOptions {
  readonly tree: ContextTree;
  readonly sees: SentContext;
  /** The command line writes the kind of a file into its mode (docker before 24). */
  readonly typeBits: boolean;
  readonly sha256: Sha256;
}

/** Ends a computation inside this file only. */
class NoSum extends Error {
  constructor(readonly result: Exclude<ContextSum, { kind: 'sum' }>) {
    super(result.kind);
  }
}

const TYPE_BITS: Readonly<Record<string, number>> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
};
const TYPE_FLAGS: Readonly<Record<string, string>> = { file: '0', dir: '5', symlink: '2', fifo: '6' };

/**
 * Computes what the classic builder writes of the sources of a COPY into the image it looks for (moby
 * builder/dockerfile/copy.go, builder/remotecontext/archive.go, pkg/tarsum).
 */
export class ContextSums {
  /** Files that have to be read for what was asked so far. */
  readonly wanted = new Map<ContextNode, WantedSum>();
  private readonly results = new Map<string, ContextSum>();
  private links: ReadonlyMap<number, ContextNode> | undefined;

  constructor(private readonly options: SumOptions) {}

  /** `file:…`, `dir:…` or `multi:…` of these sources; `isTree`: the destination ends with `/`. */
  sum(sources: readonly string[], keyword: string, isTree: boolean): ContextSum {
    const key = JSON.stringify([sources, keyword, isTree]);
    let result = this.results.get(key);
    if (result === undefined) {
      result = this.compute(sources, keyword, isTree);
      this.results.set(key, result);
    }
    return result;
  }

  /**
   * Bytes of the files in the layer that a copy of these sources makes, hard links once, and of the texts of its links;
   * undefined where that is not certain.
   */
  bytes(sources: readonly string[], isAdd: boolean): { readonly files: number; readonly links: number } | undefined {
    const { tree, sees } = this.options;
    let bytes = 0;
    let links = 0;
    const names = new Set<string>();
    const count = ({ entry }: ContextNode, name: string): boolean => {
      if (entry?.type !== 'file') return true;
      // one over the other
      if (names.has(name)) return false;
      names.add(name);
      bytes += entry.size;
      return true;
    };
    for (const path of sources.flatMap((source) => this.paths(source))) {
      const top = followInScope(tree, sees, clean(`/${path}`).slice(1))?.node;
      if (top === undefined || this.hasRandom(top)) return undefined;
      if (top.entry?.type !== 'dir') {
        const mayUnpack = isAdd && top.archive !== false && (top.entry?.size ?? 0) > 0;
        if (mayUnpack || !count(top, path.slice(path.lastIndexOf('/') + 1))) return undefined;
        continue;
      }
      const inodes = new Set<number>();
      for (const one of this.walk(top)) {
        const { ino = 0, links: nameCount = 1, type, size = 0 } = one.entry ?? {};
        if (type === 'file' && nameCount > 1 && inodes.has(ino)) continue;
        inodes.add(ino);
        if (type === 'symlink') links += size;
        // archives in a folder stay as they are
        if (one !== top && !count(one, one.path.slice(top.path.length).replace(/^\//, ''))) return undefined;
      }
    }
    return { files: bytes, links };
  }

  private hasRandom(top: ContextNode): boolean {
    const { sees } = this.options;
    return sees.isRandom(top) || [...(top.children?.values() ?? [])].some((child) => sees.isRandom(child));
  }

  /** Links below the copied folders, and second names of files: their changes do not show in a sum. */
  *blindSpots(sources: readonly string[]): Generator<{ readonly node: ContextNode; readonly isSecondName: boolean }> {
    const { tree, sees } = this.options;
    for (const path of sources.flatMap((source) => this.paths(source))) {
      const top = followInScope(tree, sees, clean(`/${path}`).slice(1))?.node;
      for (const node of top === undefined ? [] : this.walk(top)) {
        const isSecondName = this.firstName(node) !== node;
        if (isSecondName || (node !== top && node.entry?.type === 'symlink')) yield { node, isSecondName };
      }
    }
  }

  /** Every path that these sources take. */
  *taken(sources: readonly string[]): Generator<ContextNode> {
    const { tree, sees } = this.options;
    for (const path of sources.flatMap((source) => this.paths(source))) {
      const top = followInScope(tree, sees, clean(`/${path}`).slice(1))?.node;
      if (top !== undefined) yield* this.walk(top);
    }
  }

  /** What a source names; with wildcards, what they find. */
  private paths(source: string): string[] {
    const path = source.replace(/^\//, '').replace(/^\.\//, '');
    if (!hasWildcard(path)) return [path];
    const found: string[] = [];
    for (const node of this.walk(this.options.tree.root)) {
      if (node.parent !== undefined && goMatch(path, node.path) === true) found.push(node.path);
    }
    return found;
  }

  private compute(sources: readonly string[], keyword: string, isTree: boolean): ContextSum {
    try {
      const sums = sources.flatMap((source) => this.paths(source)).map((path) => this.plain(path, keyword));
      if (sums.length === 0) return failure(`${keyword} failed: no source files were specified`, 'missing');
      if (sums.length > 1 && !isTree) {
        return failure(`${keyword} of more than one file wants a destination that ends with /`);
      }
      if (sums.includes(undefined)) return { kind: 'unread' };
      const known = sums.filter((one) => one !== undefined);
      const [only = ''] = known;
      return { kind: 'sum', sum: known.length === 1 ? only : `multi:${this.options.sha256(known.join(','))}` };
    } catch (error) {
      if (error instanceof NoSum) return error.result;
      throw error;
    }
  }

  /** Undefined: files of it have to be read. */
  private plain(path: string, keyword: string): string | undefined {
    const { tree, sees } = this.options;
    // the path is joined to the context's before links are followed
    if (escapes(path)) throw new NoSum(failure(`forbidden path outside the build context: ${path}`));
    const found = followInScope(tree, sees, clean(`/${path}`).slice(1));
    if (found === undefined) throw new NoSum(failure(`${keyword} failed: ${path} leads nowhere`));
    const { node } = found;
    if (node === undefined) {
      const message = `${path} is not in the build context, or is ignored`;
      throw new NoSum(failure(message, 'missing'));
    }
    if (node.entry?.type !== 'dir') {
      const sum = this.entry(node);
      return sum === undefined ? undefined : `file:${sum}`;
    }
    const sums: (string | undefined)[] = [];
    for (const one of this.walk(node)) if (one.parent !== undefined) sums.push(...this.member(one));
    if (sums.includes(undefined)) return undefined;
    const sorted = sums.filter((one) => one !== undefined).sort(byteOrder);
    return `dir:${this.options.sha256(sorted.join(','))}`;
  }

  /** A path below a folder that is taken counts as what it leads to; one that leads in circles does not count. */
  private member(node: ContextNode): (string | undefined)[] {
    const { tree, sees } = this.options;
    if (node.entry?.type !== 'symlink') return [this.entry(node)];
    const found = followInScope(tree, sees, node.path);
    if (found === undefined) return [];
    // the text of its own path, which every link to nothing of this name has
    if (found.node === undefined) return [node.path];
    // the context itself has no entry in the archive, nor has a folder that only comes into being when it is unpacked
    return [found.path === '' || this.isImplied(found.node) ? node.path : this.entry(found.node)];
  }

  /** The sum of one entry of the archive that the command line sends; undefined: the file has to be read. */
  private entry(node: ContextNode): string | undefined {
    const { entry, path } = node;
    const { sees, typeBits, sha256 } = this.options;
    if (sees.isRandom(node)) {
      const message =
        'the Dockerfile is not in the context: docker writes a random name into .dockerignore, which is copied';
      throw new NoSum({ kind: 'never', message });
    }
    if (sees.problem !== undefined) throw new NoSum({ kind: 'unknown', message: `the ignore file: ${sees.problem}` });
    const flag = TYPE_FLAGS[entry?.type ?? ''];
    if (entry === undefined || flag === undefined) {
      throw new NoSum({ kind: 'unknown', message: `what is sent of ${path} is not known` });
    }
    const isDirectory = entry.type === 'dir';
    if (this.isImplied(node)) return path;
    const first = this.firstName(node);
    const isSecond = first !== node;
    const name = isDirectory ? `${path}/` : path;
    const size = entry.type === 'file' && !isSecond ? entry.size : 0;
    const mode = entry.type === 'symlink' ? 0o777 : entry.mode;
    const link = isSecond ? first.path : entry.type === 'symlink' ? (entry.target ?? '') : '';
    const header =
      `name${name}mode${mode | (typeBits ? (TYPE_BITS[entry.type] ?? 0) : 0)}uid0gid0size${size}` +
      `typeflag${isSecond ? '1' : flag}linkname${link}unamegnamedevmajor0devminor0`;
    if (size === 0) return sha256(header);
    if (node.sum?.header === header) return node.sum.digest;
    this.wanted.set(node, { node, header });
    return undefined;
  }

  /** Folders that are ignored, but hold something that is not, come into being when that is unpacked. */
  private isImplied(node: ContextNode): boolean {
    return node.entry?.type === 'dir' && !this.options.sees.isSent(node);
  }

  /** Of several names of one file, the first that is sent has its content. */
  private firstName(node: ContextNode): ContextNode {
    const { entry } = node;
    if (entry === undefined || entry.type === 'dir' || entry.links < 2) return node;
    if (this.links === undefined) {
      const links = new Map<number, ContextNode>();
      for (const one of this.walk(this.options.tree.root)) {
        if (one.entry?.type === 'dir' || (one.entry?.links ?? 1) < 2) continue;
        const { ino = 0 } = one.entry ?? {};
        if (!links.has(ino)) links.set(ino, one);
      }
      this.links = links;
    }
    return this.links.get(entry.ino) ?? node;
  }

  /** What is sent, in the order of Go's `filepath.WalkDir`: names sorted in each folder, a folder before what is in it. */
  private *walk(node: ContextNode): Generator<ContextNode> {
    const { sees } = this.options;
    yield node;
    if (node.entry?.type !== 'dir') return;
    const children = [...(node.children?.values() ?? [])].filter((one) => sees.sees(one));
    children.sort((a, b) => byteOrder(a.name, b.name));
    // sockets are not sent
    for (const child of children) if (child.entry?.type !== 'socket') yield* this.walk(child);
  }
}

function failure(message: string, code: 'missing' | 'other' = 'other'): Extract<ContextSum, { kind: 'failure' }> {
  return { kind: 'failure', code, message };
}

/** Does a relative path leave the folder that it is joined to? */
function escapes(path: string): boolean {
  const cleaned = clean(path);
  return cleaned === '..' || cleaned.startsWith('../');
}
