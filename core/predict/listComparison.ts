import { compareLists } from '../context/compareLists';
import type { HeldCopy } from '../context/received';
import { hasWildcard } from '../context/selection';
import { Selections } from '../context/selections';
import { pastMoment, presentMoment, takenList, type TakenEntry } from '../context/takenList';
import type { ContextNode, ContextTree, TimeSpan } from '../context/tree';
import type { Visibility } from '../context/visibility';
import type { PastBuild } from '../evidence/pastBuild';
import type { InputUse } from '../llb/contentInputs';
import type { FileChange } from '../model';
import type { ContentComparison } from './content';

/** What a past step took from the build context. */
export interface PastUse {
  readonly build: PastBuild;
  readonly use: InputUse;
  readonly exclude: readonly string[];
}

/** What listing a context needs to know of it. */
interface ListedContext {
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
  /** The builder makes digests of lists over whole paths (BuildKit since 0.26); undefined when that is not known. */
  readonly hashesPaths: boolean | undefined;
}

/** Compares what was taken then with what is taken now path by path, where the whole of it must be listed. */
export class ListComparison {
  constructor(
    private readonly facts: ListedContext,
    private readonly held: HeldCopy,
    /** Gets the files whose content would decide. */
    private readonly wanted: Set<ContextNode>,
  ) {}

  /** Plainly named sources that are at other paths now: what was remembered of them is compared with what is taken now. */
  compareMoved(use: InputUse, past: PastUse, span: TimeSpan): ContentComparison | undefined {
    const { tree, patterns } = this.facts;
    const all = [...use.selectors, ...past.use.selectors];
    if (all.some(({ path, exclude }) => hasWildcard(path) || exclude.length > 0)) return undefined;
    const now = presentMoment(this.visibility(patterns));
    const then = pastMoment(tree, this.visibility(past.exclude), span);
    for (const [index, selector] of use.selectors.entries()) {
      const other = past.use.selectors[index];
      const after = takenList(tree, selector, now);
      const before = other && takenList(tree, other, then);
      if (before === undefined || after === undefined) return undefined;
      const rules = { hashesPaths: true, isMirrored: false, held: this.held };
      const { result, wanted } = compareLists(belowTop(before), belowTop(after), rules);
      for (const node of wanted) this.wanted.add(node);
      if (result === 'unknown') return undefined;
      if (result === 'different') return { result, changes: [], unnoticed: false };
    }
    return { result: 'same', changes: [], unnoticed: false };
  }

  /**
   * What the builder lists for sources with wildcards or `--exclude`, then and now. Undefined when that is not known, or
   * when a source is a plain one.
   */
  compare(use: InputUse, past: PastUse, span: TimeSpan, isMirrored: boolean): ContentComparison | undefined {
    const { tree, patterns, hashesPaths } = this.facts;
    const lists = use.selectors.every(
      ({ path, wildcard, exclude }) => exclude.length > 0 || (wildcard && hasWildcard(path)),
    );
    if (!lists || hashesPaths === undefined) return undefined;
    const now = presentMoment(this.visibility(patterns));
    const then = pastMoment(tree, this.visibility(past.exclude), span);
    const hidden: FileChange[] = [];
    for (const selector of use.selectors) {
      const [before, after] = [takenList(tree, selector, then), takenList(tree, selector, now)];
      if (before === undefined || after === undefined) return undefined;
      const { result, unnoticed, wanted } = compareLists(before, after, { hashesPaths, isMirrored, held: this.held });
      if (result === 'different') return { result, changes: listChanges(before, after), unnoticed: false };
      for (const node of wanted) this.wanted.add(node);
      if (result === 'unknown') return undefined;
      hidden.push(...unnoticed);
    }
    return { result: 'same', changes: [], unnoticed: false, hidden };
  }

  private visibility(patterns: readonly string[]): Visibility {
    return Selections.of(this.facts.tree).visibility(patterns);
  }
}

/** A list with paths from its first entry on: where a plainly named source lies does not count. */
function belowTop(list: readonly TakenEntry[]): TakenEntry[] {
  const length = list[0]?.path.length ?? 0;
  return list.map((entry) => ({ ...entry, path: entry.path.slice(length) }));
}

/** Paths that differ between two lists, as far as that can be named. */
export function listChanges(before: readonly TakenEntry[], after: readonly TakenEntry[]): FileChange[] {
  const then = new Map(before.map((one) => [one.path, one]));
  const changes: FileChange[] = [];
  for (const { path, entry, digest } of after) {
    const old = then.get(path);
    then.delete(path);
    if (old === undefined) changes.push({ path, change: 'added' });
    else if (old.entry.type !== entry.type) changes.push({ path, change: 'type' });
    else if (old.entry.target !== entry.target) changes.push({ path, change: 'link' });
    else if (old.entry.mode !== entry.mode) changes.push({ path, change: 'mode' });
    else if (old.entry.size !== entry.size || old.digest !== digest) changes.push({ path, change: 'content' });
  }
  return [...changes, ...[...then.keys()].map((path): FileChange => ({ path, change: 'removed' }))];
}
