import type { ImageInfo } from '../plan/graph';
import { withoutDigest } from '../plan/reference';
import type { CacheRecord, LogVertex } from './pastBuild';

/**
 * Vertices, by digest, that running builds executed: as long as one of these builds goes on, others share the vertex as it
 * is in memory, and what is kept on it is looked up in vain. `unknown`: builds run, and nobody told what they did.
 */
export type HeldVertices = ReadonlySet<string> | 'unknown';

/** Milliseconds that the record of an image may lie outside of the span in which a log says that it was loaded. */
const IMAGE_MARGIN = 100;

/**
 * What of the vertices of running builds is held (BuildKit solver/jobs.go loadUnlocked: vertices of the same digest are
 * one as long as a job has them). One that was taken from the cache is not: what stands on it is found. Observed with
 * BuildKit of Docker 28.5: results on an image that a running build was the first to use, or on a step that it executed,
 * are made again by each other build until it ends, also by way of a build that began meanwhile, and are all found then.
 */
export function heldVertices(
  running: readonly LogVertex[],
  records: readonly CacheRecord[],
  images: ReadonlyMap<string, ImageInfo | undefined>,
): ReadonlySet<string> {
  const loaded = records.filter(({ description }) => IMAGE_RECORD.test(description));
  const byId = new Map(records.map((record) => [record.id, record]));
  const held = running.filter(({ started, cached, name, completed }) => {
    if (started === undefined || cached) return false;
    const reference = IMAGE.exec(name)?.[1];
    if (reference === undefined) return true;
    const layers = images.get(reference)?.layers ?? images.get(withoutDigest(reference))?.layers;
    // a log shows an image as done as soon as its key is known: it was used for the first time if its record was made then
    const [from, to] = [started - IMAGE_MARGIN, (completed ?? Infinity) + IMAGE_MARGIN];
    const isThen = ({ createdAt }: CacheRecord): boolean => createdAt >= from && createdAt <= to;
    return completed === undefined || loaded.some((record) => isThen(record) && mayBeOf(layers, record, byId));
  });
  return new Set(held.map(({ digest }) => digest));
}

/**
 * How BuildKit describes what it fetched, and what was there as an image (moby builder-next/adapters/containerimage/pull.go);
 * what was there in the containerd store has no description.
 */
const IMAGE_RECORD = /^(?:(?:pulled from|from local)\b|$)/;
const FROM_LOCAL = /^from local\b/;
const IMAGE = /^(?:\[[^\]]*\] )?FROM (\S+)/i;

/**
 * May a record be the one of an image with so many layers? Each layer of an image that was there has a record on that of
 * the layer below; other images begin to be used all the time.
 */
function mayBeOf(layers: number | undefined, record: CacheRecord, byId: ReadonlyMap<string, CacheRecord>): boolean {
  if (layers === undefined || !FROM_LOCAL.test(record.description)) return true;
  let depth = 1;
  for (let one = record; one.parents.length > 0; depth++) {
    const [parent] = one.parents.map((id) => byId.get(id));
    if (parent === undefined) return true;
    one = parent;
  }
  return depth === layers;
}
