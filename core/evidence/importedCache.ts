import { asArray, asObject, asText } from '../llb/decode';

/** A cache of another builder that a build imports (`--cache-from`). */
export interface ImportedCache {
  /** As the user wrote it. */
  readonly name: string;
  /** The keys of the results in it; undefined when it cannot be looked into. */
  readonly keys: ReadonlySet<string> | undefined;
}

/** The keys that the configuration of an exported cache lists (BuildKit cache/remotecache/v1/spec.go CacheConfig). */
export function cacheConfigKeys(config: unknown): ReadonlySet<string> {
  return new Set(asArray(asObject(config)['records']).map((record) => asText(asObject(record)['digest'])));
}
