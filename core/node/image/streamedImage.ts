import { findImages, type ImageDescription } from '../../image/manifest';
import type { EntryPlace } from '../../image/stackedTree';
import { StreamSource, type ByteSource } from './byteSource';
import { readImageArchive, textDigest } from './imageArchive';
import { readContent } from './contentSink';
import { fileToShow, type ContentSink, type OpenImage, type OpenLayer, type OpenOptions } from './openImage';
import { isWholeLayer, layersOf, otherImages, pickImage } from './pickImage';
import { readFromStream } from './readOneFile';

/** A layer that came in a stream. */
export interface StreamedLayer extends OpenLayer {
  /** Its content has the digest that the image names, and was read to its end. */
  readonly isVerified: boolean;
}

/** Reads an image that comes as an archive; digests of everything are computed on the way. */
export async function readStream(
  name: string,
  open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>> | AsyncIterable<Uint8Array>,
  options: OpenOptions,
): Promise<{
  readonly description: ImageDescription;
  readonly layers: readonly StreamedLayer[];
  readonly problems: readonly string[];
}> {
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  try {
    const source = new StreamSource(await open(signal));
    const contents = await readImageArchive(source, { ...options, signal, hashPlain: true });
    const { images, problems: unread } = findImages(contents.json, textDigest);
    const problems = [...unread, ...contents.problems.map(({ message }) => message)];
    const description = pickImage(name, images, problems, options);
    problems.push(...otherImages(images, description, options));
    const found = layersOf(name, description, contents.layers);
    const layers = found.layers.map((layer, index): StreamedLayer => {
      const { entries, diffId, problems: broken } = layer;
      const named = description.layers[index]?.diffId ?? '';
      const isVerified = diffId === named && broken.length === 0;
      return { entries, diffId: named, digest: '', isVerified, isWhole: isWholeLayer(layer, named) };
    });
    return { description, layers, problems: [...problems, ...found.problems] };
  } finally {
    // whatever is left of the stream is not wanted
    ending.abort();
  }
}

/** An image whose content has to be sent again for each file of it. */
export class StreamedImage implements OpenImage {
  constructor(
    readonly name: string,
    readonly description: ImageDescription,
    readonly layers: readonly OpenLayer[],
    readonly problems: readonly string[],
    private readonly send: (signal: AbortSignal) => Promise<ByteSource>,
  ) {}

  readDigests(): Promise<void> {
    // all were computed while it was read
    return Promise.resolve();
  }

  content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    return readContent(this, place, limit, signal);
  }

  async copy(place: EntryPlace, sink: ContentSink, signal?: AbortSignal): Promise<void> {
    const { layer } = fileToShow(this.layers, place);
    const ending = new AbortController();
    const both = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    try {
      await readFromStream(await this.send(both), layer, place.index, sink, both);
    } finally {
      ending.abort();
    }
  }
}
