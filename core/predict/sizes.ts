import type { Evidence } from '../evidence/evidence';
import { UNKNOWN_SIZE, type StepSize } from '../model';
import type { ContextView } from './content';
import type { Evaluation } from './evaluate';

/** Bytes of the layer of a step: exact for files of the build context, measured for what was built, else an estimate. */
export function sizeOf(
  evaluation: Evaluation,
  evaluations: readonly Evaluation[],
  evidence: Evidence | undefined,
  context: ContextView,
): StepSize {
  const exact = exactBytes(evaluation, evaluations, context);
  if (exact !== undefined) return { bytes: exact, basis: 'exact' };
  if (evidence === undefined) return UNKNOWN_SIZE;
  for (const keyClass of evaluation.classes) {
    const [record] = evidence.join.records(keyClass);
    if (record !== undefined) return { bytes: record.size, basis: 'measured' };
  }
  for (const instance of [...evidence.classes.withOp(evaluation.opDigest)].reverse()) {
    const [record] = evidence.join.records(instance.keyClass);
    if (record !== undefined) {
      return { bytes: record.size, basis: 'estimate', from: 'the same instruction in an earlier build' };
    }
  }
  return UNKNOWN_SIZE;
}

/** WORKDIR makes a folder at most; a copy from the context and from inline documents can be added up. */
function exactBytes(
  evaluation: Evaluation,
  evaluations: readonly Evaluation[],
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

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Milliseconds that the step took when it was last executed; null when that is not remembered. */
export function lastDuration(evaluation: Evaluation, evidence: Evidence | undefined): number | null {
  const instances = evidence?.classes.withOp(evaluation.opDigest) ?? [];
  for (const { step } of [...instances].reverse()) {
    if (step.cached || !step.done || step.started === undefined || step.completed === undefined) continue;
    return Math.round(step.completed - step.started);
  }
  return null;
}
