import { renderStepPairs } from '../../core/image/compareWithPrediction';
import { formatBytes, type ByteUnits } from '../../core/model';
import { compareDockerfile } from '../../core/node/image/compareDockerfile';
import { builtSteps } from '../../core/node/image/builtSteps';
import type { ReadImage } from '../../core/node/image/findImage';
import type { ImageOnEngine } from '../../core/node/image/imageLibrary';
import { titleOf } from './imageRows';
import { chainOf, type OpenDockerfile } from './makers';

/** What a comparison with a Dockerfile is made from. */
export interface ComparedParts {
  readonly read: ReadImage;
  /** Undefined for an image that is on no engine. */
  readonly listed: ImageOnEngine | undefined;
  readonly dockerfile: OpenDockerfile;
  readonly units: ByteUnits;
  readonly signal: AbortSignal;
}

/** An image beside what an open Dockerfile would give now, as text. */
export async function compareWithDockerfile(parts: ComparedParts): Promise<string> {
  const { read, listed, dockerfile, units, signal } = parts;
  const { prediction } = dockerfile;
  const planned = chainOf(prediction).map((step) => ({
    ...step,
    copied: () => dockerfile.copied(prediction.steps.indexOf(step)),
  }));
  const built = listed === undefined ? builtSteps(read.image) : stepsOf(listed);
  const pairs = await compareDockerfile(read.image, built, planned, signal);
  const name = listed === undefined ? read.image.name : titleOf(listed);
  const text = renderStepPairs(name, prediction.dockerfile, pairs, (bytes) => formatBytes(bytes, units));
  return [text, ...read.image.problems.map((problem) => `! ${problem}\n`)].join('');
}

/** The steps above the base, with the sizes of the engine. */
function stepsOf({ steps, baseSteps }: ImageOnEngine) {
  let layers = 0;
  const all = steps.map(({ createdBy, diffId, bytes }) => ({
    createdBy,
    bytes: diffId === undefined ? undefined : bytes,
    layer: diffId === undefined ? undefined : layers++,
  }));
  return all.slice(baseSteps);
}
