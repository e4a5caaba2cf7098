import { TICK } from '../context/entry';
import { base } from '../context/goPath';
import { changesSince, type Changes } from '../context/changes';
import { compileIgnore } from '../context/ignoreMatcher';
import { compareSelections, takesSamePaths } from '../context/sameness';
import { select, type Selection } from '../context/selection';
import { changedQuietly, isDoubtful, type HeldCopy } from '../context/received';
import { Selections } from '../context/selections';
import type { Totals } from '../context/totals';
import { presentMoment, takenList } from '../context/takenList';
import type { ContextNode, ContextTree, TimeSpan } from '../context/tree';
import { Visibility } from '../context/visibility';
import type { CacheRecord, PastBuild } from '../evidence/pastBuild';
import type { InputUse } from '../llb/contentInputs';
import type { FileChange } from '../model';
import type { ContentComparison, ContextTake, ContextView, NotedUse } from './content';
import { isYetToCome, localTime, spanOf, transfersTo, wasReplaced } from './contextTimes';
import { ListComparison, type PastUse } from './listComparison';
import { patternsAt } from './pastPatterns';
import { firstTransfer, heldSince, mirroredBuild } from './syncedCopy';

/** What is known of the build context when a prediction is made. */
export interface ContextFacts {
  readonly tree: ContextTree;
  /** Real absolute path. */
  readonly path: string;
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** The ignore patterns in force, as the builder reads them. */
  readonly patterns: readonly string[];
  readonly builds: readonly PastBuild[];
  /** Engine clock minus this machine's clock, and how far that may be off; milliseconds. */
  readonly clockOffset: number;
  readonly clockMargin: number;
  /** What is remembered of other build contexts, by their paths; one that nobody remembers is an empty tree. */
  readonly others: ReadonlyMap<string, ContextTree>;
  /** What the builder keeps of build contexts for the next transfer. */
  readonly copies: readonly CacheRecord[];
  /** The builder makes digests of lists over whole paths (BuildKit since 0.26); undefined when that is not known. */
  readonly hashesPaths: boolean | undefined;
}

/** A selection with what is asked of it for each past build. */
type Measured = Selection & {
  /** What is added up of it. */
  readonly totals: Totals;
  /** What the builder may have other bytes or modes of than the files have. */
  readonly doubtful: readonly FileChange[];
};

/** Answers what prediction asks of the build context from its index. Reads nothing. */
export class IndexedContext implements ContextView {
  /** Files whose content would make an answer certain: read them and predict again. */
  readonly wanted = new Set<ContextNode>();
  /** Other build contexts of which it would help to know what is remembered: load them and predict again. */
  readonly wantedContexts = new Set<string>();
  private readonly visibilities = new Map<string, Visibility>();
  private readonly selections = new Map<string, Measured>();
  private readonly takes = new Map<string, ContextTake>();
  private readonly comparisons = new Map<string, ContentComparison>();
  private readonly patternsKey: string;
  private readonly held: HeldCopy;
  private readonly mirrored: PastBuild | undefined;
  private readonly lists: ListComparison;

  constructor(private readonly facts: ContextFacts) {
    this.patternsKey = JSON.stringify(facts.patterns);
    this.mirrored = mirroredBuild(facts.path, facts.builds, facts.copies);
    const own = this.mirrored?.contextPath === facts.path ? this.mirrored : undefined;
    this.held = {
      firstTransfer: localTime(facts, firstTransfer(facts.path, facts.builds)),
      heldSince: localTime(facts, heldSince(facts.copies)),
      mirror: own && spanOf(own, facts),
      transfers: transfersTo(facts),
    };
    this.lists = new ListComparison(facts, this.held, this.wanted);
  }

  take(use: InputUse, unpacks: boolean): ContextTake {
    const key = `${unpacks} ${JSON.stringify(use.selectors)}`;
    let take = this.takes.get(key);
    if (take === undefined) {
      take = this.measure(use, unpacks);
      this.takes.set(key, take);
    }
    return take;
  }

  private measure(use: InputUse, unpacks: boolean): ContextTake {
    const selection = this.select(use, this.patternsKey, this.facts.patterns);
    const { inexact, superset } = selection;
    const { missing, unreachable } = inexact === undefined ? selection : NOTHING_ABSENT;
    const [top, ...more] = selection.tops;
    const isTree = top?.node.entry?.type === 'dir' && more.length === 0;
    if (isTree && inexact === undefined && !superset && selection.totals.shared === 0) {
      // one folder, and every file in it counts once
      return { missing, unreachable, bytes: selection.totals.fileBytes, linkBytes: selection.totals.linkBytes };
    }
    const kept = superset ? this.kept(use) : selection.nodes;
    const bytes =
      inexact !== undefined || kept === undefined ? undefined : this.bytes({ ...selection, nodes: kept }, unpacks);
    let linkBytes = 0;
    for (const { entry } of kept ?? []) if (entry?.type === 'symlink') linkBytes += entry.size;
    return { missing, unreachable, bytes, linkBytes };
  }

