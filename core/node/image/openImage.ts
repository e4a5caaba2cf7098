import type { ImageDescription } from '../../image/manifest';
import type { LayerEntries, LayerEntry } from '../../image/layerEntries';
import type { EntryPlace } from '../../image/stackedTree';

/** How an image is to be opened. */
export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the source that were passed, and how many there are where that is known. */
  readonly onProgress?: ((bytes: number, all: number | undefined) => void) | undefined;
  /** `os/arch[/variant]` of the image that is wanted, where there are several. */
  readonly platform?: string | undefined;
  /** Name of the image that is wanted, where there are several. */
  readonly image?: string | undefined;
}

/** A layer of an image whose entries are known. */
export interface OpenLayer {
  readonly diffId: string;
  /** Digest of the blob as it is packed, where its source tells it. */
  readonly digest: string;
  readonly entries: LayerEntries;
  /** Read to its end, and with the digest that the image names where that was computed: figures of it can be relied on. */
  readonly isWhole: boolean;
}

/** Takes the content of one file as it comes. */
export interface ContentSink {
  /** The content begins, of so many bytes; again where what was taken before turned out to be another file. */
  begin(bytes: number): void;
  /** The next part, valid during the call. */
  write(part: Uint8Array): void;
}

/** An image whose layers were read. */
export interface OpenImage {
  /** As it was asked for. */
  readonly name: string;
  readonly description: ImageDescription;
  readonly layers: readonly OpenLayer[];
  /** What was odd or could not be read, for people; each names the layer. */
  readonly problems: readonly string[];
  /** Computes the digests of files' contents where they are not known yet (see `LayerEntries.digest`), as far as that can be. */
  readDigests(places: readonly EntryPlace[], signal?: AbortSignal): Promise<void>;
  /** The content of a regular file. Fails with a sentence when it cannot be read or has more than `limit` bytes. */
  content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Hands over the content of a regular file of any size, part by part. Fails with a sentence when it cannot be read. */
  copy(place: EntryPlace, sink: ContentSink, signal?: AbortSignal): Promise<void>;
}

/** An image cannot be read; the message names it and what to do. */
export class ImageError extends Error {}

/** The regular file at a place, with its layer. Fails with a sentence when its content cannot or may not be shown. */
export function fileToShow<L extends Pick<OpenLayer, 'entries'>>(
  layers: readonly L[],
  place: EntryPlace,
  limit = Infinity,
): { readonly layer: L; readonly entry: LayerEntry } {
  const layer = layers[place.layer];
  const entry = layer !== undefined && place.index < layer.entries.length ? layer.entries.at(place.index) : undefined;
  if (layer === undefined || entry?.type !== 'file') throw new ImageError('there is no such file in this image');
  if (entry.size > limit) {
    throw new ImageError(`${entry.path} has ${entry.size} bytes, more than the limit of ${limit}`);
  }
  if (entry.offset < 0) throw new ImageError(`${entry.path} is stored with holes: it cannot be shown`);
  return { layer, entry };
}
