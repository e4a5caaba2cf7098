import { base } from '../context/goPath';
import type { Selection } from '../context/selection';
import type { ContextNode } from '../context/tree';
import { inputUses, type InputUse } from '../llb/contentInputs';
import type { CopyAction } from '../llb/op';
import type { Plan, Vertex } from '../plan/graph';
import { utf8Length } from './copied';

/** A file that a copy would put into a layer. */
export interface CopiedFile {
  /** Relative to what is copied; empty where that is this file. */
  readonly path: string;
  readonly type: 'file' | 'symlink';
  readonly bytes: number;
  /** SHA-256 of the content as hexadecimal digits, where it is known. */
  readonly digest: string | undefined;
  /** Target text of a symbolic link. */
  readonly target: string | undefined;
}

/** One source of a copy with where it goes: whether there is a folder only the image tells. */
export interface CopiedSource {
  /** Absolute; with a final `/` or `/.` it is a folder in any case. */
  readonly destination: string;
  /** The name that it gets in a folder. */
  readonly name: string;
  /** What is in it is copied, not it itself. */
  readonly isFolder: boolean;
  readonly files: readonly CopiedFile[];
}

/** What an instruction would copy into its layer now, as far as that is known before the build. */
export type CopiedFiles =
  | { readonly kind: 'known'; readonly sources: readonly CopiedSource[] }
  /** `why` is for people, and begins with what does it. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What of the build context the files are found by. */
export interface CopiedContext {
  /** With `--exclude` taken into account; undefined where that cannot be told. */
  readonly selected: (
    use: InputUse,
  ) => (Pick<Selection, 'tops' | 'inexact'> & { readonly nodes: ReadonlySet<ContextNode> }) | undefined;
}

const unknown = (why: string): CopiedFiles => ({ kind: 'unknown', why });

/** What the instruction at a place of a plan's steps copies. */
export function copiedFiles(plan: Plan, step: number, context: CopiedContext | undefined): CopiedFiles {
  const planned = plan.steps[step];
  const vertex = plan.vertices[planned?.vertex ?? -1];
  if (planned?.failure !== undefined) return unknown('the build stops here');
  if (vertex === undefined) return { kind: 'known', sources: [] };
  if (vertex.op.kind === 'exec') return unknown('what a command writes is not known before the build');
  if (vertex.op.kind !== 'file') return unknown('what it yields is not known before the build');
  if (vertex.uncovered !== undefined) return unknown(vertex.uncovered);
  return new Copying(plan, vertex, context).result();
}

class Copying {
  private readonly sources: CopiedSource[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly vertex: Vertex,
    private readonly context: CopiedContext | undefined,
  ) {}

  result(): CopiedFiles {
    const { op, inputs } = this.vertex;
    if (op.kind !== 'file') return unknown('it copies nothing');
    const uses = inputUses(op, inputs.length);
    // selectors of an input are in the order of the actions that take from it
    const taken = new Map<number, number>();
    for (const { action, secondaryInput } of op.actions) {
      if (action.kind === 'mkdir') continue;
      if (action.kind !== 'copy') return unknown('what it yields is not known before the build');
      const selector = taken.get(secondaryInput) ?? 0;
      taken.set(secondaryInput, selector + 1);
      const source = this.plan.vertices[inputs[secondaryInput] ?? -1];
      const why = this.add(action, source, uses[secondaryInput], selector);
      if (why !== undefined) return unknown(why);
    }
    return { kind: 'known', sources: this.sources };
  }

  /** Undefined, or why it is not known what this copies. */
  private add(
    action: CopyAction,
    source: Vertex | undefined,
    use: InputUse | undefined,
    selector: number,
  ): string | undefined {
    const op = source?.op;
    if (op?.kind === 'file' && source?.inputs.length === 0) {
      const document = op.actions[0]?.action;
      if (document?.kind !== 'mkfile') return 'what it copies is not known before the build';
      const file = { path: '', type: 'file', digest: undefined, target: undefined } as const;
      const files = [{ ...file, bytes: utf8Length(document.data) }];
      this.sources.push({ destination: action.dest, name: base(document.path), isFolder: false, files });
      return undefined;
    }
    if (op?.kind === 'remote' || (op?.kind === 'opaque' && op.git !== undefined)) {
      return 'what it fetches is not known before the build';
    }
    if (op?.kind !== 'local') return 'what it copies from a stage or an image is not known before the build';
    const selection = use && this.context?.selected(use);
    if (selection === undefined) return 'the build context was not looked at';
    if (selection.inexact !== undefined) return selection.inexact;
    for (const top of selection.tops) {
      if (top.selector !== selector) continue;
      const { node } = top;
      const isFolder = node.entry?.type === 'dir';
      if (action.attemptUnpack && !isFolder && node.entry?.size !== 0 && node.archive !== false) {
        return node.archive === true
          ? `${node.path} is unpacked: what is in it is not listed`
          : `nobody looked whether ${node.path} is an archive that is unpacked`;
      }
      const files: CopiedFile[] = [];
      collect(node, '', selection.nodes, files);
      this.sources.push({ destination: action.dest, name: top.named.name, isFolder, files });
    }
    return undefined;
  }
}

function collect(node: ContextNode, path: string, nodes: ReadonlySet<ContextNode>, files: CopiedFile[]): void {
  const { entry, digest } = node;
  if (entry?.type === 'dir') {
    for (const child of node.children?.values() ?? []) {
      // what --exclude leaves out may have something in it that is not
      if (nodes.has(child) || child.entry?.type === 'dir') {
        collect(child, path === '' ? child.name : `${path}/${child.name}`, nodes, files);
      }
    }
  } else if (entry?.type === 'file' || entry?.type === 'symlink') {
    const { type, size, target } = entry;
    files.push({ path, type, bytes: type === 'file' ? size : 0, digest, target });
  }
}
