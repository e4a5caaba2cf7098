import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ContextNode } from '../../context/tree';
import { ContextTree } from '../../context/tree';
import { readIgnoreFile } from '../../context/ignoreFile';
import { compileIgnore, type IgnoreMatcher } from '../../context/ignoreMatcher';
import type { Problem } from '../../model';
import type { HashPool } from '../hash/pool';
import { ContextStore } from '../store/contextStore';
import { describe, scanContext } from './scan';

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
 * both (BuildKit frontend/dockerui/config.go).
 */
export function readIgnoreRules(context: string, dockerfile: string): IgnoreRules {
  for (const file of [
    join(dirname(dockerfile), `${basename(dockerfile)}.dockerignore`),
    join(context, '.dockerignore'),
  ]) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      const message = `${file} cannot be read (${code ?? 'unknown error'})`;
      return { patterns: [], file, matcher: undefined, problems: [{ code: 'ignore-file-unreadable', message }] };
    }
    const patterns = readIgnoreFile(text);
    const { matcher, error } = compileIgnore(patterns);
    if (error === undefined) return { patterns, file, matcher, problems: [] };
    const message = `${basename(file)}: ${error}. The builder refuses this file.`;
    return { patterns, file, matcher: undefined, problems: [{ code: 'ignore-pattern-invalid', message }] };
  }
  return { patterns: [], file: undefined, matcher: undefined, problems: [] };
}

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
    const { problems } = await scanContext(this.root, this.tree, {
      matcher: rules.matcher,
      ...(signal === undefined ? {} : { signal }),
    });
    this.problems = problems;
  }

  /** Reads the content of files whose digest is not known. */
  async read(nodes: Iterable<ContextNode>, signal?: AbortSignal): Promise<void> {
    const wanted = [...nodes].flatMap((node) => {
      const { entry } = node;
      if (entry?.type !== 'file' || (node.digest !== undefined && node.digestKept && node.archive !== undefined))
        return [];
      return [{ node, entry, path: join(this.root, node.path), size: entry.size }];
    });
    const startedAt = Date.now();
    await this.pool.hash(
      wanted,
      (index, content) => {
        const file = wanted[index];
        if (file === undefined || content === undefined) return;
        const now = Date.now();
        const stats = lstatSync(file.path, { throwIfNoEntry: false });
        if (stats === undefined) return;
        // the file must have been the same before and after it was read
        file.node.observe(describe(stats, file.path), now);
        file.node.observeContent(file.entry, content, startedAt);
      },
      signal,
    );
  }

  /**
   * Reads files ahead of time, smallest first, so that a later change of them is recognised for certain. Stops at
   * `budget` bytes.
   */
  async readAhead(nodes: Iterable<ContextNode>, budget: number, signal?: AbortSignal): Promise<void> {
    const unread = [...nodes].filter((node) => node.entry?.type === 'file' && !node.digestKept);
    unread.sort((a, b) => (a.entry?.size ?? 0) - (b.entry?.size ?? 0));
    let bytes = 0;
    const chosen = unread.filter((node) => (bytes += node.entry?.size ?? 0) <= budget);
    await this.read(chosen, signal);
  }

  /** Remembers what is known; false when it could not be written. */
  async save(): Promise<boolean> {
    return this.store.save(this.tree);
  }
}
