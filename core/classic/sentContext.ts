import { compileIgnore, type IgnoreMatcher, type ParentMatches } from '../context/ignoreMatcher';
import type { ContextNode } from '../context/tree';

const IGNORE_FILE = '.dockerignore';

/**
 * What of the build context the command line puts into the archive for the classic builder (moby/go-archive archive.go
 * Tarballer.Do). It looks into an ignored folder only for a `!` pattern whose text begins with the folder's path.
 */
export class SentContext {
  private readonly matches = new Map<ContextNode, { readonly matched: boolean; readonly info: ParentMatches }>();
  private readonly shown = new Map<ContextNode, boolean>();

  /** Sent although they are ignored, and removed by the builder before it hashes. */
  private readonly removed = new Set<string>();
  private readonly foldersOfRemoved = new Set<string>();
  private readonly matcher: IgnoreMatcher | undefined;
  /** Set when a path met a pattern that cannot be applied: the build ends there. */
  problem: string | undefined;

  /** @param dockerfile its path in the context, with `/`; undefined when it lies elsewhere */
  constructor(
    patterns: readonly string[],
    private readonly dockerfile: string | undefined,
  ) {
    const { matcher } = compileIgnore(patterns);
    const exceptions: string[] = [];
    // docker/cli command/image/build/dockerignore.go TrimBuildFilesFromExcludes, moby remotecontext/detect.go removeDockerfile
    for (const file of [IGNORE_FILE, ...(dockerfile === undefined ? [] : [dockerfile])]) {
      if (matcher?.matchesOrParentMatches(file) !== true) continue;
      exceptions.push(`!${file}`);
      this.removed.add(file);
      for (let end = file.indexOf('/'); end >= 0; end = file.indexOf('/', end + 1)) {
        this.foldersOfRemoved.add(file.slice(0, end));
      }
    }
    this.matcher = patterns.length === 0 ? undefined : compileIgnore([...patterns, ...exceptions]).matcher;
  }

  /**
   * Is it an ignore file with another random name in it at each build? The command line writes one where the Dockerfile
   * is not in the context (docker/cli command/image/build/context.go AddDockerfileToBuildContext).
   */
  isRandom(node: ContextNode): boolean {
    return this.dockerfile === undefined && node.path === IGNORE_FILE;
  }

  /** Is the path in the archive itself? */
  isSent(node: ContextNode): boolean {
    if (node.entry === undefined) return false;
    const { parent } = node;
    return parent === undefined || (this.isEntered(parent) && !this.match(node).matched);
  }

  /** Is it there when the archive was unpacked? A folder above something that was sent is. */
  sees(node: ContextNode): boolean {
    if (this.matcher === undefined) return node.entry !== undefined;
    if (this.removed.size > 0 && this.removed.has(node.path)) return false;
    let shown = this.shown.get(node);
    if (shown === undefined) {
      shown = this.isSent(node) || this.isImplied(node);
      this.shown.set(node, shown);
    }
    return shown;
  }

  private isImplied(node: ContextNode): boolean {
    if (node.entry?.type !== 'dir' || !this.isEntered(node)) return false;
    if (this.foldersOfRemoved.has(node.path)) return true;
    for (const child of node.children?.values() ?? []) if (this.sees(child)) return true;
    return false;
  }

  private isEntered(folder: ContextNode): boolean {
    const { matcher } = this;
    if (folder.parent === undefined || matcher === undefined) return true;
    if (folder.entry?.type !== 'dir' || !this.isEntered(folder.parent)) return false;
    if (!this.match(folder).matched) return true;
    const { path } = folder;
    return matcher.negations.some((text) => `${text}/`.startsWith(`${path}/`));
  }

  private match(node: ContextNode): { readonly matched: boolean; readonly info: ParentMatches } {
    const { matcher } = this;
    if (matcher === undefined || node.parent === undefined) return { matched: false, info: [] };
    let match = this.matches.get(node);
    if (match === undefined) {
      const above = node.parent.parent === undefined ? undefined : this.match(node.parent).info;
      const walked = matcher.walk(node.path, above);
      this.problem ??= walked.problem;
      match = walked;
      this.matches.set(node, match);
    }
    return match;
  }
}
