import { instructionOf } from '../../core/image/createdBy';
import { formatBytes, type ByteUnits } from '../../core/model';
import type { ImageStep } from '../../core/node/engines/imageList';
import type { ImageOnEngine } from '../../core/node/image/imageLibrary';
import { code, escapeMarkdown } from '../features/words';
import type { ImageNode, ImageViewOptions } from '../protocol';
import { ageInWords } from './age';
import { idText } from './nodeId';

/** Characters of an instruction in the tree, so that the size behind it is seen; the whole text is in the tooltip. */
const MAX_LABEL = 20;
/** Images that a tooltip names. */
const MAX_NAMED = 8;

/** What rows of images are made with. */
export interface RowContext {
  readonly units: ByteUnits;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The instruction of an open Dockerfile that made a step of an image. */
  readonly makerOf: (image: ImageOnEngine, step: number) => ImageNode['maker'];
}

/** The images as rows, in the order that is asked for. */
export function imageRows(
  images: readonly ImageOnEngine[],
  { sortBy }: Pick<ImageViewOptions, 'sortBy'>,
  context: RowContext,
): ImageNode[] {
  const sorted = [...images].sort((a, b) =>
    sortBy === 'size' ? b.bytes - a.bytes || compare(titleOf(a), titleOf(b)) : compare(titleOf(a), titleOf(b)),
  );
  // what lost its name is looked for last
  const named = sorted.filter(({ names }) => names.length > 0);
  const dangling = sorted.filter(({ names }) => names.length === 0);
  return [...named, ...dangling].map((image) => imageRow(image, images, context));
}

