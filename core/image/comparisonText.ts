import type { ImageDifference } from './compareImages';
import { instructionOf } from './createdBy';
import { formatBytes, type ByteUnits } from '../model';

/** Files that the table lists. */
const MAX_FILES = 40;
const SIGNS = { added: '+', removed: '-', modified: '~', metadata: 'm', unclear: '?' } as const;

/** In what two images differ, as text for people. */
export function renderComparison(compared: NamedDifference, units: ByteUnits = 'si'): string {
  const { difference, before, after, problems } = compared;
  const { layers, files, visibleBefore, visibleAfter } = difference;
  const signed = (bytes: number): string =>
    bytes === 0 ? '0 B' : `${bytes > 0 ? '+' : ''}${formatBytes(bytes, units)}`;
  const lines = [`${before.name} → ${after.name}`, ''];
  for (const { kind, before: left, after: right } of layers) {
    const one = left === undefined ? undefined : before.layers[left];
    const other = right === undefined ? undefined : after.layers[right];
    const grown = (other?.bytes ?? 0) - (one?.bytes ?? 0);
    const size = kind === 'same' ? '' : signed(grown);
    lines.push(
      `${kind.padEnd(8)} ${size.padStart(10)}  ${instructionOf((other ?? one)?.createdBy ?? '') || '(not noted)'}`,
    );
  }
  const count = (change: string): number => files.filter((file) => file.change === change).length;
  lines.push(
    '',
    `Files: ${count('added')} added, ${count('removed')} removed, ${count('modified')} modified, ` +
      `${count('metadata')} with another mode or owner, ${count('unclear')} of equal size that could not be compared.`,
    `A container sees ${formatBytes(visibleBefore, units)} → ${formatBytes(visibleAfter, units)} (${signed(visibleAfter - visibleBefore)}).`,
    ...files.slice(0, MAX_FILES).map(({ path, change, before: from, after: to }) => {
      return `  ${SIGNS[change]} ${signed(to - from).padStart(10)}  /${path}`;
    }),
  );
  if (files.length > MAX_FILES)
    lines.push(`    … and ${files.length - MAX_FILES} more (layer-insight diff --json lists all)`);
  lines.push(...problems.map((problem) => `! ${problem}`), '');
  return lines.join('\n');
}

/** A comparison with what was compared. */
export interface NamedDifference {
  readonly difference: ImageDifference;
  readonly before: NamedImage;
  readonly after: NamedImage;
  readonly problems: readonly string[];
}

export interface NamedImage {
  readonly name: string;
  readonly layers: readonly { readonly createdBy: string; readonly bytes: number }[];
}
