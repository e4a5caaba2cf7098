import { attribute, type PossibleMaker } from '../../core/image/attribute';
import type { PredictedStep, Prediction } from '../../core/model';
import type { CopiedFiles } from '../../core/predict/copiedFiles';
import type { ImageNode } from '../protocol';

/** An open Dockerfile with its prediction. */
export interface OpenDockerfile {
  readonly uri: string;
  readonly prediction: Prediction;
  /** What the instruction at a place of the prediction's steps would copy into its layer now. */
  readonly copied: (step: number) => CopiedFiles;
}

type Maker = NonNullable<ImageNode['maker']>;

/** Which instruction of which open Dockerfile made the steps of an image; the first Dockerfile that fits counts. */
export function makersOf(
  image: { readonly steps: readonly { readonly createdBy: string }[] },
  dockerfiles: readonly Omit<OpenDockerfile, 'copied'>[],
): ReadonlyMap<number, Maker> {
  // all of them: the base may be the image of an earlier stage, whose instructions made the base's steps
  const created = image.steps.map(({ createdBy }) => createdBy);
  for (const { uri, prediction } of dockerfiles) {
    const lines = attribute(created, instructionsOf(prediction));
    if (lines === undefined) continue;
    const makers = new Map<number, Maker>();
    for (const [index, line] of lines.entries()) {
      if (line !== undefined) makers.set(index, { uri, line: line - 1 });
    }
    return makers;
  }
  return new Map();
}

/** The instructions that the image of the target is made by: of its stage, after those of the stages that it stands on. */
export function instructionsOf(prediction: Prediction): PossibleMaker[] {
  return chainOf(prediction).map(({ line, instruction, text }) => ({ line: line.start, instruction, text }));
}

/** The steps of the target's stage, after those of the stages that it stands on; without FROM. */
export function chainOf({ steps, target }: Prediction): readonly PredictedStep[] {
  const chain: PredictedStep[] = [];
  const ofTarget = steps.filter(({ stage }) => stage === target);
  let index = ofTarget.at(-1)?.stageIndex;
  while (index !== undefined) {
    const stage: typeof steps = steps.filter(({ stageIndex }) => stageIndex === index);
    const [from, ...rest] = stage;
    chain.unshift(...rest);
    const [, base] = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(from?.text ?? '') ?? [];
    const below: typeof steps = steps.filter(
      ({ stage: name, stageIndex }) =>
        stageIndex >= 0 && stageIndex < (index ?? 0) && name.toLowerCase() === base?.toLowerCase(),
    );
    index = below.at(-1)?.stageIndex;
  }
  return chain;
}

/** A text that is another one once other instructions of open Dockerfiles may have made the steps of images. */
export function makersKey(dockerfiles: readonly Omit<OpenDockerfile, 'copied'>[]): string {
  return JSON.stringify(dockerfiles.map(({ uri, prediction }) => [uri, instructionsOf(prediction)]));
}
