import type { InputUse } from '../llb/contentInputs';
import { compileIgnore } from './ignoreMatcher';
import type { HeldCopy } from './received';
import { select, type Selection } from './selection';
import { Totals } from './totals';
import type { ContextTree } from './tree';
import { Visibility } from './visibility';

/** Paths in all selections that are kept; the oldest selections go first. */
const MAX_PATHS = 400_000;

/**
 * What operations take from one build context, kept between predictions: while paths only change their content, what is
 * taken stays the same, and finding it out again takes longer than everything else when there are many files.
 */
export class Selections {
  private static readonly ofTrees = new WeakMap<ContextTree, Selections>();
  private readonly visibilities = new Map<string, Visibility>();
  private readonly selections = new Map<string, Selection>();
  private totals = new WeakMap<Selection, Totals>();
  private structure = -1;

  private constructor(private readonly tree: ContextTree) {}

  /** Those of a tree, valid for what is known of it now. */
  static of(tree: ContextTree): Selections {
    let selections = Selections.ofTrees.get(tree);
    if (selections === undefined) {
      selections = new Selections(tree);
      Selections.ofTrees.set(tree, selections);
    }
    const { structure } = tree.root.changes;
    if (selections.structure !== structure) {
      selections.structure = structure;
      selections.visibilities.clear();
      selections.selections.clear();
    }
    return selections;
  }

  /** What these ignore patterns let through. */
  visibility(patterns: readonly string[]): Visibility {
    const key = JSON.stringify(patterns);
    let visibility = this.visibilities.get(key);
    if (visibility === undefined) {
      visibility = new Visibility(compileIgnore(patterns).matcher);
      this.visibilities.set(key, visibility);
    }
    return visibility;
  }

  /** What an operation takes under these ignore patterns. */
  select(use: InputUse, patterns: readonly string[]): Selection {
    const key = JSON.stringify([use.selectors, patterns]);
    let selection = this.selections.get(key);
    if (selection === undefined) selection = select(this.tree, this.visibility(patterns), use);
    this.selections.delete(key);
    this.selections.set(key, selection);
    let paths = 0;
    for (const { nodes } of this.selections.values()) paths += nodes.size;
    for (const [oldest, { nodes }] of this.selections) {
      if (paths <= MAX_PATHS || oldest === key) break;
      this.selections.delete(oldest);
      paths -= nodes.size;
    }
    return selection;
  }

  /** What is added up of a selection that {@link select} gave, as of now. */
  totalsOf(selection: Selection, held: HeldCopy): Totals {
    let totals = this.totals.get(selection);
    if (totals?.isFor(held) !== true) {
      totals = new Totals(selection, this.tree.root.changes, held);
      this.totals.set(selection, totals);
    }
    totals.refresh();
    return totals;
  }
}
