import { basename } from 'node:path';
import { instructionOf } from '../../core/image/createdBy';
import { formatBytes, type ByteUnits } from '../../core/model';
import type { ReadImage } from '../../core/node/image/findImage';
import { code, escapeMarkdown } from '../features/words';
import type { ImageNode } from '../protocol';
import { notice } from './fileRows';
import { shorten } from './imageRows';
import { idText } from './nodeId';

/** An archive or a layout on disk as a row; `path` is absolute. */
export function archiveRow(path: string, { image, analysis }: ReadImage, units: ByteUnits): ImageNode {
  const { description, problems } = image;
  const size = formatBytes(analysis.efficiency.sizeBytes, units);
  const lost = analysis.shadowed.bytes === 0 ? '' : `${formatBytes(analysis.shadowed.bytes, units)} lost`;
  const name = basename(path);
  return {
    id: idText({ kind: 'image', image: path }),
    ...{ kind: 'image', image: path, label: name, hasChildren: true },
    description: [size, lost, problems.length > 0 ? 'not read completely' : '']
      .filter((part) => part !== '')
      .join(' · '),
    tooltip: [
      `**${escapeMarkdown(name)}**`,
      code(path),
      description.names.length === 0 ? '' : `Holds ${description.names.map(code).join(', ')}`,
      `${description.platform}, ${image.layers.length} layers, ${size} of files`,
      ...problems.map(escapeMarkdown),
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    accessibilityLabel: ['Image archive', name, size, lost].filter((part) => part !== '').join(', '),
  };
}

/** The steps of an image on disk, in the order of a Dockerfile; its sizes are those of the files. */
export function archiveStepRows(path: string, read: ReadImage, units: ByteUnits): ImageNode[] {
  const { image, analysis } = read;
  const { history } = image.description;
  const rows: ImageNode[] = image.problems.map((problem) => notice(problem, path));
  let layer = 0;
  for (const [index, step] of history.entries()) {
    if (step.isEmpty) rows.push(row(path, instructionOf(step.createdBy) || step.comment, undefined, '', index));
    else if (layer < analysis.layers.length) rows.push(layerRow(path, layer++, read, units));
  }
  // a history may be shorter than the list of layers, or not there
  while (layer < analysis.layers.length) rows.push(layerRow(path, layer++, read, units));
  return rows;
}

function layerRow(path: string, layer: number, { image, analysis }: ReadImage, units: ByteUnits): ImageNode {
  const { bytes, createdBy, shadowedBytes } = analysis.layers[layer] ?? { bytes: 0, createdBy: '', shadowedBytes: 0 };
  const lost = shadowedBytes === 0 ? '' : ` · ${formatBytes(shadowedBytes, units)} lost`;
  const digest = image.layers[layer]?.diffId ?? '';
  const node = row(
    path,
    instructionOf(createdBy) || '(not noted)',
    layer,
    `${formatBytes(bytes, units)}${lost}`,
    layer,
  );
  return digest === '' ? node : { ...node, digest };
}

function row(path: string, text: string, layer: number | undefined, size: string, step: number): ImageNode {
  const kind = layer === undefined ? 'step' : 'layer';
  return {
    id: idText(layer === undefined ? { kind: 'step', image: path, step } : { kind: 'layer', image: path, layer }),
    ...{ kind, image: path, label: shorten(text), description: size },
    ...(layer === undefined ? {} : { layer }),
    tooltip: [code(text), layer === undefined ? 'Metadata only: it has no layer.' : `Layer ${layer + 1}, ${size}`].join(
      '\n\n',
    ),
    accessibilityLabel: [text, layer === undefined ? 'no layer' : `layer ${layer + 1}`, size]
      .filter((part) => part !== '')
      .join(', '),
    hasChildren: layer !== undefined,
  };
}
