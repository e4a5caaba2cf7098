import type { IgnoreMatcher, ParentMatches } from './ignoreMatcher';
import type { ContextNode } from './tree';

interface Judged {
  readonly matched: boolean;
  readonly info: ParentMatches | undefined;
}

const NOTHING_MATCHED: Judged = { matched: false, info: [] };

/**
 * What of the build context reaches the builder: everything but what the ignore patterns match, and the directories
 * above something that an exception brings back (tonistiigi/fsutil filter.go).
 */
export class Visibility {
  private readonly judged = new Map<ContextNode, Judged>();
  private readonly shown = new Map<ContextNode, boolean>();
  /** Directories in which no pattern makes a difference. */
  private readonly uniform = new Map<ContextNode, boolean>();
  /** Set when a path met a pattern that the builder cannot apply: it ends the build there. */
  problem: string | undefined;

  /** Without a matcher nothing is ignored. */
  constructor(private readonly matcher: IgnoreMatcher | undefined) {}

  /** Is the path sent to the builder? Ghosts are not. */
  sees(node: ContextNode): boolean {
    if (node.entry === undefined) return false;
    const { parent } = node;
    if (this.matcher === undefined || parent === undefined) return true;
    if (node.entry.type !== 'dir' && this.isUniform(parent)) return !this.judge(parent).matched;
    let shown = this.shown.get(node);
    if (shown === undefined) {
      shown = !this.judge(node).matched || this.bringsBack(node);
      this.shown.set(node, shown);
    }
    return shown;
  }

  /** Would a path of this name have been sent, whatever it was? Undefined when that depends on what was below it. */
  wouldSee(parent: ContextNode, name: string): boolean | undefined {
    if (this.matcher === undefined) return true;
    const path = parent.path === '' ? name : `${parent.path}/${name}`;
    const { matched } = this.matcher.walk(path, parent.parent === undefined ? undefined : this.judge(parent).info);
    if (!matched) return true;
    return this.matcher.mayReinclude(path) ? undefined : false;
  }

  private judge(node: ContextNode): Judged {
    const { matcher } = this;
    const { parent } = node;
    if (matcher === undefined || parent === undefined) return { matched: false, info: undefined };
    if (this.isUniform(parent)) return parent.parent === undefined ? NOTHING_MATCHED : this.judge(parent);
    let judged = this.judged.get(node);
    if (judged === undefined) {
      const walked = matcher.walk(node.path, parent.parent === undefined ? undefined : this.judge(parent).info);
      this.problem ??= walked.problem;
      judged = walked;
      this.judged.set(node, judged);
    }
    return judged;
  }

  /** Is what is in this directory judged as the directory itself? Asking the patterns for each path would take long. */
  private isUniform(directory: ContextNode): boolean {
    let uniform = this.uniform.get(directory);
    if (uniform === undefined) {
      const { info = [] } = this.judge(directory);
      uniform = this.problem === undefined && this.matcher?.decidesAll(directory.path, info) === true;
      this.uniform.set(directory, uniform);
    }
    return uniform;
  }

  private bringsBack(node: ContextNode): boolean {
    if (node.entry?.type !== 'dir' || this.matcher?.hasNegations !== true) return false;
    if (!this.matcher.mayReinclude(node.path)) return false;
    for (const child of node.children?.values() ?? []) if (this.sees(child)) return true;
    return false;
  }
}
