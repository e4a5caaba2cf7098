import { holdsVariable } from './facts';
import type { ChainStage, ChainStep } from './step';

/**
 * The stages of a build whose builder could not be asked for the images that they stand on: what a variable stands for
 * may come from one of those, so that a step with one is open.
 */
export function withoutVariables<P>(stages: readonly ChainStage<P>[]): readonly ChainStage<P>[] {
  return stages.map((stage) => ({ ...stage, steps: stage.steps.map(openWithVariable) }));
}

function openWithVariable<P>(step: ChainStep<P>): ChainStep<P> {
  if (!holdsVariable(step)) return step;
  const { line, stage, stageIndex, instruction, text, origin } = step;
  const place = { line, stage, stageIndex, instruction, text, ...(origin === undefined ? {} : { origin }) };
  return { ...place, kind: 'open', message: 'a variable may come from an image that is not known' };
}
