import type { InputUse } from '../llb/contentInputs';
import type { Vertex } from '../plan/graph';
import type { ContextView } from './content';

/** What is needed of an evaluation to add up what it copies. */
export interface CopyStep {
  readonly vertex: Vertex;
  readonly uses: readonly InputUse[];
}

/** WORKDIR makes a folder at most; a copy from the context and from inline documents can be added up. */
export function exactBytes(
  evaluation: CopyStep,
  evaluations: readonly CopyStep[],
  context: ContextView,
): number | undefined {
  const { op, inputs } = evaluation.vertex;
  if (op.kind !== 'file') return undefined;
  let bytes = 0;
  for (const { action, secondaryInput } of op.actions) {
    if (action.kind === 'mkdir') continue;
    if (action.kind !== 'copy') return undefined;
    const source = evaluations[inputs[secondaryInput] ?? -1];
    if (source === undefined) return undefined;
    if (source.vertex.op.kind === 'file' && source.vertex.inputs.length === 0) {
      const document = source.vertex.op.actions[0]?.action;
      if (document?.kind !== 'mkfile') return undefined;
      bytes += utf8Length(document.data);
    } else if (source.vertex.op.kind !== 'local') {
      return undefined;
    }
  }
  for (const [position, input] of inputs.entries()) {
    const use = evaluation.uses[position];
    if (use === undefined || evaluations[input]?.vertex.op.kind !== 'local') continue;
    const unpacks = op.actions.some(({ action }) => action.kind === 'copy' && action.attemptUnpack);
    const taken = context.take(use, unpacks).bytes;
    if (taken === undefined) return undefined;
    bytes += taken;
  }
  return bytes;
}

/**
 * The sizes that the record of a copy from the build context can have: bytes of its files, with or without the text of
 * links, which overlay2 counts as well. Undefined for every other step.
 */
export function copiedBytes(
  evaluation: CopyStep,
  evaluations: readonly CopyStep[],
  context: ContextView,
): readonly number[] | undefined {
  const bytes = exactBytes(evaluation, evaluations, context);
  if (bytes === undefined) return undefined;
  let links = 0;
  for (const [position, input] of evaluation.vertex.inputs.entries()) {
    const use = evaluation.uses[position];
    if (use === undefined || evaluations[input]?.vertex.op.kind !== 'local') continue;
    links += context.take(use, false).linkBytes;
  }
  return [bytes, bytes + links];
}

/** Bytes of a text. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
