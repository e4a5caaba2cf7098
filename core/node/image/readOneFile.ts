import type { LayerEntry } from '../../image/layerEntries';
import type { ByteSource } from './byteSource';
import { ImageError } from './openImage';
import { unpackTo, type Compression } from './unpack';

/** The content of one file out of a packed layer: unpacks it up to that file. */
export async function readOneFile(
  source: ByteSource,
  compression: Compression,
  { path, offset, size }: Pick<LayerEntry, 'path' | 'offset' | 'size'>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const content = Buffer.alloc(size);
  let at = 0;
  let taken = 0;
  const unpacker = unpackTo(compression, (chunk) => {
    const from = Math.max(0, offset - at);
    if (from < chunk.length && taken < size) {
      const part = chunk.subarray(from, Math.min(chunk.length, offset + size - at));
      content.set(part, taken);
      taken += part.length;
    }
    at += chunk.length;
  });
  try {
    for (let chunk = await source.read(); chunk !== undefined && taken < size; chunk = await source.read()) {
      signal?.throwIfAborted();
      await unpacker.write(Buffer.from(chunk));
    }
    if (taken < size) await unpacker.end();
  } finally {
    unpacker.abandon();
  }
  if (taken < size) throw new ImageError(`the layer ends in the middle of ${path}`);
  return content;
}
