import type { HistoryStep, ImageDescription } from '../../image/manifest';
import { findImages } from '../../image/manifest';
import type { SameContent } from '../../image/shadowed';
import type { EntryPlace } from '../../image/stackedTree';
import { StreamSource } from './byteSource';
import { readImageArchive, textDigest } from './imageArchive';
import type { LayerIndexStore } from './indexStore';
import type { OpenOptions } from './archiveImage';
import { ImageError, type OpenImage, type OpenLayer } from './openImage';
import { compareDigests, layersOf, pickImage } from './pickImage';
import { readFromStream } from './readOneFile';

/** An image as an engine describes it without giving its content. */
export interface EngineImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly platform: string;
  readonly diffIds: readonly string[];
  /** Oldest first; `isEmpty` as far as the engine tells it. */
  readonly history: readonly HistoryStep[];
}

/** Where images of an engine come from. */
export interface ImageStoreAccess {
  /** Undefined when the engine does not have it. */
  describe(name: string, signal?: AbortSignal): Promise<EngineImage | undefined>;
  /** The whole image as an archive. The stream ends when the signal is aborted. */
  export(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Opens an image of an engine. Layers that were read before are not read again: where all are known, nothing is asked for
 * but their names.
 */
export async function openEngineImage(
  access: ImageStoreAccess,
  name: string,
  store: LayerIndexStore,
  options: OpenOptions = {},
): Promise<OpenImage> {
  const image = await access.describe(name, options.signal);
  if (image === undefined) throw new ImageError(`${name} is not on this engine`);
  const known = await Promise.all(image.diffIds.map((diffId) => store.get(diffId)));
  if (known.every((entries) => entries !== undefined)) {
    const layers = known.map((entries, index) => ({ entries, diffId: image.diffIds[index] ?? '', digest: '' }));
    return new StreamedImage(access, name, describe(image), layers, []);
  }
  return readWhole(access, name, image, store, options);
}

async function readWhole(
  access: ImageStoreAccess,
  name: string,
  image: EngineImage,
  store: LayerIndexStore,
  options: OpenOptions,
): Promise<OpenImage> {
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  try {
    const source = new StreamSource(await access.export(image.id, signal));
    const contents = await readImageArchive(source, { ...options, signal, hashPlain: true });
    const { images, problems } = findImages(contents.json, textDigest);
    const description = pickImage(name, images, [...problems, ...contents.problems.map(({ message }) => message)], {});
    const found = layersOf(name, description, contents.layers);
    const layers: OpenLayer[] = [];
    for (const [index, { entries, diffId, problems: broken }] of found.layers.entries()) {
      const named = description.layers[index]?.diffId ?? '';
      if (diffId !== undefined && diffId === named && broken.length === 0) await store.put(diffId, entries);
      layers.push({ entries, diffId: named, digest: '' });
    }
    const said = [...contents.problems.map(({ message }) => message), ...found.problems];
    const full = { ...description, id: image.id, names: image.names };
    return new StreamedImage(access, name, full, layers, said);
  } finally {
    // whatever is left of the stream is not wanted
    ending.abort();
  }
}

function describe({ id, names, platform, diffIds, history }: EngineImage): ImageDescription {
  const layers = diffIds.map((diffId) => ({ diffId, blob: '', mediaType: '' }));
  return { id, names, platform, layers, history };
}

class StreamedImage implements OpenImage {
  constructor(
    private readonly access: ImageStoreAccess,
    readonly name: string,
    readonly description: ImageDescription,
    readonly layers: readonly OpenLayer[],
    readonly problems: readonly string[],
  ) {}

  sameContent(): Promise<SameContent> {
    const entries = this.layers.map((layer) => layer.entries);
    return Promise.resolve((a, b) => compareDigests(entries, a, b));
  }

  async content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    const layer = this.layers[place.layer];
    const entry = layer?.entries.at(place.index);
    if (layer === undefined || entry?.type !== 'file') throw new ImageError('there is no such file in this image');
    if (entry.size > limit)
      throw new ImageError(`${entry.path} has ${entry.size} bytes, more than the limit of ${limit}`);
    const ending = new AbortController();
    const both = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    try {
      const stream = await this.access.export(this.description.id, both);
      return await readFromStream(new StreamSource(stream), layer, place.index, both);
    } finally {
      ending.abort();
    }
  }
}
