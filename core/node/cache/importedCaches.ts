import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheConfigKeys, type ImportedCache } from '../../evidence/importedCache';
import { asArray, asObject, asText } from '../../llb/decode';
import { normalizeReference } from '../../plan/reference';

const CACHE_CONFIG = 'application/vnd.buildkit.cacheconfig.v0';
const REFERENCE = 'org.opencontainers.image.ref.name';
/** Bytes of an index, manifest or configuration above which a file is not read. */
const MOST = 64_000_000;

/** Finds the keys in a cache that a registry has under a normalised name; undefined when nobody can look into it. */
export type LookIntoRegistry = (reference: string) => Promise<ReadonlySet<string> | undefined>;

/**
 * Looks into the caches that `--cache-from` names: folders (`type=local`), and registries where these may be asked. What
 * a local image carries inline is not shown by the engine.
 */
export async function readImportedCaches(names: readonly string[], look?: LookIntoRegistry): Promise<ImportedCache[]> {
  return Promise.all(names.map(async (name) => ({ name, keys: await readCache(name, look) })));
}

/** The normalised name of what `--cache-from` wants of a registry; undefined for other caches. */
export function registryCaches(name: string): string | undefined {
  // without any `=` it is the name alone (buildx util/buildflags/cache.go)
  if (!name.includes('=')) return normalizeReference(name);
  const options = optionsOf(name);
  return options.get('type') === 'registry' ? normalizeReference(options.get('ref') ?? '') : undefined;
}

function optionsOf(name: string): ReadonlyMap<string, string> {
  return new Map(name.split(',').map((field) => splitField(field)));
}

async function readCache(name: string, look: LookIntoRegistry | undefined): Promise<ReadonlySet<string> | undefined> {
  const reference = registryCaches(name);
  if (reference !== undefined) return look?.(reference);
  const options = optionsOf(name);
  const folder = options.get('src');
  if (options.get('type') !== 'local' || folder === undefined) return undefined;
  try {
    return await readFolder(resolve(folder), options.get('digest'), options.get('tag') ?? 'latest');
  } catch (error) {
    // buildx warns and goes on without a folder that is not there (buildx build/opt.go)
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Set() : undefined;
  }
}

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=');
  return equals < 0 ? [field, ''] : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
}

/** An OCI layout whose manifest has a cache configuration: as config, or among the manifests of an index. */
async function readFolder(folder: string, digest: string | undefined, tag: string): Promise<ReadonlySet<string>> {
  const chosen = digest ?? (await taggedManifest(folder, tag));
  if (chosen === undefined) return new Set();
  const manifest = asObject(await readJson(blobPath(folder, chosen)));
  const parts = [manifest['config'], ...asArray(manifest['layers']), ...asArray(manifest['manifests'])].map(asObject);
  const config = parts.find((part) => part['mediaType'] === CACHE_CONFIG);
  if (config === undefined) throw new Error('no cache configuration');
  return cacheConfigKeys(await readJson(blobPath(folder, asText(config['digest']))));
}

async function taggedManifest(folder: string, tag: string): Promise<string | undefined> {
  const index = asObject(await readJson(join(folder, 'index.json')));
  const manifests = asArray(index['manifests']).map(asObject);
  const tagged = manifests.find((one) => asObject(one['annotations'])[REFERENCE] === tag);
  return tagged === undefined ? undefined : asText(tagged['digest']);
}

function blobPath(folder: string, digest: string): string {
  const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(digest);
  if (match === null) throw new Error(`not a digest: ${digest}`);
  return join(folder, 'blobs', match[1] ?? '', match[2] ?? '');
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  if (text.length > MOST) throw new Error(`${path} is too large`);
  return JSON.parse(text);
}
