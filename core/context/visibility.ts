import type { IgnoreMatcher, ParentMatches } from './ignoreMatcher';
import type { ContextNode } from './tree';

interface Judged {
  readonly matched: boolean;
  readonly info: ParentMatches | undefined;
}

/**
 * What of the build context reaches the builder: everything but what the ignore patterns match, and the directories
 * above something that an exception brings back (tonistiigi/fsutil filter.go).
 */
export class Visibility {
  private readonly judged = new Map<ContextNode, Judged>();
  private readonly shown = new Map<ContextNode, boolean>();
  /** Set when a path met a pattern that the builder cannot apply: it ends the build there. */
  problem: string | undefined;

  /** Without a matcher nothing is ignored. */
  constructor(private readonly matcher: IgnoreMatcher | undefined) {}

  /** Is the path sent to the builder? Ghosts are not. */
  sees(node: ContextNode): boolean {
    if (node.entry === undefined) return false;
    if (this.matcher === undefined || node.parent === undefined) return true;
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
    let judged = this.judged.get(node);
    if (judged === undefined) {
      const walked = matcher.walk(node.path, parent.parent === undefined ? undefined : this.judge(parent).info);
      this.problem ??= walked.problem;
      judged = walked;
      this.judged.set(node, judged);
    }
    return judged;
  }

  private bringsBack(node: ContextNode): boolean {
    if (node.entry?.type !== 'dir' || this.matcher?.hasNegations !== true) return false;
    if (!this.matcher.mayReinclude(node.path)) return false;
    for (const child of node.children?.values() ?? []) if (this.sees(child)) return true;
    return false;
  }
}
