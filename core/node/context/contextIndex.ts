import { lstatSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MAX_ARCHIVES, type WantedDigest } from '../../buildah/contextCopies';
import { sameState } from '../../context/entry';
import type { ContextNode } from '../../context/tree';
import { ContextTree } from '../../context/tree';
import { readIgnoreFile, tooLongLine } from '../../context/ignoreFile';
import { compileIgnore, type IgnoreMatcher } from '../../context/ignoreMatcher';
import type { Evidence } from '../../evidence/evidence';
import type { BuilderKind, Problem } from '../../model';
import { timesOfTransfers } from '../../predict/contextTimes';
import { archiveDigest, mountDigest, unpackedDigest } from '../buildah/summary';
import type { HashPool } from '../hash/pool';
import { ContextStore } from '../store/contextStore';
import { describe } from './describe';
import { scanContext, scanPaths } from './scan';

/** The ignore patterns of a build and where they come from. */
export interface IgnoreRules {
  readonly patterns: readonly string[];
  /** Absolute path of the file; undefined when there is none. */
  readonly file: string | undefined;
  readonly matcher: IgnoreMatcher | undefined;
  readonly problems: readonly Problem[];
}

/**
 * The ignore rules of a Dockerfile: `<Dockerfile>.dockerignore` beside it, else `.dockerignore` in the context; never
 * both (BuildKit frontend/dockerui/config.go); the classic builder's command line knows the second only (docker/cli
 * command/image/build/dockerignore.go), Buildah more of them. What is there but is no file counts as absent; a file that may not be read
 * arrives at the builder without its content, so that it ignores nothing.
 */
export function readIgnoreRules(context: string, dockerfile: string, builder: BuilderKind = 'buildkit'): IgnoreRules {
  for (const file of ignoreFiles(context, dockerfile, builder)) {
    let text: string;
    try {
      // a pipe would be waited for
      if (!statSync(file).isFile()) continue;
      text = readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') continue;
      const message = `${file} cannot be read (${code ?? 'unknown error'}): the builder takes it as empty and ignores nothing`;
      return { patterns: [], file, matcher: undefined, problems: [{ code: 'context-unreadable', message }] };
    }
    const long = tooLongLine(text);
    if (long !== undefined) {
      const message = `${basename(file)}: line ${long} is longer than 64 KB. The builder refuses this file.`;
      return { patterns: [], file, matcher: undefined, problems: [{ code: 'ignore-pattern-invalid', message }] };
    }
    const patterns = readIgnoreFile(text);
    const { matcher, error } = compileIgnore(patterns);
    if (error === undefined) return { patterns, file, matcher, problems: [] };
    const message = `${basename(file)}: ${error}. The builder refuses this file.`;
    return { patterns, file, matcher: undefined, problems: [{ code: 'ignore-pattern-invalid', message }] };
  }
  return { patterns: [], file: undefined, matcher: undefined, problems: [] };
}

/** Where a builder looks for ignore rules; the first that is there counts. */
export function ignoreFiles(context: string, dockerfile: string, builder: BuilderKind): readonly string[] {
  const usual = join(context, '.dockerignore');
  switch (builder) {
    case 'classic':
      return [usual];
    case 'buildah':
      // containers/buildah pkg/parse/parse.go ContainerIgnoreFile
      return [
        ...['containerignore', 'dockerignore'].map((name) =>
          join(dirname(dockerfile), `${basename(dockerfile)}.${name}`),
        ),
        join(context, '.containerignore'),
        usual,
      ];
    default:
      return [join(dirname(dockerfile), `${basename(dockerfile)}.dockerignore`), usual];
  }
}

/** What is read at a time: files and bytes. */
interface Portion {
  readonly files: number;
  readonly bytes: number;
}
/** When there is little time: portions that are done quickly, without starting threads. */
const SHORT: Portion = { files: 128, bytes: 3_000_000 };
/** Otherwise enough for all threads, but what is under way for each file is not there for all files at once. */
const LONG: Portion = { files: 4000, bytes: 32_000_000 };

/** The index of one build context, kept between looks and between runs. */
export class ContextIndex {
  tree = new ContextTree();
  problems: readonly Problem[] = [];
  private readonly store: ContextStore;
  private loaded = false;

  constructor(
    /** Real absolute path. */
    readonly root: string,
    stateFolder: string,
    private readonly pool: HashPool,
  ) {
    this.store = new ContextStore(stateFolder, root);
  }

  /** Looks at every file again. Rejects only when aborted. */
  async scan(rules: IgnoreRules, signal?: AbortSignal): Promise<void> {
    if (!this.loaded) {
      this.tree = await this.store.load();
      this.loaded = true;
    }
    const { problems } = await scanContext(this.root, this.tree, scanOptions(rules, signal));
    this.problems = problems;
  }

  /**
   * Looks again at these paths (relative to the context, with `/`) alone, and at what is new beside them; under the
   * rules of the last scan, which must have been done. Rejects only when aborted.
   */
  async update(paths: Iterable<string>, rules: IgnoreRules, signal?: AbortSignal): Promise<void> {
    const { problems } = await scanPaths(this.root, this.tree, paths, scanOptions(rules, signal));
    // whether the earlier ones are mended is found out by the next scan
    const known = new Set(this.problems.map(({ message }) => message));
    this.problems = [...this.problems, ...problems.filter(({ message }) => !known.has(message))];
  }

