import { instructionOf } from '../../image/createdBy';
import type { ImageDifference } from '../../image/compareImages';
import { formatBytes } from '../../model';
import { compared, compareImages } from '../image/compare';
import type { OpenImage } from '../image/openImage';
import type { DiffArguments } from './imageArgs';
import { openImage } from './layers';

/** Files that the table lists. */
const MAX_FILES = 40;

/** Runs `layer-insight diff` and prints its answer; returns the exit code. */
export async function runDiff(args: DiffArguments): Promise<number> {
  const [beforeName = '', afterName = ''] = args.images;
  const before = (await openImage(beforeName, args)).image;
  const after = (await openImage(afterName, args)).image;
  const difference = await compareImages(before, after);
  const problems = [...before.problems, ...after.problems];
  if (args.json) {
    process.stdout.write(`${JSON.stringify(diffDocument(before, after, difference, problems), null, 2)}\n`);
  } else process.stdout.write(render(before, after, difference, problems));
  return 0;
}

function diffDocument(before: OpenImage, after: OpenImage, difference: ImageDifference, problems: readonly string[]) {
  return { schemaVersion: 1, before: before.name, after: after.name, ...difference, problems };
}

const SIGNS = { added: '+', removed: '-', modified: '~', metadata: 'm', unclear: '?' } as const;

function render(before: OpenImage, after: OpenImage, difference: ImageDifference, problems: readonly string[]): string {
  const { layers, files, visibleBefore, visibleAfter } = difference;
  const [old, now] = [compared(before).layers, compared(after).layers];
  const lines = [`${before.name} → ${after.name}`, ''];
  for (const { kind, before: left, after: right } of layers) {
    const one = left === undefined ? undefined : old[left];
    const other = right === undefined ? undefined : now[right];
    const grown = (other?.entries.bytes ?? 0) - (one?.entries.bytes ?? 0);
    const size = kind === 'same' ? '' : signed(grown);
    lines.push(`${kind.padEnd(8)} ${size.padStart(10)}  ${instructionOf((other ?? one)?.createdBy ?? '')}`);
  }
  const count = (change: string): number => files.filter((file) => file.change === change).length;
  lines.push(
    '',
    `Files: ${count('added')} added, ${count('removed')} removed, ${count('modified')} modified, ` +
      `${count('metadata')} with another mode or owner, ${count('unclear')} of equal size that could not be compared.`,
    `A container sees ${formatBytes(visibleBefore)} → ${formatBytes(visibleAfter)} (${signed(visibleAfter - visibleBefore)}).`,
    ...files.slice(0, MAX_FILES).map(({ path, change, before: from, after: to }) => {
      return `  ${SIGNS[change]} ${signed(to - from).padStart(10)}  /${path}`;
    }),
  );
  if (files.length > MAX_FILES) lines.push(`    … and ${files.length - MAX_FILES} more (--json lists all)`);
  lines.push(...problems.map((problem) => `! ${problem}`), '');
  return lines.join('\n');
}

function signed(bytes: number): string {
  return bytes === 0 ? '0 B' : `${bytes > 0 ? '+' : ''}${formatBytes(bytes)}`;
}