  compare(use: InputUse, noted: NotedUse): ContentComparison {
    const { build } = noted;
    const exclude = noted.exclude ?? patternsAt(this.facts, build);
    if (exclude === undefined) return { result: 'unknown', changes: [], unnoticed: false };
    const past: PastUse = { build, use: noted.use, exclude };
    const key = JSON.stringify([use.selectors, past.use.selectors, exclude, build.ref]);
    let comparison = this.comparisons.get(key);
    if (comparison === undefined) {
      comparison = this.compareWith(use, past);
      if (comparison.result === 'same' && build !== this.mirrored) comparison = this.unlessShadowed(use, comparison);
      this.comparisons.set(key, comparison);
    }
    return comparison;
  }

  /** Every path that the plan takes from the context now. */
  taken(): Set<ContextNode> {
    const nodes = new Set<ContextNode>();
    for (const selection of this.selections.values()) for (const node of selection.nodes) nodes.add(node);
    return nodes;
  }

  /** Does an operation take a path of the context now? */
  isTaken(use: InputUse, path: string): boolean {
    const node = this.facts.tree.node(path);
    if (node === undefined) return false;
    const selection = this.select(use, this.patternsKey, this.facts.patterns);
    if (!selection.nodes.has(node)) return false;
    return !selection.superset || (this.kept(use)?.has(node) ?? true);
  }

  /** What an operation takes from the context now, without what `--exclude` leaves out. */
  selected(use: InputUse): (Selection & { readonly nodes: ReadonlySet<ContextNode> }) | undefined {
    const selection = this.select(use, this.patternsKey, this.facts.patterns);
    const nodes = selection.superset ? this.kept(use) : selection.nodes;
    return nodes && { ...selection, nodes };
  }

  /** What `--exclude` leaves of what is taken. */
  private kept(use: InputUse): ReadonlySet<ContextNode> | undefined {
    const kept = new Set<ContextNode>();
    const now = presentMoment(this.visibility(this.patternsKey, this.facts.patterns));
    for (const selector of use.selectors) {
      const list = takenList(this.facts.tree, selector, now);
      if (list === undefined) return undefined;
      for (const { node } of list) kept.add(node);
    }
    return kept;
  }

  private compareWith(use: InputUse, past: PastUse): ContentComparison {
    const { facts } = this;
    const unknown: ContentComparison = { result: 'unknown', changes: [], unnoticed: false, foreign: true };
    const span = spanOf(past.build, facts);
    const { contextPath } = past.build;
    if (contextPath === undefined || span === undefined) return unknown;
    if (contextPath !== facts.path) return this.compareWithOther(use, past, contextPath, span) ?? unknown;
    if (wasReplaced(facts.tree, span)) return { ...unknown, foreign: false, listing: '' };
    if (isYetToCome(past.build.contextEnd ?? 0, facts)) return { ...unknown, foreign: false };
    const excludeKey = JSON.stringify(past.exclude);
    const now = this.select(use, this.patternsKey, facts.patterns);
    const before = this.select(past.use, excludeKey, past.exclude);
    if (now.inexact !== undefined || before.inexact !== undefined) return { ...unknown, foreign: false };
    // what was taken then is gone: its content was another thing or the same
    if (before !== now && before.missing.length > 0) {
      return this.lists.compareMoved(use, past, span) ?? { ...unknown, foreign: false };
    }
    const visibility = this.visibility(excludeKey, past.exclude);
    const isMirrored = past.build === this.mirrored;
    const { totals } = before;
    const changes =
      totals.newest < span.start
        ? NOTHING
        : changesSince(
            facts.tree,
            { ...before, nodes: totals.since(span.start) },
            ...([visibility, span, this.held, isMirrored] as const),
          );
    for (const node of changes.wanted) this.wanted.add(node);
    const found = summarize(changes, before, isMirrored);
    if (before === now) {
      if (found.result !== 'same') {
        return this.lists.compare(use, past, span, isMirrored) ?? found;
      }
      // whatever went unnoticed until then, the builder still has what it had at that build
      return isMirrored ? found : this.trust(before);
    }
    if (found.result !== 'same') return { ...found, result: 'unknown' };
    return this.acrossSelections(before, now);
  }

