import { compareLists } from '../context/compareLists';
import { hasWildcard } from '../context/selection';
import { Selections } from '../context/selections';
import { presentMoment, takenList, type TakenEntry } from '../context/takenList';
import type { ContextNode, ContextTree } from '../context/tree';
import type { InputUse, Selector } from '../llb/contentInputs';
import type { ContentComparison, ContextTake, ContextView } from '../predict/content';
import { listChanges } from '../predict/listComparison';

/** The files of a commit as a checkout has them, and the ignore patterns that it has. */
export interface CommitFiles {
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
}

/** What a file selection was at the commit, and is now. */
interface Pair {
  readonly before: readonly TakenEntry[];
  readonly after: readonly TakenEntry[];
}

const UNKNOWN: ContentComparison = { result: 'unknown', changes: [], unnoticed: false };

/**
 * The build context of now beside that of a commit. Nobody built the commit here: the files themselves are compared,
 * never their times.
 */
export class CommitContext implements ContextView {
  /** Files, here or in the commit, whose content would decide: read them and predict again. */
  readonly wanted = new Set<ContextNode>();
  private readonly comparisons = new Map<string, ContentComparison>();

  constructor(
    private readonly now: CommitFiles,
    private readonly commit: CommitFiles,
    /** Measures what is taken now. */
    private readonly measure: ContextView,
  ) {}

  take(use: InputUse, unpacks: boolean): ContextTake {
    return this.measure.take(use, unpacks);
  }

  compare(use: InputUse, { use: then }: { readonly use: InputUse }): ContentComparison {
    const key = JSON.stringify([use.selectors, then.selectors]);
    let comparison = this.comparisons.get(key);
    if (comparison === undefined) this.comparisons.set(key, (comparison = this.compareAll(use, then)));
    return comparison;
  }

  private compareAll(use: InputUse, then: InputUse): ContentComparison {
    if (use.selectors.length !== then.selectors.length) return UNKNOWN;
    let unclear: ContentComparison | undefined;
    for (const [index, selector] of use.selectors.entries()) {
      const other = then.selectors[index];
      const one = other === undefined ? UNKNOWN : this.compareOne(selector, other);
      if (one.result === 'different') return one;
      if (one.result === 'unknown') unclear ??= one;
    }
    return unclear ?? { result: 'same', changes: [], unnoticed: false };
  }

  private compareOne(selector: Selector, other: Selector): ContentComparison {
    const before = this.list(this.commit, other);
    const after = this.list(this.now, selector);
    if (before === undefined || after === undefined) return UNKNOWN;
    const pair = { before, after };
    const isListed = isList(selector);
    if (isListed !== isList(other)) return UNKNOWN;
    if (!isListed) return this.decide({ before: belowTop(before), after: belowTop(after) }, pair, true);
    // which BuildKit will build is not known: since 0.26 the paths of what a pattern matched count, before only names
    const answers = [true, false].map((hashesPaths) => this.decide(pair, pair, hashesPaths));
    const [first = UNKNOWN, second] = answers;
    return first.result === second?.result ? first : { ...UNKNOWN, changes: listChanges(before, after) };
  }

  private decide({ before, after }: Pair, named: Pair, hashesPaths: boolean): ContentComparison {
    const rules = { hashesPaths, isMirrored: false, held: undefined };
    const { result, wanted } = compareLists(before, after, rules);
    if (result === 'different') return { result, changes: listChanges(named.before, named.after), unnoticed: false };
    for (const node of wanted) this.wanted.add(node);
    if (result === 'same') return { result, changes: [], unnoticed: false };
    const unread = new Set(wanted.map((node) => node.path));
    const changes = listChanges(named.before, named.after).filter(({ path }) => !unread.has(path));
    return { result, changes, unnoticed: false };
  }

  private list({ tree, patterns }: CommitFiles, selector: Selector): readonly TakenEntry[] | undefined {
    return takenList(tree, selector, presentMoment(Selections.of(tree).visibility(patterns)));
  }
}

/** The builder lists what these match; of a plain source it takes the digest as it lies there. */
function isList({ path, wildcard, exclude }: Selector): boolean {
  return exclude.length > 0 || (wildcard && hasWildcard(path));
}

/** With paths from the first entry on: where a plainly named source lies does not count. */
function belowTop(list: readonly TakenEntry[]): TakenEntry[] {
  const length = list[0]?.path.length ?? 0;
  return list.map((entry, index) => ({
    ...entry,
    path: entry.path.slice(length),
    name: index === 0 ? '' : entry.name,
  }));
}
