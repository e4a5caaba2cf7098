import { instructionOf } from './createdBy';
import type { GateResult } from './gates';
import type { LayersDocument } from './layersDocument';
import { formatBytes as format, type ByteUnits } from '../model';

/** Lost files that are listed. */
const MAX_FILES = 15;

/** The layers of an image as a table for people, and what of them nobody sees. */
export function renderLayers(
  { image, layers, efficiency, shadowedBytes, shadowed, problems }: LayersDocument,
  width: number,
  units: ByteUnits = 'si',
): string {
  const formatBytes = (bytes: number): string => format(bytes, units);
  const lines = [`${image.name}  ${image.platform}  ${formatBytes(image.sizeBytes)} in ${layers.length} layers`];
  if (image.names.length > 0) lines.push(`named ${image.names.join(', ')}`);
  lines.push('', '  #       size       lost  instruction');
  for (const { index, sizeBytes, shadowedBytes: lost, createdBy, isBase } of layers) {
    if (image.base !== null && index === image.base.layers) lines.push(`     ── above: ${image.base.name}`);
    const text = `${isBase ? '· ' : ''}${instructionOf(createdBy) || '(not noted)'}`;
    const size = formatBytes(sizeBytes).padStart(10);
    const gone = (lost === 0 ? '' : formatBytes(lost)).padStart(10);
    lines.push(shorten(`${String(index + 1).padStart(3)} ${size} ${gone}  ${text}`, width));
  }
  lines.push(
    '',
    `No container sees ${formatBytes(shadowedBytes)} (${shadowedBytes} bytes)${parts(shadowed, units)}.`,
    ...shadowed.files.slice(0, MAX_FILES).map(({ path, bytes, layer, by, how, metadataOnly }) => {
      const what = metadataOnly === true ? 'stored again with the same content' : how;
      return shorten(
        `  ${formatBytes(bytes).padStart(9)}  /${path}: layer ${layer + 1}, ${what} by layer ${by + 1}`,
        width,
      );
    }),
  );
  const more = shadowed.files.length - MAX_FILES;
  if (more > 0) lines.push(`             … and ${more} more (--json lists all)`);
  lines.push(
    '',
    `As dive counts: efficiency ${(efficiency.score * 100).toFixed(2)} %, wasted ${efficiency.wastedBytes} bytes, ` +
      `of the layers above the first ${percent(efficiency.userWastedPercent)}.`,
    ...problems.map((problem) => `! ${problem}`),
    '',
  );
  return lines.join('\n');
}

/** The rules with what came out. */
export function renderGates(gates: readonly GateResult[]): string {
  const lines = gates.map(({ rule, status, message }) => `  ${status.toUpperCase()}  ${rule} (${message})`);
  const isPassed = gates.every(({ status }) => status !== 'fail');
  return ['Rules:', ...lines, isPassed ? 'PASS' : 'FAIL', ''].join('\n');
}

function parts(
  { metadataOnlyBytes, unclearBytes, inheritedBytes }: LayersDocument['shadowed'],
  units: ByteUnits,
): string {
  const formatBytes = (bytes: number): string => format(bytes, units);
  const list = [
    metadataOnlyBytes > 0 ? `${formatBytes(metadataOnlyBytes)} for changed modes, owners or times only` : '',
    unclearBytes > 0 ? `of ${formatBytes(unclearBytes)} it is not known whether the content changed` : '',
    inheritedBytes > 0 ? `${formatBytes(inheritedBytes)} within the base image` : '',
  ].filter((part) => part !== '');
  return list.length === 0 ? '' : `, ${list.join(', ')}`;
}

function percent(ratio: number | null): string {
  return ratio === null ? 'nothing can be said' : `${(ratio * 100).toFixed(2)} %`;
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