  /**
   * A build of another folder: what is remembered of that folder tells what the build saw, when nothing in it changed
   * since. Undefined when it does not.
   */
  private compareWithOther(use: InputUse, past: PastUse, path: string, span: TimeSpan): ContentComparison | undefined {
    const other = this.facts.others.get(path);
    if (other === undefined) {
      this.wantedContexts.add(path);
      return undefined;
    }
    const before = select(other, new Visibility(compileIgnore(past.exclude).matcher), past.use);
    const now = this.select(use, this.patternsKey, this.facts.patterns);
    if ([before, now].some((one) => one.inexact !== undefined || one.filtered)) return undefined;
    if (before.tops.length !== now.tops.length || ![...before.way, ...before.nodes].every(wasSoDuring(span))) {
      return undefined;
    }
    const isMirrored = past.build === this.mirrored;
    const { changes, unnoticed, wanted, hidden, unread } = compareSelections(before, now, this.held, isMirrored);
    for (const node of unread) this.wanted.add(node);
    // folders of one name share the builder's synced copy: a change of the same size and time may go unnoticed
    const sharesCopy = base(path) === base(this.facts.path);
    if (changes.length > 0) {
      const isSure = !sharesCopy || isMirrored;
      return isSure ? { result: 'different', changes, unnoticed: false, foreign: true } : undefined;
    }
    const looksSame = (node: ContextNode): boolean =>
      isMirrored && this.facts.tree.node(node.path)?.entry?.mtime === node.entry?.mtime;
    const quiet = [...before.nodes, ...(isMirrored ? [] : now.nodes)].some(
      (node) => node.versions.length > 0 && !looksSame(node) && changedQuietly(node),
    );
    if ((unnoticed.length > 0 && !isMirrored) || quiet || wanted.some((node) => before.nodes.has(node)))
      return undefined;
    for (const node of wanted) this.wanted.add(node);
    if (wanted.length > 0) return undefined;
    return { result: 'same', changes: [], unnoticed: false, hidden: [...hidden, ...unnoticed] };
  }

  /** Nothing that was taken then has changed: is what is taken now the same? */
  private acrossSelections(before: Measured, now: Measured): ContentComparison {
    // names of wildcard matches are hashed in another way than a plain folder, whatever they match
    if (before.filtered === now.filtered && takesSamePaths(before, now)) return this.trust(before);
    if (before.filtered || now.filtered) return { result: 'unknown', changes: [], unnoticed: false };
    const { changes, unnoticed, wanted } = compareSelections(before, now, this.held);
    for (const node of wanted) this.wanted.add(node);
    if (changes.length > 0) return { result: 'different', changes, unnoticed: false };
    if (unnoticed.length > 0) return { result: 'unknown', changes: unnoticed, unnoticed: true };
    if (wanted.length > 0) return { result: 'unknown', changes: touched(wanted), unnoticed: false };
    return this.trust(now);
  }

  /**
   * Another folder of the same name was built last: the builder compares with that one's files, and takes those of equal
   * size, time and mode for ours.
   */
  private unlessShadowed(use: InputUse, same: ContentComparison): ContentComparison {
    const { contextPath } = this.mirrored ?? {};
    if (contextPath === undefined || contextPath === this.facts.path) return same;
    const other = this.facts.others.get(contextPath);
    if (other === undefined) {
      this.wantedContexts.add(contextPath);
      return same;
    }
    const shadowed: FileChange[] = [];
    for (const node of this.select(use, this.patternsKey, this.facts.patterns).nodes) {
      const { entry, path, digest } = node;
      const theirs = other.node(path);
      if (entry?.type !== 'file' || theirs?.entry?.type !== 'file' || entry.size === 0) continue;
      const { size, mtime, mode } = theirs.entry;
      if (size !== entry.size || mtime !== entry.mtime || mode !== entry.mode) continue;
      if (digest === undefined && theirs.digest !== undefined) this.wanted.add(node);
      if (digest === undefined || digest !== theirs.digest) shadowed.push({ path, change: 'content' });
    }
    return shadowed.length === 0 ? same : { result: 'unknown', changes: shadowed, unnoticed: true };
  }

  /**
   * The files are what they were. But where a file once changed without the builder noticing, what the builder had, or
   * will have, is another thing than the files.
   */
  private trust({ doubtful }: Measured): ContentComparison {
    if (doubtful.length > 0) return { result: 'unknown', changes: doubtful, unnoticed: true };
    return { result: 'same', changes: [], unnoticed: false };
  }

