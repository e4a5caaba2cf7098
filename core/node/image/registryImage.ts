import { createHash } from 'node:crypto';
import { blobOf, findImages, platformText, type ImageDescription } from '../../image/manifest';
import type { EntryPlace } from '../../image/stackedTree';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import { normalizeReference } from '../../plan/reference';
import { hostPlatform } from '../hostPlatform';
import { NetworkFailure } from '../network/http';
import { placeOf, RegistryClient, type Place } from '../network/registry';
import { StreamSource } from './byteSource';
import { textDigest } from './imageArchive';
import type { LayerIndexStore } from './indexStore';
import { LayerReader } from './layerReader';
import { readContent } from './contentSink';
import {
  fileToShow,
  ImageError,
  type ContentSink,
  type OpenImage,
  type OpenLayer,
  type OpenOptions,
} from './openImage';
import { pickImage } from './pickImage';
import { readOneFile } from './readOneFile';
import { compressionOf } from './unpack';

/** Bytes of a packed layer: registries take none that is larger. */
const MAX_LAYER = 64 * 2 ** 30;

/** An image as its registry describes it: what can be said of it without fetching a layer. */
export interface RegistryDescription {
  readonly description: ImageDescription;
  readonly place: Place;
  /** As they are packed, oldest first. */
  readonly packed: readonly PackedLayer[];
}

/** A layer as the manifest lists it. */
export interface PackedLayer {
  readonly digest: string;
  /** Bytes to fetch. */
  readonly bytes: number;
}

/**
 * Asks a registry for manifest and configuration of an image. Asks the network: only for those who said so. Fails with an
 * {@link ImageError}.
 */
export async function describeRegistryImage(
  name: string,
  env: NodeJS.ProcessEnv,
  options: Pick<OpenOptions, 'signal' | 'platform'> = {},
): Promise<RegistryDescription> {
  const reference = normalizeReference(name);
  if (reference === undefined) throw new ImageError(`${name} is no name of an image`);
  const place = placeOf(reference);
  const signal = options.signal ?? new AbortController().signal;
  return asked(name, signal, async () => ({
    ...(await describe(new RegistryClient(env, signal), place, name, options.platform)),
    place,
  }));
}

/**
 * Opens an image of a registry without an engine; layers that were read before are not fetched. Asks the network: only
 * for those who said so. Fails with an {@link ImageError}.
 *
 * @param described what the registry said of it before, to be asked once only
 */
export async function openRegistryImage(
  name: string,
  env: NodeJS.ProcessEnv,
  store: LayerIndexStore,
  options: OpenOptions = {},
  described?: RegistryDescription,
): Promise<OpenImage> {
  const { description, place, packed } = described ?? (await describeRegistryImage(name, env, options));
  const signal = options.signal ?? new AbortController().signal;
  const client = new RegistryClient(env, signal);
  return asked(name, signal, async () => {
    const layers: OpenLayer[] = [];
    const problems: string[] = [];
    let passed = 0;
    let all = packed.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [index, { digest, bytes }] of packed.entries()) {
      const diffId = description.layers[index]?.diffId ?? '';
      const known = await store.get(diffId);
      if (known !== undefined) {
        layers.push({ entries: known, diffId, digest, isWhole: true });
        all -= bytes;
        continue;
      }
      const onBytes = (read: number): void => options.onProgress?.(passed + read, all);
      const read = await fetchLayer(client, place, digest, signal, onBytes);
      passed += read.bytes;
      const { entries } = read;
      if (read.diffId === diffId && read.problems.length === 0) await store.put(diffId, entries);
      const where = `layer ${index + 1} (${digest})`;
      problems.push(...read.problems.map((message) => `${where}: ${message}`));
      if (read.diffId !== diffId) problems.push(`${where}: its content has not the digest that the image says`);
      layers.push({ entries, diffId, digest, isWhole: read.diffId === diffId && read.problems.length === 0 });
    }
    return new RegistryImage(name, description, layers, problems, { env, place });
  });
}

/** What the network fails with, as a sentence about the image. */
async function asked<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NetworkFailure) throw new ImageError(`${name}: ${error.message}`);
    throw error;
  }
}

