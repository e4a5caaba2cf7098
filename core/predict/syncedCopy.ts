import { base } from '../context/goPath';
import type { TimeSpan } from '../context/tree';
import type { CacheRecord, PastBuild } from '../evidence/pastBuild';

/** Milliseconds after a build's end until which its sources are given back. */
const RELEASE = 1000;
const CONTEXT_COPY = 'local source for context';

/**
 * The build whose context the builder still holds and will compare the next transfer with; undefined when there is none,
 * or when that cannot be told. The copy belongs to the client and the last element of the context's path (BuildKit
 * source/local/source.go, buildx build/opt.go), not to the path.
 */
export function mirroredBuild(
  path: string,
  builds: readonly PastBuild[],
  copies: readonly CacheRecord[],
): PastBuild | undefined {
  let newest: PastBuild | undefined;
  for (const build of builds) {
    if (build.contextStart === undefined) continue;
    // a build of an unknown folder may have been one of this name
    if (build.contextPath !== undefined && base(build.contextPath) !== base(path)) continue;
    if (newest?.contextStart === undefined || build.contextStart > newest.contextStart) newest = build;
  }
  if (newest?.contextPath === undefined || newest.contextEnd === undefined) return undefined;
  return isKept(newest, builds, copies) ? newest : undefined;
}

/**
 * Is the copy still there? A build uses two: one for its ignore file, one for its files. Which records they are follows
 * from the time of their last use; builds of other folders at that time have two of their own each.
 */
function isKept(build: PastBuild, builds: readonly PastBuild[], copies: readonly CacheRecord[]): boolean {
  const start = build.createdAt;
  const end = build.completedAt + RELEASE;
  const beside = builds.filter((other) => other !== build && other.completedAt >= start && other.createdAt <= end);
  if (beside.some(({ contextPath }) => contextPath === undefined)) return false;
  const others = new Set(beside.map(({ contextPath = '' }) => base(contextPath)));
  others.delete(base(build.contextPath ?? ''));
  const used = contextCopies(copies).filter(({ lastUsedAt = 0 }) => lastUsedAt >= start && lastUsedAt <= end);
  return used.length >= 2 * (1 + others.size);
}

function contextCopies(copies: readonly CacheRecord[]): CacheRecord[] {
  return copies.filter(({ type, description }) => type === 'source.local' && description === CONTEXT_COPY);
}

/** When the oldest context copy that is kept was made, by the engine's clock; Infinity when none is kept. */
export function heldSince(copies: readonly CacheRecord[]): number {
  return Math.min(Infinity, ...contextCopies(copies).map((copy) => copy.createdAt));
}

/** When the first remembered transfer of a context of this name began, by the engine's clock; Infinity for none. */
export function firstTransfer(path: string, builds: readonly PastBuild[]): number {
  const starts = builds
    .filter(({ contextPath }) => contextPath === undefined || base(contextPath) === base(path))
    .map(({ contextStart = Infinity }) => contextStart);
  return Math.min(Infinity, ...starts);
}

/**
 * When each transfer of a context of this name was, by the engine's clock; undefined where one may have been of another
 * folder, or of nobody knows which. Of a build whose transfer is not told, all of its time.
 */
export function knownTransfers(path: string, builds: readonly PastBuild[]): readonly TimeSpan[] | undefined {
  const spans: TimeSpan[] = [];
  for (const { contextPath, contextStart, contextEnd, createdAt, completedAt } of builds) {
    if (contextPath !== undefined && base(contextPath) !== base(path)) continue;
    if (contextPath !== path) return undefined;
    const isTold = contextStart !== undefined && contextEnd !== undefined;
    spans.push(isTold ? { start: contextStart, end: contextEnd } : { start: createdAt, end: completedAt });
  }
  return spans;
}
