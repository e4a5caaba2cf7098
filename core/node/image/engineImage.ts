import type { HistoryStep } from '../../image/manifest';
import { StreamSource } from './byteSource';
import type { LayerIndexStore } from './indexStore';
import { ImageError, type OpenImage, type OpenOptions } from './openImage';
import { isPlatform } from './pickImage';
import { readStream, StreamedImage } from './streamedImage';

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
  const { id, names, platform, diffIds } = image;
  // engines tell of one platform of an image only
  if (!isPlatform(platform, options.platform)) {
    const wanted = options.platform ?? '';
    throw new ImageError(
      `${name} is ${platform} on this engine; if it has ${wanted}, too, save it as an archive (docker save --platform ${wanted})`,
    );
  }
  const send = async (signal: AbortSignal): Promise<StreamSource> => new StreamSource(await access.export(id, signal));
  const known = await Promise.all(diffIds.map((diffId) => store.get(diffId)));
  if (known.every((entries) => entries !== undefined)) {
    const refs = diffIds.map((diffId) => ({ diffId, blob: '', mediaType: '' }));
    const layers = known.map((entries, index) => ({
      entries,
      diffId: diffIds[index] ?? '',
      digest: '',
      isWhole: true,
    }));
    return new StreamedImage(name, { id, names, platform, history: image.history, layers: refs }, layers, [], send);
  }
  const read = await readStream(name, (signal) => access.export(id, signal), { ...options, platform: undefined });
  for (const { diffId, entries, isVerified } of read.layers) if (isVerified) await store.put(diffId, entries);
  return new StreamedImage(name, { ...read.description, id, names }, read.layers, read.problems, send);
}
