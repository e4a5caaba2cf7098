import { ImageComparison, type ComparedImage } from '../../image/compareImages';
import type { NamedDifference, NamedImage } from '../../image/comparisonText';
import { stepsOfLayers } from '../../image/manifest';
import { sameByDigest } from '../../image/shadowed';
import type { OpenImage } from './openImage';

/** An image as a comparison takes it. */
function compared({ layers, description }: OpenImage): ComparedImage {
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
): Promise<NamedDifference> {
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
  return {
    difference: comparison.result(sameByDigest(left ?? [], right)),
    ...{ before: named(before), after: named(after), problems: [...before.problems, ...after.problems] },
  };
}

function named(image: OpenImage): NamedImage {
  const { layers } = compared(image);
  return { name: image.name, layers: layers.map(({ createdBy, entries }) => ({ createdBy, bytes: entries.bytes })) };
}
