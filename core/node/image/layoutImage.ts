import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobOf, findImages } from '../../image/manifest';
import { asArray, asObject, asText } from '../../llb/decode';
import { FileSource } from './byteSource';
import { ImageOnDisk, type LayerOnDisk } from './diskImage';
import { textDigest } from './imageArchive';
import { LayerReader } from './layerReader';
import { ImageError, type OpenImage, type OpenOptions } from './openImage';
import { otherImages, pickImage } from './pickImage';
import { compressionOf } from './unpack';

/** Bytes of a JSON file of a layout. */
const MAX_JSON = 8_000_000;
/** JSON files that are read: indexes, manifests and configurations. */
const MAX_FILES = 2000;

/** Is this folder an OCI layout? */
export async function isLayout(folder: string): Promise<boolean> {
  return stat(join(folder, 'index.json')).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Reads an image of an OCI layout folder (image-spec image-layout.md). Fails with an {@link ImageError}. */
export async function openLayout(folder: string, options: OpenOptions = {}): Promise<OpenImage> {
  const json = await readJsonFiles(folder);
  const { images, problems } = findImages(json, textDigest);
  const description = pickImage(folder, images, problems, options);
  const said = [...problems, ...otherImages(images, description, options)];
  const layers = new Map<string, LayerOnDisk>();
  const sizes = await Promise.all(description.layers.map(({ blob }) => sizeOf(join(folder, blob))));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let passed = 0;
  for (const [index, { blob }] of description.layers.entries()) {
    if (!layers.has(blob)) {
      const onProgress = (bytes: number): void => options.onProgress?.(passed + bytes, all);
      layers.set(blob, await readBlob(folder, blob, options.signal, onProgress));
    }
    passed += sizes[index] ?? 0;
  }
  return new ImageOnDisk(folder, description, layers, said);
}

/** Index, manifests and configurations, each followed from the one that names it; names lead nowhere but to blobs. */
async function readJsonFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const waiting = ['index.json'];
  for (let name = waiting.pop(); name !== undefined && files.size < MAX_FILES; name = waiting.pop()) {
    if (files.has(name)) continue;
    const path = join(folder, name);
    const size = await sizeOf(path);
    if (size <= 0 || size > MAX_JSON) continue;
    const text = await readFile(path, 'utf8');
    const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name) ?? [];
    if (hex !== undefined && createHash('sha256').update(text).digest('hex') !== hex) {
      throw new ImageError(`${path} does not have the content that its name says`);
    }
    files.set(name, text);
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      continue;
    }
    const references = [...asArray(asObject(content)['manifests']), asObject(content)['config']];
    for (const one of references) {
      const digest = asText(asObject(one)['digest']);
      if (/^sha(?:256|512):[0-9a-f]+$/.test(digest)) waiting.push(blobOf(digest));
    }
  }
  return files;
}

async function readBlob(
  folder: string,
  blob: string,
  signal: AbortSignal | undefined,
  onProgress: (bytes: number) => void,
): Promise<LayerOnDisk> {
  const path = join(folder, blob);
  const file = await open(path, 'r').catch(() => {
    throw new ImageError(`${folder} lacks the layer ${blob}`);
  });
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const compression = compressionOf(buffer);
    const reader = new LayerReader(compression, compression !== 'none', signal);
    const source = new FileSource(file, size);
    let passed = 0;
    for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
      signal?.throwIfAborted();
      await reader.feed(chunk);
      passed += chunk.length;
      // what is beyond the end is missing, not passed over
      const more = Math.min(reader.skippable, size - passed);
      if (more > 0) {
        await source.skip(more);
        reader.skip(more);
      }
      passed += more;
      onProgress(passed);
    }
    return { ...(await reader.end()), file: path, start: 0, length: size };
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : -1),
    () => -1,
  );
}
