import type { PastBuild } from '../evidence/pastBuild';
import type { LedgerEntry } from './ledger';

/** One past build in a list. */
export interface BuildRow {
  readonly ref: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** `unknown`: it left no description of its steps, as builds that fail or are cancelled do. */
  readonly result: 'completed' | 'unknown';
  /** RUN, COPY, ADD and WORKDIR steps. */
  readonly cached: number;
  readonly executed: number;
  /** What it said of the prediction that was made for it; null when none was, or none could be judged. */
  readonly verdicts: { readonly right: number; readonly wrong: number } | null;
}

/** The past builds of a Dockerfile, newest first. */
export function buildRows(
  builds: readonly PastBuild[],
  entries: readonly LedgerEntry[],
  where: { readonly context: string; readonly dockerfile: string },
): BuildRow[] {
  const byRef = new Map(entries.map((entry) => [entry.ref, entry]));
  return builds
    .filter(
      ({ contextPath, dockerfilePath = where.dockerfile }) =>
        contextPath === where.context && dockerfilePath === where.dockerfile,
    )
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((build) => rowOf(build, byRef.get(build.ref)));
}

function rowOf(build: PastBuild, entry: LedgerEntry | undefined): BuildRow {
  const { ref, createdAt, completedAt, steps } = build;
  const own = steps.filter(({ kind, lines, done }) => done && lines.length > 0 && (kind === 'exec' || kind === 'file'));
  const scores = Object.values(entry?.classes ?? {});
  const sum = (place: 0 | 1): number => scores.reduce((total, score) => total + score[place], 0);
  return {
    ref,
    startedAt: createdAt,
    durationMs: Math.max(0, completedAt - createdAt),
    result: steps.length > 0 ? 'completed' : 'unknown',
    cached: own.filter(({ cached }) => cached).length,
    executed: own.filter(({ cached }) => !cached).length,
    verdicts: scores.length === 0 ? null : { right: sum(0), wrong: sum(1) },
  };
}

/** The build whose ref begins so; a text says why there is none. */
export function findBuild(builds: readonly PastBuild[], prefix: string): PastBuild | string {
  const exact = builds.find(({ ref }) => ref === prefix);
  if (exact !== undefined) return exact;
  const found = prefix === '' ? [] : builds.filter(({ ref }) => ref.startsWith(prefix));
  const [only] = found;
  if (only === undefined) return `no remembered build has an id that begins with "${prefix}"`;
  return found.length === 1 ? only : `${found.length} builds have an id that begins with "${prefix}": give more of it`;
}
