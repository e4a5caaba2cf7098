import type { PredictedStep, Prediction } from '../model';
import type { Plan } from '../plan/graph';
import { inputUses } from '../llb/contentInputs';
import type { IndexedContext } from './contextView';

/** What a change of one file of the build context costs. */
export interface FileCost {
  /** Steps that take the file. */
  readonly takenBy: readonly PredictedStep[];
  /** Those and all that follow from them, as far as the target needs them. */
  readonly executed: readonly PredictedStep[];
}

/**
 * The steps that a change of a file makes the builder execute again. What stands on the content of such a step (COPY
 * --from) counts too: whether its result differs only the build tells.
 *
 * @param path relative to the build context, with `/`
 */
export function fileCost(plan: Plan, prediction: Prediction, context: IndexedContext, path: string): FileCost {
  const taking = new Set<number>();
  const executed = new Set<number>();
  for (const { id, op, inputs } of plan.vertices) {
    const uses = inputUses(op, inputs.length);
    const takes = inputs.some((input, position) => {
      const use = uses[position];
      return plan.vertices[input]?.op.kind === 'local' && use !== undefined && context.isTaken(use, path);
    });
    if (takes) taking.add(id);
    if (takes || inputs.some((input) => executed.has(input))) executed.add(id);
  }
  const steps = (of: ReadonlySet<number>): PredictedStep[] =>
    plan.steps.flatMap((step, index) => {
      const predicted = prediction.steps[index];
      return step.reachable && step.vertex !== undefined && of.has(step.vertex) && predicted ? [predicted] : [];
    });
  return { takenBy: steps(taking), executed: steps(executed) };
}
