import type { PastBuild, PastStep } from '../evidence/pastBuild';
import type { PastSizes } from '../evidence/pastSizes';
import type { SizeBasis } from '../model';
import type { KeptChain } from './keptChain';
import type { LedgerEntry, Score } from './ledger';
import { outcomesOf } from './outcome';
import { saidCached } from './verdictClass';

/** `packed`: as a registry would keep the layers, exactly; the containerd store and other builders tell no other size. */
export type RowBasis = Extract<SizeBasis, 'measured' | 'estimate'> | 'packed';

const NO_SIZES: PastSizes = { layerBytes: new Map(), recordBytes: new Map() };

/** One past build in a list. */
export interface BuildRow {
  readonly ref: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** `unknown`: it left no description of its steps, as builds that fail or are canceled do. */
  readonly result: 'completed' | 'failed' | 'canceled' | 'unknown';
  /** RUN, COPY, ADD and WORKDIR steps; what was not looked at counts as cached. */
  readonly cached: number;
  readonly executed: number;
  /** Bytes of the layers that its instructions left in its image; null: not known. */
  readonly bytes: number | null;
  /** The same minus that of the completed build before it; null: not known. */
  readonly bytesChange: number | null;
  /** What the bytes are, and what their change is. */
  readonly bytesBasis: RowBasis;
  readonly changeBasis: RowBasis;
  /** What it said of the prediction that was made for it; null when none was, or none could be judged. */
  readonly verdicts: { readonly right: number; readonly wrong: number } | null;
}

/** The past builds of a Dockerfile, newest first. */
export function buildRows(
  builds: readonly PastBuild[],
  entries: readonly LedgerEntry[],
  where: { readonly context: string; readonly dockerfile: string },
  sizes: PastSizes = NO_SIZES,
): BuildRow[] {
  const byRef = new Map(entries.map((entry) => [entry.ref, entry]));
  const rows = builds
    .filter(
      ({ contextPath, dockerfilePath = where.dockerfile }) =>
        contextPath === where.context && dockerfilePath === where.dockerfile,
    )
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((build) => rowOf(build, byRef.get(build.ref), sizes));
  return withChanges(rows);
}

/** What each row of a list, newest first, has more or less than the completed one before. */
function withChanges(rows: readonly BuildRow[]): BuildRow[] {
  let before: BuildRow | undefined;
  const changed = [...rows].reverse().map((row): BuildRow => {
    if (row.result !== 'completed') return row;
    const under = before;
    before = row;
    if (row.bytes === null || under === undefined || under.bytes === null) return row;
    // two ways of counting: their difference says nothing
    if ((row.bytesBasis === 'packed') !== (under.bytesBasis === 'packed')) return row;
    const changeBasis = row.bytesBasis === 'measured' ? under.bytesBasis : row.bytesBasis;
    return { ...row, bytesChange: row.bytes - under.bytes, changeBasis };
  });
  return changed.reverse();
}

/** The same for builds whose images are their cache: those that followed a prediction, as their images tell. */
export function chainRows(builds: readonly KeptChain[]): BuildRow[] {
  return withChanges([...builds].sort((a, b) => b.startedAt - a.startedAt).map(chainRow));
}

function chainRow({ ref, startedAt, endedAt, comparison, noted, seen }: KeptChain): BuildRow {
  const scores = Object.entries(comparison.classes);
  const sum = (count: (name: string, score: Score) => number): number =>
    scores.reduce((total, [name, score]) => total + count(name, score), 0);
  const verdicts = scores.length === 0 ? null : { right: sum((_, [a]) => a), wrong: sum((_, [, b]) => b) };
  const durationMs = Math.max(0, endedAt - startedAt);
  // Podman tells how large images are as archives, headers and configuration included
  const basis = noted.builder.kind === 'buildah' ? 'estimate' : 'measured';
  const sizes = sized({ bytes: chainBytes(noted, seen), basis });
  const row = { ref, startedAt, durationMs, result: 'completed', ...sizes, verdicts } as const;
  if (seen === undefined) {
    // kept by a version that did not look: only the steps that were judged tell
    const cached = sum((name, [a, b]) => (saidCached(name) ? a : b));
    return { ...row, cached, executed: sum((_, [a, b]) => a + b) - cached };
  }
  const known = new Set(seen.map(({ stage, index }) => `${stage}:${index}`));
  // a stage of which nothing was made anew left no trace: it counts as it was predicted
  const untold = noted.stages.flatMap((stage, at) =>
    (stage?.steps ?? []).filter(({ verdict }, index) => verdict === 'cached' && !known.has(`${at}:${index}`)),
  );
  const executed = seen.filter((one) => one.executed).length;
  return { ...row, cached: seen.length - executed + untold.length, executed };
}

