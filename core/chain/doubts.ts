import type { Downgrades } from '../ledger/accuracy';
import { verdictClass } from '../ledger/verdictClass';
import type { BuilderKind, PredictedStep } from '../model';
import type { ChainStage } from './step';
import type { ChainDoubts } from './walk';

/**
 * The doubts about a prediction that was made with the doubts so far; the same when there are no further ones. What
 * stands on a doubted step becomes open with it, so the prediction is to be made again.
 *
 * @param steps predicted, those of global ARG first
 */
export function furtherDoubts<P>(
  plan: { readonly globals: number; readonly stages: readonly ChainStage<P>[] },
  steps: readonly PredictedStep[],
  builder: BuilderKind,
  downgrades: Downgrades,
  known: ChainDoubts<P>,
): ChainDoubts<P> {
  const doubts = new Map(known);
  let index = plan.globals;
  for (const stage of plan.stages) {
    index++; // FROM is no claim
    for (const step of stage.steps) {
      const predicted = steps[index++];
      if (predicted === undefined || doubts.has(step)) continue;
      const message = downgrades.get(verdictClass(builder, predicted));
      if (message !== undefined) doubts.set(step, { code: 'was-wrong', message });
    }
  }
  return doubts.size === known.size ? known : doubts;
}
