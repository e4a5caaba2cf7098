import { stat } from 'node:fs/promises';
import { sameByDigest } from '../../image/shadowed';
import { baseOf } from '../../image/sharing';
import { Analysing, layersInCommon, type ImageAnalysis } from '../../image/analysis';
import type { EngineImages } from '../engines/engineImages';
import { openArchive } from './archiveImage';
import { openEngineImage } from './engineImage';
import type { LayerIndexStore } from './indexStore';
import { isLayout, openLayout } from './layoutImage';
import { ImageError, type OpenImage, type OpenOptions } from './openImage';

/** No image's name begins so. */
const IS_PATH = /^(?:\.{0,2}[\\/]|[a-z]:[\\/]|\.{1,2}$)/i;

/** An image that was opened and analysed. */
export interface ReadImage {
  readonly image: OpenImage;
  readonly analysis: ImageAnalysis;
  /** Name of the image that it was built on, where it is known. */
  readonly base: string | undefined;
}

/** Opens what a name means: an archive or a layout folder of that path, else an image of the engine. */
export async function openByName(
  name: string,
  engine: () => EngineImages,
  store: LayerIndexStore,
  options: OpenOptions = {},
): Promise<OpenImage> {
  const kind = await pathKind(name);
  if (kind === 'archive') return openArchive(name, options);
  if (kind === 'layout') return openLayout(name, options);
  if (IS_PATH.test(name) && !(await exists(name))) throw new ImageError(`${name} is not there`);
  if (IS_PATH.test(name)) throw new ImageError(`${name} is neither an image archive nor the folder of an OCI layout`);
  return openEngineImage(engine(), name, store, options);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What is at a path that may be the name of an image as well. */
export async function pathKind(name: string): Promise<'archive' | 'layout' | undefined> {
  const found = await stat(name).catch(() => undefined);
  if (found?.isFile() === true) return 'archive';
  return found?.isDirectory() === true && (await isLayout(name)) ? 'layout' : undefined;
}

/** Analyses an image; of one of an engine the base is the named image with most of its first layers. */
export async function analyse(
  image: OpenImage,
  engine: EngineImages | undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<ReadImage> {
  const analysing = new Analysing(image);
  await image.readDigests(
    analysing.questions.flatMap(({ hidden, visible }) => [hidden, visible]),
    signal,
  );
  const same = sameByDigest(image.layers.map(({ entries }) => entries));
  const own = { id: image.description.id, diffIds: image.layers.map(({ diffId }) => diffId) };
  const base = engine === undefined ? undefined : baseOf(own, await engine.list(signal));
  const layers = base === undefined ? 0 : layersInCommon(own.diffIds, base.diffIds);
  return { image, analysis: analysing.result(layers, same), base: base?.names[0] };
}
