import { CopyComparison } from '../../image/compareCopies';
import {
  compareWithPrediction,
  type BuiltStep,
  type PlannedStep,
  type StepFiles,
  type StepPair,
} from '../../image/compareWithPrediction';
import type { CopiedFiles } from '../../predict/copiedFiles';
import type { OpenImage } from './openImage';

/** An instruction with what it would copy into its layer now. */
export interface CopyingStep extends PlannedStep {
  readonly copied: () => CopiedFiles;
}

/** Steps of an image whose own files tell what goes with them; those of commands may be made by others. */
const COPIES = /^(?:COPY|ADD)\b|\(nop\)\s+(?:COPY|ADD)\b/;

/**
 * An image beside what its Dockerfile would give now, step by step, and for each copy the files that are added, removed,
 * grown or shrunk. Contents of the image are read where the same file of the build context is known.
 */
export async function compareDockerfile(
  image: OpenImage,
  built: readonly BuiltStep[],
  planned: readonly CopyingStep[],
  signal?: AbortSignal,
): Promise<readonly StepPair[]> {
  const layers = image.layers.map(({ entries }) => entries);
  const pairs: StepPair[] = [];
  // what a new instruction is put on
  let below = (built.find(({ layer }) => layer !== undefined)?.layer ?? layers.length) - 1;
  const compare = async (copied: CopiedFiles, layer: number, isOwn: boolean): Promise<StepFiles> => {
    if (copied.kind === 'unknown') return copied;
    const comparison = new CopyComparison(layers, layer, copied.sources, isOwn);
    await image.readDigests(comparison.questions, signal);
    return { kind: 'compared', ...comparison.result() };
  };
  for (const pair of compareWithPrediction(built, planned)) {
    signal?.throwIfAborted();
    const { built: step, planned: plan } = pair;
    const layer = step?.layer;
    let files: StepFiles | undefined;
    if (plan === undefined) {
      const isCopy = layer !== undefined && COPIES.test(step?.createdBy ?? '');
      if (isCopy) files = await compare({ kind: 'known', sources: [] }, layer, true);
    } else if (plan.verdict !== 'no-layer' && (step === undefined || layer !== undefined)) {
      const copied = plan.copied();
      // what is taken from the cache needs no excuse
      if (copied.kind === 'known' || plan.verdict !== 'cached') {
        files = await compare(copied, layer ?? below, layer !== undefined);
      }
    } else if (step?.bytes !== undefined && plan.verdict !== 'no-layer') {
      files = { kind: 'unknown', why: 'which layer it made is not clear' };
    }
    if (layer !== undefined) below = layer;
    const isWorth = files?.kind === 'unknown' || (files !== undefined && files.differences.length + files.unclear > 0);
    pairs.push(isWorth ? { ...pair, files } : pair);
  }
  return pairs;
}
