import type { EntryPlace, StackNode, StackedTree } from './stackedTree';

/** Which content a name stands for, where several names stand for one. */
export class HardLinks {
  /** By `layer:index` of a hard link: the entry that has the content. */
  private readonly targets = new Map<string, EntryPlace>();

  /** To be told of each entry as it is placed. */
  note(tree: StackedTree, { place }: StackNode): void {
    if (place === undefined) return;
    const entries = tree.layers[place.layer];
    if (entries?.type(place.index) !== 'hardlink') return;
    const target = tree.find(entries.link(place.index))?.place;
    if (target !== undefined) this.targets.set(keyOf(place), this.contentOf(target));
  }

  /** The entry that has the content which a name stands for. */
  contentOf(place: EntryPlace): EntryPlace {
    return this.targets.get(keyOf(place)) ?? place;
  }
}

/** A text that names an entry. */
export function keyOf({ layer, index }: EntryPlace): string {
  return `${layer}:${index}`;
}
