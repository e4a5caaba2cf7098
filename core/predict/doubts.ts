import type { Downgrades } from '../ledger/accuracy';
import { verdictClass } from '../ledger/verdictClass';
import type { BuilderKind, PredictedStep } from '../model';
import type { Plan } from '../plan/graph';
import type { Open } from './open';

/** Vertices whose verdict is not believed, by id. */
export type Doubts = ReadonlyMap<number, Open>;

export const NO_DOUBTS: Doubts = new Map();

/**
 * The doubts about a prediction that was made with the doubts so far; the same when there are no further ones. What
 * stands on a doubted step becomes open with it, so the prediction is to be made again.
 */
export function furtherDoubts(
  plan: Plan,
  steps: readonly PredictedStep[],
  builder: BuilderKind,
  downgrades: Downgrades,
  known: Doubts,
): Doubts {
  const doubts = new Map(known);
  for (const [index, { vertex }] of plan.steps.entries()) {
    const step = steps[index];
    if (vertex === undefined || step === undefined || doubts.has(vertex)) continue;
    const message = downgrades.get(verdictClass(builder, step));
    if (message !== undefined) doubts.set(vertex, { code: 'was-wrong', message, likely: false });
  }
  return doubts.size === known.size ? known : doubts;
}
