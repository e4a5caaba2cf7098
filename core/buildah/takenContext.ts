import { compileIgnore } from '../context/ignoreMatcher';
import type { IgnorePattern } from '../context/ignorePattern';
import type { ContextNode } from '../context/tree';

/** What of a path is taken: all, only what is below it, or nothing. */
export type Taken = boolean | 'below';

/**
 * What of the build context Buildah copies under ignore patterns (buildah copier/copier.go copierHandlerGet,
 * containers/storage fileutils.go PatternMatcher.Matches).
 */
export class TakenContext {
  private readonly patterns: readonly IgnorePattern[];
  private readonly known = new Map<ContextNode, Taken>();

  /** The patterns as an ignore file has them, those of --exclude behind. */
  constructor(patterns: readonly string[]) {
    this.patterns = compileIgnore(patterns).matcher?.all ?? [];
  }

  takes(node: ContextNode): Taken {
    if (node.entry === undefined) return false;
    if (this.patterns.length === 0 || node.parent === undefined) return true;
    let taken = this.known.get(node);
    if (taken === undefined) {
      taken = this.decide(node);
      this.known.set(node, taken);
    }
    return taken;
  }

  /**
   * Whether a folder that a source names is passed over as a whole: an ignored one without exceptions below it is not even
   * there as an empty one (buildah add.go addHelper, includeDirectoryAnyway).
   */
  passesOver({ path, parent }: ContextNode): boolean {
    if (parent === undefined || !this.isExcluded(path)) return false;
    return !this.patterns.some(({ isException, text }) => isException && text.startsWith(`${path}/`));
  }

  private decide(node: ContextNode): Taken {
    const { path } = node;
    if (!this.isExcluded(path)) return true;
    if (node.entry?.type !== 'dir') return false;
    return this.patterns.some(({ isException, text }) => isException && `${text}/`.startsWith(path)) ? 'below' : false;
  }

  /** The last pattern counts that matches the path, or the folder above it that is as deep as the pattern. */
  private isExcluded(path: string): boolean {
    const above = path.split('/').slice(0, -1);
    let excluded = false;
    for (const pattern of this.patterns) {
      const depth = pattern.text.split('/').length;
      const matches =
        pattern.matches(path) === true ||
        (above.length > 0 && depth <= above.length && pattern.matches(above.slice(0, depth).join('/')) === true);
      if (matches) excluded = !pattern.isException;
    }
    return excluded;
  }
}
