import { renderComparison } from '../../image/comparisonText';
import { compareImages } from '../image/compare';
import type { DiffArguments } from './imageArgs';
import { openImage } from './layers';

/** Runs `layer-insight diff` and prints its answer; returns the exit code. */
export async function runDiff(args: DiffArguments): Promise<number> {
  const [beforeName = '', afterName = ''] = args.images;
  const before = (await openImage(beforeName, args)).image;
  const after = (await openImage(afterName, args)).image;
  const compared = await compareImages(before, after);
  if (args.json) {
    const { difference, problems } = compared;
    const document = { schemaVersion: 1, before: before.name, after: after.name, ...difference, problems };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else process.stdout.write(renderComparison(compared));
  return 0;
}