  private visibility(key: string, patterns: readonly string[]): Visibility {
    let visibility = this.visibilities.get(key);
    if (visibility === undefined) {
      visibility = Selections.of(this.facts.tree).visibility(patterns);
      this.visibilities.set(key, visibility);
    }
    return visibility;
  }

  private select(use: InputUse, patternsKey: string, patterns: readonly string[]): Measured {
    const key = `${JSON.stringify(use.selectors)} ${patternsKey}`;
    let selection = this.selections.get(key);
    if (selection === undefined) {
      const selections = Selections.of(this.facts.tree);
      const selected = selections.select(use, patterns);
      const totals = selections.totalsOf(selected, this.held);
      const doubtful: FileChange[] = [];
      for (const node of totals.suspicious()) {
        if (isDoubtful(node, this.held)) doubtful.push({ path: node.path, change: 'content' });
      }
      selection = { ...selected, totals, doubtful };
      this.selections.set(key, selection);
    }
    return selection;
  }

  /** Bytes of the regular files; of two files with one destination the later one stays. */
  private bytes(selection: Selection, unpacks: boolean): number | undefined {
    const { nodes, tops } = selection;
    // of one source no two paths have the same destination
    const sizes = tops.length > 1 ? new Map<string, number>() : undefined;
    const inodes = new Set<number>();
    let bytes = 0;
    let unread = false;
    const add = (node: ContextNode, destination: string): void => {
      const { entry } = node;
      if (entry?.type === 'dir') {
        for (const child of node.children?.values() ?? []) {
          if (nodes.has(child)) add(child, sizes === undefined ? '' : `${destination}/${child.name}`);
        }
        return;
      }
      if (entry?.type === 'unreadable') unread = true;
      let size = entry?.type === 'file' ? entry.size : 0;
      if (entry !== undefined && entry.links > 1) {
        if (inodes.has(entry.ino)) {
          size = 0;
          // whether two copies of one instruction share an inode depends on how they are made
          if (tops.length > 1) unread = true;
        }
        inodes.add(entry.ino);
      }
      bytes += size - (sizes?.get(destination) ?? 0);
      sizes?.set(destination, size);
    };
    for (const { named, node } of tops) {
      if (node.entry?.type === 'dir') add(node, '');
      else if (unpacks && node.archive === undefined) {
        if (node.entry?.size !== 0) {
          this.wanted.add(node);
          unread = true;
        }
      } else if (unpacks && node.archive === true) return undefined;
      else add(node, `/${named.name}`);
    }
    return unread ? undefined : bytes;
  }
}

const NOTHING_ABSENT: Pick<Selection, 'missing' | 'unreachable'> = { missing: [], unreachable: [] };

const NOTHING: Changes = { proven: [], touched: [], listing: undefined, unnoticed: [], doubtful: [], wanted: [] };

/** Is what is remembered of a path what it was during all of a span, with everything in it? */
function wasSoDuring(span: TimeSpan): (node: ContextNode) => boolean {
  return ({ entry, seenTo, listedAt }) =>
    entry !== undefined &&
    entry.ctime < span.start &&
    seenTo >= span.end &&
    (entry.type !== 'dir' || listedAt >= entry.ctime + TICK);
}

function touched(nodes: readonly ContextNode[]): FileChange[] {
  return nodes.map((node) => ({ path: node.path, change: 'content' }));
}

function summarize(changes: Changes, selection: Selection, isMirrored: boolean): ContentComparison {
  const { proven, listing } = changes;
  const unnoticed = [...changes.unnoticed, ...changes.doubtful];
  // names without their folders are hashed for wildcards: a file that moved may go unnoticed
  const moved =
    selection.filtered &&
    proven.some((one) => one.change === 'added') &&
    proven.some((one) => one.change === 'removed') &&
    proven.every((one) => one.change === 'added' || one.change === 'removed');
  if (proven.length > 0 && !moved && !selection.superset) {
    return { result: 'different', changes: [...proven, ...changes.touched], unnoticed: false };
  }
  const others = proven.length + changes.touched.length + changes.doubtful.length;
  if (isMirrored && others === 0 && listing === undefined) {
    return { result: 'same', changes: [], unnoticed: false, hidden: changes.unnoticed };
  }
  if (unnoticed.length > 0) return { result: 'unknown', changes: unnoticed, unnoticed: true };
  const unclear = [...proven, ...changes.touched];
  if (unclear.length === 0 && listing === undefined) return { result: 'same', changes: [], unnoticed: false };
  return {
    result: 'unknown',
    changes: unclear,
    unnoticed: false,
    ...(listing === undefined ? {} : { listing }),
  };
}
