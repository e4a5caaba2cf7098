import { asArray, asObject, asText } from '../../llb/decode';
import type { RegistryLayer } from '../../model';
import type { ImageInfo } from '../../plan/graph';
import { formatPlatform, parsePlatform } from '../../plan/platform';
import { chainId } from '../chainId';
import { NetworkFailure } from './http';
import type { Manifest, Place, RegistryClient } from './registry';

type Json = Readonly<Record<string, unknown>>;

/**
 * Describes the image that a manifest or index stands for on a platform, as an engine would describe it.
 *
 * @throws {NetworkFailure} when there is none for that platform.
 */
export async function describeImage(
  client: RegistryClient,
  place: Place,
  top: Manifest,
  platform: string,
): Promise<ImageInfo> {
  const manifest = await forPlatform(client, place, top, platform);
  const config = await client.blob(place, asText(asObject(manifest['config'])['digest']));
  const own = platformOf(config);
  if (!candidates(platform).includes(own)) throw new NetworkFailure(`the registry has it for ${own} only`);
  const layers = asArray(asObject(config['rootfs'])['diff_ids']).map(asText);
  const settings = asObject(config['config']);
  const texts = (value: unknown) => asArray(value).map(asText);
  return {
    chainId: chainId(layers),
    // its key has the digest that its name stands for, which may be that of an index (containerimage/pull.go)
    digests: [top.digest],
    env: texts(settings['Env']),
    workingDir: asText(settings['WorkingDir']),
    user: asText(settings['User']),
    shell: texts(settings['Shell']),
    onbuild: texts(settings['OnBuild']),
    platform: own,
    bytes: null,
    registryLayers: asArray(manifest['layers']).map(asObject).map(layerOf),
  };
}

async function forPlatform(client: RegistryClient, place: Place, top: Manifest, platform: string): Promise<Json> {
  if (!Array.isArray(top.json['manifests'])) return checked(top.json);
  const entries = asArray(top.json['manifests']).map(asObject);
  for (const wanted of candidates(platform)) {
    const found = entries.find((entry) => platformOf(asObject(entry['platform'])) === wanted);
    if (found === undefined) continue;
    return checked((await client.manifest({ ...place, name: asText(found['digest']) })).json);
  }
  throw new NetworkFailure(`the registry does not have it for ${platform}`);
}

function checked(manifest: Json): Json {
  // the first form of manifests has no configuration of its own: no builder of today takes it
  if (asText(asObject(manifest['config'])['digest']) !== '') return manifest;
  throw new NetworkFailure('the registry describes it in a form that is not known');
}

function platformOf(json: Json): string {
  const text = [json['os'], json['architecture'], json['variant']].map(asText).filter((part) => part !== '');
  const parsed = parsePlatform(text.join('/'));
  return parsed === undefined ? '' : formatPlatform(parsed);
}

/** What serves a platform, the best first (containerd/platforms Only): a processor runs what is made for older ones. */
function candidates(platform: string): readonly string[] {
  const parsed = parsePlatform(platform);
  if (parsed === undefined) return [platform];
  const { architecture, variant } = parsed;
  const version = /^v(\d)$/.exec(variant)?.[1];
  const own = formatPlatform(parsed);
  if (architecture === 'arm' && version !== undefined) {
    const older = Array.from({ length: Math.max(0, Number(version) - 5) }, (_, index) => Number(version) - 1 - index);
    return [own, ...older.map((one) => formatPlatform({ ...parsed, variant: `v${one}` }))];
  }
  return variant === '' ? [own] : [own, formatPlatform({ ...parsed, variant: '' })];
}

function layerOf(layer: Json): RegistryLayer {
  const size = Number(layer['size'] ?? 0);
  return { digest: asText(layer['digest']), bytes: Number.isSafeInteger(size) && size > 0 ? size : 0 };
}
