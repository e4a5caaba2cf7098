import { compareNames, folderOf, nameOf, OPAQUE, WHITEOUT, WHITEOUT_META } from './entryPath';
import type { LayerEntries } from './layerEntries';

/** An entry by its layer and its place in that layer. */
export interface EntryPlace {
  readonly layer: number;
  readonly index: number;
}

/** How a copy of a file went out of sight. */
export type HiddenHow = 'replaced' | 'deleted' | 'repeated';

/** A copy of something that a later entry hid. */
export interface HiddenEntry extends EntryPlace {
  /** The layer that hid it. */
  readonly by: number;
  readonly how: HiddenHow;
}

/** A name in a folder of the stacked layers. */
export class StackNode {
  children: Map<string, StackNode> | undefined;
  /** Undefined for a folder that no entry is there for. */
  place: EntryPlace | undefined;

  constructor(
    readonly name: string,
    readonly parent: StackNode | undefined,
  ) {}

  get path(): string {
    let path = this.name;
    for (let node = this.parent; node?.parent !== undefined; node = node.parent) path = `${node.name}/${path}`;
    return path;
  }

  /** Children in the order of their names. */
  sorted(): StackNode[] {
    return [...(this.children?.values() ?? [])].sort((a, b) => compareNames(a.name, b.name));
  }
}

/** Is told what a layer does to what is below it. */
export interface StackListener {
  /** A copy went out of sight. */
  hidden?(entry: HiddenEntry, path: string): void;
  /** A layer has an entry for a path; `before` is what was there. */
  placed?(node: StackNode, before: EntryPlace | undefined): void;
}

/**
 * The file system that the layers of an image give, one put on the other: whiteouts hide what is below, never what is in
 * their own layer, in whatever order an archive has them (OCI image-spec layer.md, Applying Changesets).
 */
export class StackedTree {
  readonly root = new StackNode('', undefined);
  private applied = 0;

  constructor(readonly layers: readonly LayerEntries[]) {}

  /** How many layers are in it. */
  get height(): number {
    return this.applied;
  }

  /** Puts the next layer on top. */
  applyNext(listener: StackListener = {}): void {
    const layer = this.applied++;
    const entries = this.layers[layer];
    if (entries === undefined) return;
    for (let index = 0; index < entries.length; index++) {
      const name = nameOf(entries.path(index));
      if (name.startsWith(WHITEOUT)) this.hide(entries.path(index), name, layer, listener);
    }
    for (let index = 0; index < entries.length; index++) {
      const path = entries.path(index);
      if (path !== '' && !nameOf(path).startsWith(WHITEOUT)) this.place(path, { layer, index }, listener);
    }
  }

  /** Puts all layers on each other that are not yet. */
  applyAll(listener: StackListener = {}): this {
    while (this.applied < this.layers.length) this.applyNext(listener);
    return this;
  }

  find(path: string): StackNode | undefined {
    let node: StackNode | undefined = this.root;
    for (const name of path.split('/')) if (name !== '') node = node?.children?.get(name);
    return node;
  }

  /** Everything below a node, folders before what is in them. */
  *below(node: StackNode = this.root): Generator<StackNode> {
    // a list of its own: folders may be deeper than calls may be
    const waiting = [...node.sorted()].reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      yield next;
      if (next.children !== undefined) waiting.push(...next.sorted().reverse());
    }
  }

  private hide(path: string, name: string, layer: number, listener: StackListener): void {
    const folder = folderOf(path);
    if (name === OPAQUE) {
      const node = this.find(folder);
      for (const child of [...(node?.children?.values() ?? [])]) this.remove(child, layer, 'deleted', listener);
    } else if (!name.startsWith(WHITEOUT_META)) {
      const node = this.find(`${folder}/${name.slice(WHITEOUT.length)}`);
      if (node !== undefined && node !== this.root) this.remove(node, layer, 'deleted', listener);
    }
  }

  private remove(node: StackNode, by: number, how: HiddenHow, listener: StackListener): void {
    this.tellHidden(node, by, how, listener);
    node.parent?.children?.delete(node.name);
  }

  private tellHidden(node: StackNode, by: number, how: HiddenHow, listener: StackListener): void {
    const tell = (one: StackNode): void => {
      if (one.place !== undefined) listener.hidden?.({ ...one.place, by, how: howOf(one.place, by, how) }, one.path);
    };
    if (listener.hidden === undefined) return;
    tell(node);
    for (const one of this.below(node)) tell(one);
  }

  private place(path: string, place: EntryPlace, listener: StackListener): void {
    let node = this.root;
    for (const name of path.split('/')) {
      // what has something in it is a folder, whatever it was before
      if (node.place !== undefined && !this.isFolder(node.place)) this.turnIntoFolder(node, place.layer, listener);
      node.children ??= new Map();
      let child = node.children.get(name);
      if (child === undefined) {
        child = new StackNode(name, node);
        node.children.set(name, child);
      }
      node = child;
    }
    const before = node.place;
    const [isFolder, wasFolder] = [this.isFolder(place), before === undefined || this.isFolder(before)];
    if (!isFolder && node.children !== undefined) {
      for (const child of [...node.children.values()]) this.remove(child, place.layer, 'replaced', listener);
      node.children = undefined;
    }
    if (before !== undefined && !(isFolder && wasFolder)) {
      listener.hidden?.({ ...before, by: place.layer, how: howOf(before, place.layer, 'replaced') }, node.path);
    }
    node.place = place;
    listener.placed?.(node, before);
  }

  private turnIntoFolder(node: StackNode, by: number, listener: StackListener): void {
    const { place } = node;
    if (place === undefined) return;
    listener.hidden?.({ ...place, by, how: howOf(place, by, 'replaced') }, node.path);
    node.place = undefined;
  }

  private isFolder({ layer, index }: EntryPlace): boolean {
    return this.layers[layer]?.type(index) === 'directory';
  }
}

function howOf({ layer }: EntryPlace, by: number, how: HiddenHow): HiddenHow {
  return layer === by ? 'repeated' : how;
}
