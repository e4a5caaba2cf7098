import { cacheConfigKeys } from '../../evidence/importedCache';
import { asArray, asObject, asText } from '../../llb/decode';
import { NetworkFailure } from './http';
import { NotThere, type Place, type RegistryClient } from './registry';

const CACHE_CONFIG = 'application/vnd.buildkit.cacheconfig.v0';
const INLINE = 'moby.buildkit.cache.v0';
/** Images of one index that are looked into. */
const MAX_IMAGES = 64;

/**
 * The keys of the results in a cache that a registry has: a cache of its own, or the one inside of images (BuildKit
 * cache/remotecache/import.go Resolve). Without such a thing there is nothing in it, and the build goes on.
 *
 * @throws {NetworkFailure} when it cannot be looked into.
 */
export async function readRegistryCache(client: RegistryClient, place: Place): Promise<ReadonlySet<string>> {
  try {
    return await keysOf(client, place, 0);
  } catch (error) {
    if (error instanceof NotThere) return new Set();
    throw error;
  }
}

async function keysOf(client: RegistryClient, place: Place, depth: number): Promise<ReadonlySet<string>> {
  const { json } = await client.manifest(place);
  const manifests = asArray(json['manifests']).map(asObject);
  const config = [asObject(json['config']), ...manifests].find((one) => one['mediaType'] === CACHE_CONFIG);
  if (config !== undefined) return cacheConfigKeys(await client.blob(place, asText(config['digest'])));
  if (!Array.isArray(json['manifests'])) return inlineKeys(client, place, asText(asObject(json['config'])['digest']));
  if (manifests.length > MAX_IMAGES || depth > 2) throw new NetworkFailure('the cache is an index of too many images');
  const keys = new Set<string>();
  for (const one of manifests) {
    const found = await keysOf(client, { ...place, name: asText(one['digest']) }, depth + 1);
    for (const key of found) keys.add(key);
  }
  return keys;
}

/** What an image carries inside of its configuration: bytes, as Go's JSON writes them, that hold the records. */
async function inlineKeys(client: RegistryClient, place: Place, config: string): Promise<ReadonlySet<string>> {
  if (config === '') return new Set();
  const inline = asText((await client.blob(place, config))[INLINE]);
  if (inline === '') return new Set();
  const records: unknown = JSON.parse(Buffer.from(inline, 'base64').toString('utf8'));
  return cacheConfigKeys({ records });
}
