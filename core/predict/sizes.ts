import type { Evidence } from '../evidence/evidence';
import { UNKNOWN_SIZE, type StepSize } from '../model';
import type { ContextView } from './content';
import { exactBytes } from './copied';
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

/** Milliseconds that the step took when it was last executed; null when that is not remembered. */
export function lastDuration(evaluation: Evaluation, evidence: Evidence | undefined): number | null {
  const instances = evidence?.classes.withOp(evaluation.opDigest) ?? [];
  for (const { step } of [...instances].reverse()) {
    if (step.cached || !step.done || step.started === undefined || step.completed === undefined) continue;
    return Math.round(step.completed - step.started);
  }
  return null;
}
