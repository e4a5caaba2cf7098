import { compareNames, WHITEOUT } from './entryPath';
import type { LayerEntries } from './layerEntries';

/** Names that begin so are none to dive. Others that begin with `.wh..wh.` are whiteouts to it (dive filetree/file_tree.go). */
const DIVE_META = '.wh..wh..';

/** A node as dive has it: a name in a folder, with what the last entry for it said. */
export class DiveNode {
  readonly children = new Map<string, DiveNode>();
  size = 0;
  isFolder = false;

  constructor(
    readonly name: string,
    readonly parent: DiveNode | undefined,
  ) {}

  get isWhiteout(): boolean {
    return this.name.startsWith(WHITEOUT);
  }

  /** Path without the mark of a whiteout (dive filetree/file_node.go Path). */
  get path(): string {
    const own = this.isWhiteout ? this.name.slice(WHITEOUT.length) : this.name;
    let path = `/${own}`;
    for (let node = this.parent; node?.parent !== undefined; node = node.parent) path = `/${node.name}${path}`;
    return path.replaceAll('//', '/');
  }

  sorted(): DiveNode[] {
    return [...this.children.values()].sort((a, b) => compareNames(a.name, b.name));
  }
}

/** The tree of one layer, or of several on each other (dive filetree/file_tree.go). */
export class DiveTree {
  readonly root = new DiveNode('', undefined);

  static of(entries: LayerEntries): DiveTree {
    const tree = new DiveTree();
    for (let index = 0; index < entries.length; index++) {
      tree.add(entries.path(index), entries.size(index), entries.type(index) === 'directory');
    }
    return tree;
  }

  /** Adds a path or replaces what was said of it; folders above it that nothing was said of are no folders to dive. */
  add(path: string, size: number, isFolder: boolean): void {
    let node = this.root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      let child = node.children.get(name);
      if (child === undefined) {
        if (name.startsWith(DIVE_META)) return;
        child = new DiveNode(name, node);
        node.children.set(name, child);
      }
      node = child;
    }
    if (node === this.root) return;
    node.size = size;
    node.isFolder = isFolder;
  }

  find(path: string): DiveNode | undefined {
    let node: DiveNode | undefined = this.root;
    for (const name of path.split('/')) if (name !== '') node = node?.children.get(name);
    return node;
  }

  /** Puts a layer on what is here: whiteouts remove, everything else replaces, also what nothing was said of. */
  stack(upper: DiveTree): void {
    visit(upper.root, (node) => {
      if (!node.isWhiteout) this.add(node.path, node.size, node.isFolder);
      else {
        const found = this.find(node.path);
        found?.parent?.children.delete(found.name);
      }
      return true;
    });
  }

  copy(): DiveTree {
    const copy = new DiveTree();
    copyInto(this.root, copy.root);
    return copy;
  }
}

/** Visits what is below a node, children first, in the order of their names; stops when told so by `false`. */
export function visit(node: DiveNode, visitor: (node: DiveNode) => boolean): boolean {
  // a list of its own: folders may be deeper than calls may be
  const open = [{ node, rest: node.sorted().reverse() }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const child = top.rest.pop();
    if (child !== undefined)
      open.push({ node: child, rest: child.children.size === 0 ? [] : child.sorted().reverse() });
    else {
      open.pop();
      if (open.length > 0 && !visitor(top.node)) return false;
    }
  }
  return true;
}

function copyInto(from: DiveNode, to: DiveNode): void {
  const open = [{ from, to }];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const [name, child] of pair.from.children) {
      const made = new DiveNode(name, pair.to);
      made.size = child.size;
      made.isFolder = child.isFolder;
      pair.to.children.set(name, made);
      if (child.children.size > 0) open.push({ from: child, to: made });
    }
  }
}