  /** Those of some nodes that are of this context. */
  own(nodes: Iterable<ContextNode>): ContextNode[] {
    return [...nodes].filter((node) => node.changes === this.tree.root.changes);
  }

  /**
   * Reads the content of files whose digest is not known, or of which the checksum behind a header is wanted that nobody
   * has yet. True when a file is not as it was at the last look: no later look finds that again.
   */
  async read(
    nodes: Iterable<ContextNode>,
    signal?: AbortSignal,
    headers?: ReadonlyMap<ContextNode, string>,
  ): Promise<boolean> {
    const wanted = [...nodes].flatMap((node) => {
      const { entry } = node;
      if (entry?.type !== 'file') return [];
      const header = headers?.get(node);
      const isKnown = node.digest !== undefined && node.digestKept && node.archive !== undefined;
      if (isKnown && (header === undefined || node.sum?.header === header)) return [];
      return [{ node, entry, path: join(this.root, node.path), size: entry.size, header }];
    });
    const startedAt = Date.now();
    let isOther = false;
    await this.pool.hash(
      wanted,
      (index, content) => {
        const file = wanted[index];
        if (file === undefined || content === undefined) return;
        const now = Date.now();
        const stats = lstatSync(file.path, { throwIfNoEntry: false });
        if (stats === undefined) return;
        // the file must have been the same before and after it was read
        const entry = describe(stats, file.path);
        if (!sameState(file.entry, entry)) isOther = true;
        file.node.observe(entry, now);
        file.node.observeContent(file.entry, content, startedAt);
        const { header } = file;
        if (header !== undefined && content.sum !== undefined) {
          file.node.observeSum(file.entry, { header, digest: content.sum });
        }
      },
      signal,
    );
    return isOther;
  }

  /** Computes digests of archives of files, and notes them unless a file changed meanwhile. */
  async digest(wanted: readonly WantedDigest[], signal?: AbortSignal): Promise<void> {
    const { archives } = this.tree;
    for (const one of wanted) {
      signal?.throwIfAborted();
      const digest =
        one.kind === 'mount'
          ? await mountDigest(join(this.root, one.path), signal)
          : one.kind === 'unpacked'
            ? await unpackedDigest(join(this.root, one.path), signal)
            : await archiveDigest(one.archive, join(this.root, one.location), signal);
      const isStill = one.kind === 'mount' || one.nodes.every((node) => this.isStill(node));
      if (digest === undefined || !isStill) continue;
      archives.set(one.key, digest);
      for (const key of archives.keys()) if (archives.size > MAX_ARCHIVES) archives.delete(key);
    }
  }

  private isStill({ entry, path }: ContextNode): boolean {
    if (entry?.type !== 'file') return true;
    const absolute = join(this.root, path);
    const stats = lstatSync(absolute, { throwIfNoEntry: false });
    return stats !== undefined && sameState(entry, describe(stats, absolute));
  }

  /**
   * Reads files ahead of time, smallest first, so that a later change of them is recognised for certain. Stops at
   * `budget` bytes, or after about so many `milliseconds`. True when a file is not as it was at the last look.
   */
  async readAhead(
    nodes: Iterable<ContextNode>,
    budget: number,
    signal?: AbortSignal,
    milliseconds = Infinity,
  ): Promise<boolean> {
    const unread = [...nodes].filter((node) => node.entry?.type === 'file' && !node.digestKept);
    unread.sort((a, b) => (a.entry?.size ?? 0) - (b.entry?.size ?? 0));
    const end = Date.now() + milliseconds;
    const most = milliseconds === Infinity ? LONG : SHORT;
    let bytes = 0;
    let portion: ContextNode[] = [];
    let portionBytes = 0;
    let isOther = false;
    for (const node of unread) {
      const size = node.entry?.size ?? 0;
      bytes += size;
      if (bytes > budget) break;
      portion.push(node);
      portionBytes += size;
      if (portion.length < most.files && portionBytes < most.bytes) continue;
      isOther = (await this.read(portion, signal)) || isOther;
      if (Date.now() >= end) return isOther;
      portion = [];
      portionBytes = 0;
    }
    return (await this.read(portion, signal)) || isOther;
  }

  /** Notes which builds there were: what the files were then is remembered for longer than what they were in between. */
  noteBuilds({ builds, clockOffset, clockMargin }: Pick<Evidence, 'builds' | 'clockOffset' | 'clockMargin'>): void {
    const { root, tree } = this;
    tree.root.changes.transfers = timesOfTransfers({ path: root, builds, clockOffset, clockMargin });
  }

  /** Something is known that is not written down, apart from when files were seen last. */
  get hasNews(): boolean {
    return this.store.hasNews(this.tree);
  }

  /** Remembers what is known; false when it could not be written. */
  async save(): Promise<boolean> {
    return this.store.save(this.tree);
  }
}

function scanOptions({ matcher }: IgnoreRules, signal: AbortSignal | undefined) {
  return { matcher, ...(signal === undefined ? {} : { signal }) };
}
