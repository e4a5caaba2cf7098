import type { ImageDescription } from '../../image/manifest';
import type { LayerEntries } from '../../image/layerEntries';
import type { ContentQuestion, SameContent } from '../../image/shadowed';
import type { EntryPlace } from '../../image/stackedTree';

/** A layer of an image whose entries are known. */
export interface OpenLayer {
  readonly diffId: string;
  /** Digest of the blob as it is packed, where its source tells it. */
  readonly digest: string;
  readonly entries: LayerEntries;
}

/** An image whose layers were read. */
export interface OpenImage {
  /** As it was asked for. */
  readonly name: string;
  readonly description: ImageDescription;
  readonly layers: readonly OpenLayer[];
  /** What was odd or could not be read, for people; each names the layer. */
  readonly problems: readonly string[];
  /** Compares contents of files of equal size. */
  sameContent(questions: readonly ContentQuestion[], signal?: AbortSignal): Promise<SameContent>;
  /** The content of a regular file. Fails with a sentence when it cannot be read or has more than `limit` bytes. */
  content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** An image cannot be read; the message names it and what to do. */
export class ImageError extends Error {}