/** One image as a row. */
export function imageRow(image: ImageOnEngine, all: readonly ImageOnEngine[], { units, now }: RowContext): ImageNode {
  const { sharing, containers } = image;
  const title = titleOf(image);
  const age = image.created === undefined ? '' : ageInWords(now - image.created);
  const own = `${formatBytes(sharing.uniqueBytes, units)} own`;
  const used =
    containers.length === 0
      ? ''
      : `used by ${containers.length === 1 ? (containers[0] ?? '') : `${containers.length} containers`}`;
  const parts = [formatBytes(image.bytes, units), own, used, age].filter((part) => part !== '');
  const shares = sharing.with.slice(0, MAX_NAMED).map(({ id, layers, bytes }) => {
    const other = all.find((one) => one.id === id);
    const name = other === undefined ? shortId(id) : titleOf(other);
    return `- ${code(name)}: ${layers} ${layers === 1 ? 'layer' : 'layers'}, ${formatBytes(bytes, units)}`;
  });
  const more = sharing.with.length - shares.length;
  return {
    id: idText({ kind: 'image', image: image.id }),
    ...{ kind: 'image', image: image.id, label: title, hasChildren: true },
    description: parts.join(' · '),
    tooltip: [
      `**${escapeMarkdown(title)}**`,
      image.names.length > 1 ? `Also named ${image.names.slice(1).map(code).join(', ')}` : '',
      image.names.length === 0
        ? 'It has no name any more (dangling): a newer image took it, or the name was removed.'
        : '',
      `${formatBytes(image.bytes, units)} on disk as the engine counts it, ${image.platform}, ${code(shortId(image.id))}`,
      `${formatBytes(sharing.uniqueBytes, units)} are in layers that no other image has, ` +
        `${formatBytes(sharing.sharedBytes, units)} in layers that it shares` +
        (shares.length === 0 ? '.' : `:\n\n${shares.join('\n')}${more > 0 ? `\n- … and ${more} more` : ''}`),
      containers.length === 0 ? 'No container uses it.' : `Used by ${containers.map(code).join(', ')}`,
      image.repoDigests.length === 0 ? '' : `Known to registries as ${image.repoDigests.map(code).join(', ')}`,
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    accessibilityLabel: ['Image', title, ...parts, `${image.diffIds.length} layers`].join(', '),
  };
}

/** What an image consists of, in the order of a Dockerfile: its base folded into one row, then its own steps. */
export function stepRows(image: ImageOnEngine, all: readonly ImageOnEngine[], context: RowContext): ImageNode[] {
  const { baseSteps } = image;
  const rows = image.steps.slice(baseSteps).map((_, index) => stepRow(image, baseSteps + index, all, context));
  if (image.base === undefined || baseSteps === 0) return rows;
  return [baseRow(image, image.base.names[0] ?? '', baseSteps, context), ...rows];
}

/** The steps of the base image. */
export function baseRows(image: ImageOnEngine, all: readonly ImageOnEngine[], context: RowContext): ImageNode[] {
  return image.steps.slice(0, image.baseSteps).map((_, index) => stepRow(image, index, all, context));
}

/** One step as a row; what has a layer opens to its files. */
export function stepRow(
  image: ImageOnEngine,
  index: number,
  all: readonly ImageOnEngine[],
  { units, now, makerOf }: RowContext,
): ImageNode {
  const step = image.steps[index];
  const text = step === undefined ? '' : stepText(step);
  const layer = layerOf(image, index);
  const sharers = layer === undefined ? [] : sharersOf(image, layer, all);
  const size = step === undefined || layer === undefined ? '' : formatBytes(step.bytes, units);
  const shared =
    sharers.length === 0 ? '' : `shared with ${sharers.length === 1 ? (sharers[0] ?? '') : `${sharers.length} images`}`;
  const maker = makerOf(image, index);
  const age = step?.created === undefined ? '' : ageInWords(now - step.created);
  const place = layer === undefined ? 'no layer' : `layer ${layer + 1} of ${image.diffIds.length}`;
  return {
    id: idText(
      layer === undefined ? { kind: 'step', image: image.id, step: index } : { kind: 'layer', image: image.id, layer },
    ),
    ...{ kind: layer === undefined ? 'step' : 'layer', image: image.id, hasChildren: layer !== undefined },
    ...(layer === undefined ? {} : { layer }),
    ...(step?.diffId === undefined ? {} : { digest: step.diffId }),
    ...(maker === undefined ? {} : { maker }),
    label: shorten(text),
    description: [size, shared, maker === undefined ? '' : `line ${maker.line + 1}`]
      .filter((part) => part !== '')
      .join(' · '),
    tooltip: [
      code(text),
      layer === undefined ? 'Metadata only: it has no layer.' : `Layer ${layer + 1}, ${size} as the engine counts it.`,
      step?.diffId === undefined ? '' : `diffID ${code(step.diffId)}`,
      sharers.length === 0 ? '' : `The same layer is in ${sharers.slice(0, MAX_NAMED).map(code).join(', ')}.`,
      step === undefined || step.comment === '' ? '' : `Comment: ${escapeMarkdown(step.comment)}`,
      age === '' ? '' : `Made ${age}.`,
      // docker history prints <missing> where it knows no image of a step
      'There is no image of its own for this step unless the classic builder or Podman made it here: `docker history` shows it as `<missing>`.',
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    accessibilityLabel: [text, place, size, shared].filter((part) => part !== '').join(', '),
  };
}

/** The name that a person would use. */
export function titleOf({ names, id }: Pick<ImageOnEngine, 'names' | 'id'>): string {
  return names[0] ?? `<no name> ${shortId(id)}`;
}

/** Twelve digits, as docker shows ids. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

function baseRow(image: ImageOnEngine, name: string, steps: number, { units }: RowContext): ImageNode {
  const layers = image.base?.diffIds.length ?? 0;
  const bytes = image.steps.slice(0, steps).reduce((sum, step) => sum + step.bytes, 0);
  const text = `${layers} ${layers === 1 ? 'layer' : 'layers'}, ${formatBytes(bytes, units)}`;
  return {
    id: idText({ kind: 'base', image: image.id }),
    ...{ kind: 'base', image: image.id, label: name, description: `base · ${text}`, hasChildren: true },
    tooltip: `The first ${text} are those of ${code(name)}: both images share them.`,
    accessibilityLabel: `Base image ${name}, ${text}`,
  };
}

function layerOf({ steps }: ImageOnEngine, index: number): number | undefined {
  if (steps[index]?.diffId === undefined) return undefined;
  return steps.slice(0, index).filter(({ diffId }) => diffId !== undefined).length;
}

/** Images that have the same layer on the same layers. */
function sharersOf(image: ImageOnEngine, layer: number, all: readonly ImageOnEngine[]): string[] {
  return all
    .filter(
      ({ id, diffIds }) => id !== image.id && image.diffIds.slice(0, layer + 1).every((one, at) => one === diffIds[at]),
    )
    .map(titleOf);
}

function stepText({ createdBy, comment }: ImageStep): string {
  return instructionOf(createdBy) || comment || '(not noted)';
}

/** An instruction as it is shown in the tree. */
export function shorten(text: string): string {
  return text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 1)}…`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
