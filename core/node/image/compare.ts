import { ImageComparison, type ComparedImage, type ImageDifference } from '../../image/compareImages';
import { stepsOfLayers } from '../../image/manifest';
import { sameByDigest } from '../../image/shadowed';
import type { OpenImage } from './openImage';

/** An image as a comparison takes it. */
export function compared({ layers, description }: OpenImage): ComparedImage {
  const steps = stepsOfLayers(description.history, layers.length);
  return {
    layers: layers.map(({ diffId, entries }, index) => ({ diffId, entries, createdBy: steps[index]?.createdBy ?? '' })),
  };
}

/** Compares two images; contents of equal size are read where their digests are not known. */
export async function compareImages(
  before: OpenImage,
  after: OpenImage,
  signal?: AbortSignal,
): Promise<ImageDifference> {
  const comparison = new ImageComparison(compared(before), compared(after));
  const { questions } = comparison;
  await before.readDigests(
    questions.map(({ hidden }) => hidden),
    signal,
  );
  await after.readDigests(
    questions.map(({ visible }) => visible),
    signal,
  );
  const [left, right] = [before, after].map(({ layers }) => layers.map(({ entries }) => entries));
  return comparison.result(sameByDigest(left ?? [], right));
}
