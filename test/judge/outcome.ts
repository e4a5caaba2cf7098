import type { Interval, Vertex } from './progress.js';

/** What the builder did for one vertex. */
export type VertexOutcome = 'cached' | 'executed' | 'failed' | 'not-reached' | 'unknown';

export interface VertexResult {
  readonly outcome: VertexOutcome;
  /** Milliseconds of the intervals that stand behind the outcome; null when the vertex never ran. */
  readonly durationMs: number | null;
}

/**
 * The intervals that say something about the result. BuildKit reports computing the cache key of a vertex *without
 * inputs* as an interval of its own, not marked as cached (solver/jobs.go sharedOp.CacheMap): WORKDIR on scratch looks
 * executed when only its key was computed. It is always the first.
 */
function workIntervals(vertex: Vertex): readonly Interval[] {
  const ordered = [...vertex.intervals].sort((a, b) => Number(a.startedNs - b.startedNs));
  const first = ordered[0];
  return vertex.inputs.length === 0 && first && !first.cached && first.error === '' ? ordered.slice(1) : ordered;
}

/** A result that was really looked up. A mark that was only passed down from a consumer has no duration. */
function reallyCached(interval: Interval): boolean {
  const { completedNs, startedNs } = interval;
  return interval.cached && interval.error === '' && completedNs !== undefined && completedNs !== startedNs;
}

function passedDown(interval: Interval): boolean {
  return interval.cached && interval.error === '' && interval.completedNs === interval.startedNs;
}

const CANCELED = /context canceled|canceled: context|code = Canceled/i;

/**
 * Says for every vertex what became of it.
 *
 * Traps, all seen on BuildKit 0.25.2:
 * - a vertex may be marked cached first and executed afterwards: an uncached, completed interval without error decides;
 * - a step killed because a sibling failed carries an error (and sometimes `cached: true`): it was not reached;
 * - when computing a cache key fails (missing COPY source) the failing vertex has an error and all vertices above it are
 *   marked cached with zero duration although they were never looked up: in a failed build such a mark counts only above a consumer that was really cached or really started to run.
 */
export function vertexOutcomes(
  vertices: ReadonlyMap<string, Vertex>,
  buildSucceeded: boolean,
): ReadonlyMap<string, VertexResult> {
  const trusted = trustedByConsumers(vertices);
  const results = new Map<string, VertexResult>();
  for (const vertex of vertices.values())
    results.set(vertex.digest, oneOutcome(vertex, buildSucceeded || trusted.has(vertex.digest)));
  return results;
}

function oneOutcome(vertex: Vertex, trustPassedDown: boolean): VertexResult {
  const work = workIntervals(vertex);
  const failure = work.find((interval) => interval.error !== '');
  if (failure) {
    const outcome = CANCELED.test(failure.error) ? 'not-reached' : 'failed';
    return { outcome, durationMs: milliseconds([failure]) };
  }
  const executed = work.filter((interval) => !interval.cached && interval.completedNs !== undefined);
  if (executed.length > 0) return { outcome: 'executed', durationMs: milliseconds(executed) };
  if (work.some((interval) => !interval.cached)) return { outcome: 'not-reached', durationMs: null };
  if (work.some(reallyCached)) return { outcome: 'cached', durationMs: milliseconds(work) };
  if (trustPassedDown && (work.some(passedDown) || vertex.intervals.length > 0))
    return { outcome: 'cached', durationMs: 0 };
  // In a build that succeeded every vertex was needed: one that was never mentioned again is not understood.
  const untouched = vertex.intervals.length === 0 && !trustPassedDown;
  return { outcome: untouched ? 'not-reached' : 'unknown', durationMs: null };
}

/**
 * Everything above a vertex that was really cached (its inputs were not needed) or that started to run (its inputs were
 * there). A failure to compute a cache key is neither: it is an interval with an error.
 */
function trustedByConsumers(vertices: ReadonlyMap<string, Vertex>): ReadonlySet<string> {
  const trusted = new Set<string>();
  const queue = [...vertices.values()].filter((vertex) =>
    workIntervals(vertex).some((interval) => reallyCached(interval) || (!interval.cached && interval.error === '')),
  );
  for (let vertex = queue.pop(); vertex; vertex = queue.pop())
    for (const digest of vertex.inputs) {
      const input = vertices.get(digest);
      if (!input || trusted.has(digest)) continue;
      trusted.add(digest);
      queue.push(input);
    }
  return trusted;
}

function milliseconds(intervals: readonly Interval[]): number {
  let total = 0n;
  for (const { startedNs, completedNs } of intervals) total += (completedNs ?? startedNs) - startedNs;
  return Number(total) / 1e6;
}
