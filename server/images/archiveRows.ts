import { basename } from 'node:path';
import { instructionOf } from '../../core/image/createdBy';
import { stepsOfLayers, type HistoryStep } from '../../core/image/manifest';
import { formatBytes, type ByteUnits } from '../../core/model';
import type { ReadImage } from '../../core/node/image/findImage';
import type { RegistryDescription } from '../../core/node/image/registryImage';
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
    ...{ id: idText({ kind: 'image', image: path }), kind: 'image', source: 'disk', image: path },
    ...{ label: name, hasChildren: true },
    description: joined([size, lost, problems.length > 0 ? 'not read completely' : ''], ' · '),
    tooltip: joined(
      [
        `**${escapeMarkdown(name)}**`,
        code(path),
        description.names.length === 0 ? '' : `Holds ${description.names.map(code).join(', ')}`,
        `${description.platform}, ${image.layers.length} layers, ${size} of files`,
        ...problems.map(escapeMarkdown),
      ],
      '\n\n',
    ),
    accessibilityLabel: joined(['Image archive', name, size, lost], ', '),
  };
}

/** An image of a registry as a row, by what the registry says of it: no layer is fetched for that. */
export function registryRow(image: string, reference: string, described: RegistryDescription, units: ByteUnits) {
  const { description, packed, place } = described;
  const bytes = packed.reduce((sum, layer) => sum + layer.bytes, 0);
  const [size, count] = [`${formatBytes(bytes, units)} packed`, `${packed.length} layers`];
  const row: ImageNode = {
    ...{ id: idText({ kind: 'image', image }), kind: 'image', source: 'registry', image },
    ...{ label: reference, hasChildren: true },
    description: joined([size, count], ' · '),
    tooltip: joined(
      [
        `**${escapeMarkdown(reference)}**`,
        `In the registry ${code(place.domain)}, ${description.platform}, ${count}, ${size}`,
        `Layers are fetched once their files are looked at. Its id is ${code(description.id)}.`,
      ],
      '\n\n',
    ),
    accessibilityLabel: joined(['Image of a registry', reference, size, count], ', '),
  };
  return row;
}

/** The steps of an image that is on no engine. */
export interface StepList {
  /** What the rows belong to: the name of their image. */
  readonly image: string;
  readonly history: readonly HistoryStep[];
  /** What is said of the size of each layer. */
  readonly layers: readonly { readonly diffId: string; readonly size: string }[];
  readonly problems: readonly string[];
  /** The instruction of an open Dockerfile that made a step, by its place in the history. */
  readonly makerOf: (step: number) => ImageNode['maker'];
}

/** What is said of the layers of an image that was read; its sizes are those of the files. */
export function layersOnDisk({ image, analysis }: ReadImage, units: ByteUnits): StepList['layers'] {
  return analysis.layers.map(({ bytes, shadowedBytes }, index) => ({
    diffId: image.layers[index]?.diffId ?? '',
    size: joined(
      [formatBytes(bytes, units), shadowedBytes === 0 ? '' : `${formatBytes(shadowedBytes, units)} lost`],
      ' · ',
    ),
  }));
}

/** What is said of the layers of an image of a registry. */
export function layersInRegistry({ description, packed }: RegistryDescription, units: ByteUnits): StepList['layers'] {
  return packed.map(({ bytes }, index) => ({
    diffId: description.layers[index]?.diffId ?? '',
    size: `${formatBytes(bytes, units)} packed`,
  }));
}

/** The steps of an image in the order of a Dockerfile. */
export function listedStepRows(list: StepList): ImageNode[] {
  const { image, history, layers, problems, makerOf } = list;
  const rows: ImageNode[] = problems.map((problem) => notice(problem, image));
  const made = stepsOfLayers(history, layers.length);
  const layerRow = (layer: number, maker: ImageNode['maker']): ImageNode => {
    const { size = '', diffId = '' } = layers[layer] ?? {};
    const text = instructionOf(made[layer]?.createdBy ?? '') || '(not noted)';
    const row = stepRow(image, { text, size, maker, layer });
    return diffId === '' ? row : { ...row, digest: diffId };
  };
  let layer = 0;
  for (const [index, step] of history.entries()) {
    const maker = makerOf(index);
    if (step.isEmpty) {
      const text = instructionOf(step.createdBy) || step.comment;
      rows.push(stepRow(image, { text, size: '', maker, step: index }));
    } else if (layer < layers.length) rows.push(layerRow(layer++, maker));
  }
  // a history may be shorter than the list of layers, or not there
  while (layer < layers.length) rows.push(layerRow(layer++, undefined));
  return rows;
}

interface ListedStep {
  readonly text: string;
  readonly size: string;
  readonly maker: ImageNode['maker'];
  readonly layer?: number;
  readonly step?: number;
}

function stepRow(image: string, { text, size, maker, layer, step = 0 }: ListedStep): ImageNode {
  const isLayer = layer !== undefined;
  const line = maker === undefined ? '' : `line ${maker.line + 1}`;
  return {
    id: idText(isLayer ? { kind: 'layer', image, layer } : { kind: 'step', image, step }),
    ...{ kind: isLayer ? 'layer' : 'step', image, label: shorten(text), description: joined([size, line], ' · ') },
    ...(isLayer ? { layer } : {}),
    ...(maker === undefined ? {} : { maker }),
    tooltip: joined(
      [
        code(text),
        isLayer ? `Layer ${layer + 1}, ${size}` : 'Metadata only: it has no layer.',
        maker === undefined ? '' : `Made by line ${maker.line + 1} of the open Dockerfile.`,
      ],
      '\n\n',
    ),
    accessibilityLabel: joined([text, isLayer ? `layer ${layer + 1}` : 'no layer', size, line], ', '),
    hasChildren: isLayer,
  };
}

function joined(parts: readonly string[], by: string): string {
  return parts.filter((part) => part !== '').join(by);
}
