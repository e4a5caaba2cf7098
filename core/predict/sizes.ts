import type { StepInstance } from '../evidence/classes';
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
  const same = evidence.classes
    .withOp(evaluation.opDigest)
    .filter((instance) => evaluation.classes.has(evidence.classes.find(instance.keyClass)));
  const measured = layerSize(same, evidence);
  if (measured !== undefined) return measured;
  for (const keyClass of evaluation.classes) {
    // a hit on one of several results has a size only when they all have the same
    const sizes = new Set([...evidence.join.records(keyClass)].map((record) => record.size).filter((one) => one >= 0));
    const [size] = sizes;
    if (size !== undefined && sizes.size === 1) return ofRecord(size, evidence);
  }
  for (const instance of [...evidence.classes.withOp(evaluation.opDigest)].reverse()) {
    const [record] = evidence.join.records(instance.keyClass);
    if (record !== undefined && record.size >= 0) {
      return { bytes: record.size, basis: 'estimate', from: 'the same instruction in an earlier build' };
    }
  }
  return UNKNOWN_SIZE;
}

/** The layer that the step left in an image; an estimate when it was executed more than once, with other layers. */
function layerSize(same: readonly StepInstance[], evidence: Evidence): StepSize | undefined {
  const sizes = same.map(({ step }) => evidence.layerBytes.get(step.layer ?? ''));
  const bytes = sizes.findLast((size) => size !== undefined);
  if (bytes === undefined) return undefined;
  const executed = sizes.filter((_, index) => same[index]?.step.cached === false);
  const isSure =
    executed.length <= 1
      ? new Set(sizes.filter((size) => size !== undefined)).size === 1
      : executed.every((size) => size === bytes);
  return isSure
    ? { bytes, basis: 'measured' }
    : { bytes, basis: 'estimate', from: 'one of several results of this step' };
}

/**
 * What the engine says of a kept result that is in no image: on overlay2 the bytes of its files and of the texts of its
 * links, on the containerd store the blocks on disk. Near the layer's size, but not always the same number.
 */
function ofRecord(size: number, evidence: Evidence): StepSize {
  const from = evidence.store === 'graphdriver' ? 'its cache record, link texts included' : 'its space on disk';
  return size === 0 ? { bytes: 0, basis: 'measured' } : { bytes: size, basis: 'estimate', engineBytes: size, from };
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
