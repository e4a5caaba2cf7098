import type { CopyAction, FileAction, LlbOp, MkdirAction, MkfileAction, OwnerOp } from '../llb/op';
import type { Vertex } from './graph';

/** The result of a chain: a vertex, or nothing yet (scratch). */
export type State = number | undefined;

/** One copy of a COPY or ADD with the state that it copies from. */
export interface CopySource {
  readonly action: CopyAction;
  readonly from: State;
}

type VertexExtra = Pick<Vertex, 'uncovered' | 'ignoreCache' | 'origins'>;

/** Collects vertices; equal operations on equal inputs are one vertex, as in the builder. */
export class VertexStore {
  readonly vertices: Vertex[] = [];
  private readonly byContent = new Map<string, number>();
  private readonly environments = new Interned();

  add(op: LlbOp, inputs: readonly number[], extra: Partial<VertexExtra> = {}): number {
    const ignoreCache = extra.ignoreCache ?? false;
    const key =
      op.kind === 'exec'
        ? JSON.stringify([{ ...op, env: this.environments.of(op.env) }, inputs, extra.uncovered])
        : JSON.stringify([op, inputs, extra.uncovered]);
    const known = this.byContent.get(key);
    if (known !== undefined) {
      // steps that are one share what was asked for any of them (client/llb/marshal.go mergeMetadata)
      const vertex = this.vertices[known];
      if (ignoreCache && vertex !== undefined) this.vertices[known] = { ...vertex, ignoreCache };
      return known;
    }
    const id = this.vertices.length;
    this.vertices.push({
      id,
      op,
      inputs,
      ignoreCache,
      ...(extra.uncovered === undefined ? {} : { uncovered: extra.uncovered }),
      ...(extra.origins === undefined ? {} : { origins: extra.origins }),
    });
    this.byContent.set(key, id);
    return id;
  }

  mkdir(state: State, action: MkdirAction, extra: { uncovered?: string } = {}): number {
    const inputs = state === undefined ? [] : [state];
    const file: FileAction = { input: state === undefined ? -1 : 0, secondaryInput: -1, output: 0, action };
    return this.add({ kind: 'file', actions: [file] }, inputs, extra);
  }

  /** Lays a result over another one (client/llb/merge.go); on an empty root nothing is to be done. */
  merge(state: State, over: number, extra: { uncovered?: string; ignoreCache: boolean }): number {
    return state === undefined ? over : this.add({ kind: 'merge' }, [state, over], extra);
  }

  /** A file of its own on an empty root: an inline document. */
  document(action: MkfileAction): number {
    return this.add({ kind: 'file', actions: [{ input: -1, secondaryInput: -1, output: 0, action }] }, []);
  }

  /** Copies in order onto `state`; each but the first works on the result of the one before (client/llb/fileop.go Marshal). */
  copy(state: State, sources: readonly CopySource[], extra: { uncovered?: string; ignoreCache: boolean }): number {
    const inputs: number[] = state === undefined ? [] : [state];
    const indexes = sources.map(({ from }) => {
      if (from === undefined) return -1;
      const known = inputs.indexOf(from);
      return known >= 0 ? known : inputs.push(from) - 1;
    });
    const actions = sources.map(({ action }, index): FileAction => ({
      input: index > 0 ? inputs.length + index - 1 : state === undefined ? -1 : 0,
      secondaryInput: indexes[index] ?? -1,
      output: index + 1 === sources.length ? 0 : -1,
      action,
    }));
    return this.add({ kind: 'file', actions }, inputs, extra);
  }
}

/** A number for each list of texts, the same for equal lists; a list that comes again is not read again. */
class Interned {
  private readonly known = new WeakMap<readonly string[], number>();
  private readonly byContent = new Map<string, number>();

  of(list: readonly string[]): number {
    let number = this.known.get(list);
    if (number !== undefined) return number;
    const content = JSON.stringify(list);
    number = this.byContent.get(content) ?? this.byContent.size;
    this.byContent.set(content, number);
    this.known.set(list, number);
    return number;
  }
}

/** `--chown` and USER as an owner: numbers and `root` become ids (client/llb/fileop.go WithUser). */
export function parseOwner(text: string): OwnerOp | undefined {
  if (text === '') return undefined;
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  return { user: ownerPart(user), group: colon < 0 ? undefined : ownerPart(text.slice(colon + 1)) };
}

function ownerPart(text: string): string | number {
  // `1000:` and `:1000` mean id 0 for the part that is missing
  if (text === 'root' || text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) return text;
  const id = Number(text);
  if (id > 0x7fffffff || id < -0x80000000) return text;
  return id < 0 ? id + 0x100000000 : id;
}