/** Known where the image of each step was seen, and the builder tells of it. */
function chainBytes({ stages }: KeptChain['noted'], seen: KeptChain['seen'] = []): number | null {
  const layers = new Map(seen.map(({ stage, index, bytes }) => [`${stage}:${index}`, bytes]));
  const all = stages.flatMap((stage, at) => (stage?.steps ?? []).map((_, index) => layers.get(`${at}:${index}`)));
  let sum = 0;
  for (const bytes of all) {
    if (bytes === undefined) return null;
    sum += bytes;
  }
  return all.length === 0 ? null : sum;
}

function rowOf(build: PastBuild, entry: LedgerEntry | undefined, sizes: PastSizes): BuildRow {
  const { ref, createdAt, completedAt, steps } = build;
  const outcomes = outcomesOf(build);
  const own = outcomes.filter((_, index) => isInstruction(steps[index]));
  const scores = Object.values(entry?.classes ?? {});
  const sum = (place: 0 | 1): number => scores.reduce((total, score) => total + score[place], 0);
  return {
    ref,
    startedAt: createdAt,
    durationMs: Math.max(0, completedAt - createdAt),
    result: steps.length > 0 ? 'completed' : (build.ended ?? 'unknown'),
    cached: own.filter((outcome) => outcome !== 'executed').length,
    executed: own.filter((outcome) => outcome === 'executed').length,
    ...sized(bytesOf(build, sizes)),
    verdicts: scores.length === 0 ? null : { right: sum(0), wrong: sum(1) },
  };
}

interface Sized {
  readonly bytes: number | null;
  readonly basis: RowBasis;
}

/** As far as a row can say without the one before. */
function sized({ bytes, basis }: Sized): Pick<BuildRow, 'bytes' | 'bytesChange' | 'bytesBasis' | 'changeBasis'> {
  return { bytes, bytesChange: null, bytesBasis: basis, changeBasis: basis };
}

/** Layers of the base image are not among them: they are not the instructions' own. */
function bytesOf({ steps }: PastBuild, { layerBytes, recordBytes }: PastSizes): Sized {
  const layers = new Set(steps.flatMap((step) => (isInstruction(step) ? (step.layer ?? []) : [])));
  const packed = new Map(
    steps.flatMap(({ layer, packedBytes }) =>
      layer === undefined || packedBytes === undefined ? [] : [[layer, packedBytes]],
    ),
  );
  if (packed.size > 0 && [...layers].every((layer) => packed.has(layer))) {
    return { bytes: [...layers].reduce((all, layer) => all + (packed.get(layer) ?? 0), 0), basis: 'packed' };
  }
  let [sum, basis]: [number, RowBasis] = [0, 'measured'];
  for (const layer of layers) {
    const measured = layerBytes.get(layer);
    const bytes = measured ?? recordBytes.get(layer);
    if (bytes === undefined) return { bytes: null, basis: 'measured' };
    if (measured === undefined && bytes > 0) basis = 'estimate';
    sum += bytes;
  }
  return { bytes: layers.size === 0 ? null : sum, basis };
}

function isInstruction(step: PastStep | undefined): boolean {
  return step !== undefined && step.lines.length > 0 && (step.kind === 'exec' || step.kind === 'file');
}

/** The build whose ref begins so; a text says why there is none. */
export function findBuild<T extends { readonly ref: string }>(builds: readonly T[], prefix: string): T | string {
  const exact = builds.find(({ ref }) => ref === prefix);
  if (exact !== undefined) return exact;
  const found = prefix === '' ? [] : builds.filter(({ ref }) => ref.startsWith(prefix));
  const [only] = found;
  if (only === undefined) return `no remembered build has an id that begins with "${prefix}"`;
  return found.length === 1 ? only : `${found.length} builds have an id that begins with "${prefix}": give more of it`;
}