/** Manifest and configuration, of the platform that is wanted where there are several. */
async function describe(
  client: RegistryClient,
  place: Place,
  name: string,
  platform: string | undefined,
): Promise<Omit<RegistryDescription, 'place'>> {
  let { json } = await client.manifest(place);
  if (json['manifests'] !== undefined) {
    const chosen = choose(name, asArray(json['manifests']).map(asObject), platform);
    ({ json } = await client.manifest({ ...place, name: chosen }));
  }
  const config = asText(asObject(json['config'])['digest']);
  const files = new Map([
    ['index.json', JSON.stringify({ manifests: [{ digest: 'sha256:manifest' }] })],
    [blobOf('sha256:manifest'), JSON.stringify(json)],
    [blobOf(config), JSON.stringify(await client.blob(place, config))],
  ]);
  const { images, problems } = findImages(files, textDigest);
  const description = { ...pickImage(name, images, problems, {}), id: config, names: [name] };
  const packed = asArray(json['layers']).map((layer): PackedLayer => {
    const { digest, size } = asObject(layer);
    return { digest: asText(digest), bytes: Math.max(0, Number(size) || 0) };
  });
  const odd = packed.find(({ digest }) => !/^sha256:[0-9a-f]{64}$/.test(digest));
  if (odd !== undefined) throw new ImageError(`${name} names a layer "${odd.digest}", which is no digest`);
  return { description, packed };
}

function choose(name: string, manifests: readonly Json[], wanted = hostPlatform()): string {
  const platforms = manifests.map((one) => {
    const { os, architecture, variant } = asObject(one['platform']);
    return platformText(os, architecture, variant);
  });
  const index = platforms.findIndex((one) => one === wanted || one.startsWith(`${wanted}/`));
  const digest = asText(manifests[index]?.['digest']);
  if (digest !== '') return digest;
  const there = platforms.filter((one) => one !== 'unknown/unknown').join(', ');
  throw new ImageError(`${name} is not there for ${wanted}; there is: ${there}`);
}

/** Lists a layer as it comes, and checks that it is what its digest says. */
async function fetchLayer(
  client: RegistryClient,
  place: Place,
  digest: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
) {
  const hash = createHash('sha256');
  let reader: LayerReader | undefined;
  let bytes = 0;
  for await (const chunk of await client.stream(place, digest, MAX_LAYER)) {
    signal.throwIfAborted();
    hash.update(chunk);
    reader ??= new LayerReader(compressionOf(chunk), true, signal);
    await reader.feed(chunk);
    bytes += chunk.length;
    onBytes(bytes);
  }
  const { entries, diffId, problems } = await (reader ?? new LayerReader('none', true)).end();
  if (`sha256:${hash.digest('hex')}` !== digest)
    throw new ImageError(`the registry sends something else than the layer ${digest}`);
  return { entries, diffId, bytes, problems: problems.map(({ message }) => message) };
}

class RegistryImage implements OpenImage {
  constructor(
    readonly name: string,
    readonly description: ImageDescription,
    readonly layers: readonly OpenLayer[],
    readonly problems: readonly string[],
    private readonly from: { readonly env: NodeJS.ProcessEnv; readonly place: Place },
  ) {}

  readDigests(): Promise<void> {
    // all were computed while it was read
    return Promise.resolve();
  }

  content(place: EntryPlace, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
    return readContent(this, place, limit, signal);
  }

  copy(place: EntryPlace, sink: ContentSink, signal = new AbortController().signal): Promise<void> {
    return asked(this.name, signal, () => this.fetchFile(place, sink, signal));
  }

  private async fetchFile(place: EntryPlace, sink: ContentSink, signal: AbortSignal): Promise<void> {
    const { layer, entry } = fileToShow(this.layers, place);
    const client = new RegistryClient(this.from.env, signal);
    const chunks = (await client.stream(this.from.place, layer.digest, MAX_LAYER))[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      if (first.done === true) throw new ImageError(`the layer ends in the middle of ${entry.path}`);
      const start: Uint8Array = first.value;
      const rest = (async function* () {
        yield start;
        for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
      })();
      await readOneFile(new StreamSource(rest), compressionOf(start), entry, sink, signal);
    } finally {
      // whatever is left is not wanted
      await chunks.return?.();
    }
  }
}
