import type { BuiltStep } from '../../image/compareWithPrediction';
import type { OpenImage } from './openImage';

/** The steps of an image that was read, by its own history; sizes are those of the files. */
export function builtSteps({ description, layers }: OpenImage): BuiltStep[] {
  let layer = 0;
  const steps = description.history.map(({ createdBy, isEmpty }): BuiltStep => {
    const at = isEmpty || layer >= layers.length ? undefined : layer++;
    return { createdBy, bytes: at === undefined ? undefined : layers[at]?.entries.bytes, layer: at };
  });
  return steps;
}
