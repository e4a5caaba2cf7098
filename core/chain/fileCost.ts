import type { PredictedStep } from '../model';
import type { FileCost } from '../predict/editCost';
import type { ChainStage } from './step';

/**
 * What a change of a file makes a builder of image chains execute: the steps that take it, and all that follow in their
 * stages and in those that stand on them.
 *
 * @param steps predicted, those of global ARG first
 */
export function chainFileCost<P>(
  stages: readonly ChainStage<P>[],
  globals: number,
  steps: readonly PredictedStep[],
  takes: (probe: P) => boolean,
): FileCost {
  const takenBy: PredictedStep[] = [];
  const executed: PredictedStep[] = [];
  const changed = new Set<number>();
  let index = globals;
  for (const stage of stages) {
    index++;
    let isChanged = stage.base.kind === 'stage' && changed.has(stage.base.index);
    for (const step of stage.steps) {
      const predicted = steps[index++];
      if (predicted === undefined || !stage.needed) continue;
      const isTaken = step.kind === 'step' && takes(step.probe);
      if (isTaken) takenBy.push(predicted);
      isChanged ||= isTaken;
      if (isChanged) executed.push(predicted);
    }
    if (isChanged) changed.add(stage.index);
  }
  return { takenBy, executed };
}
