import { align } from './alignment';
import { HardLinks, keyOf } from './hardLinks';
import type { LayerEntries } from './layerEntries';
import type { ContentQuestion, SameContent } from './shadowed';
import { StackedTree, type EntryPlace } from './stackedTree';

/** A layer of either image beside its counterpart. */
export interface LayerPair {
  readonly kind: 'same' | 'changed' | 'removed' | 'added';
  /** Places in the two images; undefined where only the other has it. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** How a path of the one image's file system differs in the other's. */
export interface FileDifference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'modified' | 'metadata' | 'unclear';
  /** Bytes; 0 for what is no regular file or is not there. */
  readonly before: number;
  readonly after: number;
}

/** What two images differ in. */
export interface ImageDifference {
  readonly layers: readonly LayerPair[];
  /** In the order of their paths. */
  readonly files: readonly FileDifference[];
  /** Bytes that a container sees. */
  readonly visibleBefore: number;
  readonly visibleAfter: number;
}

/** One side of a comparison. */
export interface ComparedImage {
  readonly layers: readonly { readonly diffId: string; readonly createdBy: string; readonly entries: LayerEntries }[];
}

interface Side {
  readonly links: HardLinks;
  readonly tree: StackedTree;
  readonly entries: readonly LayerEntries[];
  readonly image: ComparedImage;
}

/** Compares two images: what their containers see, file by file, and layer with layer. */
export class ImageComparison {
  private readonly before: Side;
  private readonly after: Side;

  constructor(before: ComparedImage, after: ComparedImage) {
    this.before = sideOf(before);
    this.after = sideOf(after);
  }

  /** Files of equal size whose contents have to be compared; `hidden` is in the first image, `visible` in the second. */
  get questions(): readonly ContentQuestion[] {
    return this.pairs().flatMap(({ hidden, visible }) =>
      this.needsContent(hidden, visible) ? [{ hidden, visible }] : [],
    );
  }

  result(isSame: SameContent): ImageDifference {
    const files: FileDifference[] = [];
    for (const { hidden, visible } of this.pairs()) {
      const change = this.changeOf(hidden, visible, isSame);
      if (change !== undefined) files.push(this.difference(this.pathOf(hidden), change, hidden, visible));
    }
    for (const { node, place } of placesOf(this.before)) {
      if (this.after.tree.find(node)?.place === undefined)
        files.push(this.difference(node, 'removed', place, undefined));
    }
    for (const { node, place } of placesOf(this.after)) {
      if (this.before.tree.find(node)?.place === undefined)
        files.push(this.difference(node, 'added', undefined, place));
    }
    files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return {
      ...{ layers: pairLayers(this.before.image, this.after.image), files },
      ...{ visibleBefore: visibleBytes(this.before), visibleAfter: visibleBytes(this.after) },
    };
  }

  private pairs(): readonly ContentQuestion[] {
    const pairs: ContentQuestion[] = [];
    for (const { node, place } of placesOf(this.before)) {
      const other = this.after.tree.find(node)?.place;
      if (other !== undefined && !this.isSameEntry(place, other)) pairs.push({ hidden: place, visible: other });
    }
    return pairs;
  }

  /** The same entry of the same layer is the same whatever it is. */
  private isSameEntry(a: EntryPlace, b: EntryPlace): boolean {
    const [left, right] = [this.before.image.layers[a.layer], this.after.image.layers[b.layer]];
    return a.index === b.index && left?.diffId !== '' && left?.diffId === right?.diffId;
  }

  private needsContent(a: EntryPlace, b: EntryPlace): boolean {
    const [left, right] = [this.before.entries[a.layer], this.after.entries[b.layer]];
    return (
      left?.type(a.index) === 'file' &&
      right?.type(b.index) === 'file' &&
      left.size(a.index) === right.size(b.index) &&
      left.size(a.index) > 0
    );
  }

  private changeOf(a: EntryPlace, b: EntryPlace, isSame: SameContent): FileDifference['change'] | undefined {
    const [left, right] = [this.before.entries[a.layer], this.after.entries[b.layer]];
    if (left === undefined || right === undefined) return undefined;
    const isSameKind =
      left.type(a.index) === right.type(b.index) &&
      left.size(a.index) === right.size(b.index) &&
      left.link(a.index) === right.link(b.index);
    if (!isSameKind) return 'modified';
    if (this.needsContent(a, b)) {
      const answer = isSame(a, b);
      if (answer !== true) return answer === undefined ? 'unclear' : 'modified';
    }
    return left.hasSameAccess(a.index, right, b.index) ? undefined : 'metadata';
  }

  private pathOf({ layer, index }: EntryPlace): string {
    return this.before.entries[layer]?.path(index) ?? '';
  }

  private difference(
    path: string,
    change: FileDifference['change'],
    a: EntryPlace | undefined,
    b: EntryPlace | undefined,
  ): FileDifference {
    const size = (side: Side, place: EntryPlace | undefined): number =>
      place === undefined ? 0 : (side.entries[place.layer]?.size(place.index) ?? 0);
    return { path, change, before: size(this.before, a), after: size(this.after, b) };
  }
}

function sideOf(image: ComparedImage): Side {
  const entries = image.layers.map((layer) => layer.entries);
  const [tree, links] = [new StackedTree(entries), new HardLinks()];
  tree.applyAll({ placed: (node) => links.note(tree, node) });
  return { image, entries, tree, links };
}

function* placesOf({ tree }: Side): Generator<{ readonly node: string; readonly place: EntryPlace }> {
  for (const node of tree.below()) if (node.place !== undefined) yield { node: node.path, place: node.place };
}

function visibleBytes(side: Side): number {
  const seen = new Set<string>();
  let sum = 0;
  for (const { place } of placesOf(side)) {
    const content = side.links.contentOf(place);
    if (seen.has(keyOf(content))) continue;
    seen.add(keyOf(content));
    sum += side.entries[content.layer]?.size(content.index) ?? 0;
  }
  return sum;
}

/** Layers below the first difference are the same; after it those of equal steps are counterparts, in their order. */
export function pairLayers(before: ComparedImage, after: ComparedImage): LayerPair[] {
  const [old, now] = [before.layers, after.layers];
  const pairs = align(old.length, now.length, (i, j) => isCounterpart(old[i], now[j]));
  return pairs.map((pair): LayerPair => {
    if (pair.before === undefined) return { kind: 'added', ...pair };
    if (pair.after === undefined) return { kind: 'removed', ...pair };
    return { kind: old[pair.before]?.diffId === now[pair.after]?.diffId ? 'same' : 'changed', ...pair };
  });
}

type ComparedLayer = ComparedImage['layers'][number];

function isCounterpart(a: ComparedLayer | undefined, b: ComparedLayer | undefined): boolean {
  return a !== undefined && b !== undefined && (a.diffId === b.diffId || a.createdBy === b.createdBy);
}
