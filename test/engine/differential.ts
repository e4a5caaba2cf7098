import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectFolder } from '../generator/disk.js';
import { generateCase } from '../generator/generate.js';
import { withMarker, type BuildPlan, type Case, type Mutation } from '../generator/project.js';
import { BUILDKIT, type Builder, type BuilderKind } from './builders.js';
import { compare, type Disagreement } from './compare.js';
import { builderArguments, projectArguments, type Predictor } from './predictor.js';
import { reproduction } from './reproduction.js';
import type { Score } from './score.js';
import { shrink } from './shrink.js';

export interface Surroundings {
  readonly predictor: Predictor;
  readonly builder: Builder;
  /** Default: BuildKit. */
  readonly kind?: BuilderKind | undefined;
  /** Undefined while shrinking: a repeated case is not counted. */
  readonly score: Score | undefined;
}

/** Where a case first went wrong. */
export interface CaseFailure {
  /** Number of mutations that had been applied. */
  readonly step: number;
  readonly disagreements: readonly Disagreement[];
}

/**
 * Plays a case: predict, build, compare, mutate, and again. Stops at the first disagreement, and where the builder was
 * disturbed by others: what it left then nobody knows.
 */
export async function playCase(one: Case, around: Surroundings): Promise<CaseFailure | undefined> {
  const parent = mkdtempSync(join(tmpdir(), 'li-diff-'));
  const images: string[] = [];
  try {
    // The builder keeps synced contexts by the folder's base name: each case needs a name of its own.
    const folder = new ProjectFolder(join(parent, parent.slice(parent.lastIndexOf('-') + 1)), one.initial);
    let unseen = false;
    let lostContext = false;
    for (let step = 0; step <= one.mutations.length; step++) {
      const mutation = step === 0 ? undefined : one.mutations[step - 1];
      if (mutation) folder.apply(mutation);
      const plan = one.builds[step] ?? { output: 'image', unwatched: false, lookAfter: false };
      if (unseen && mutation && writesFiles(mutation)) lostContext = true;
      const where = `${one.seed} build ${step}`;
      const disagreements = await playStep(folder, plan, around, images, { lostContext, where });
      if (disagreements === 'disturbed') return undefined;
      if (disagreements.length > 0) return { step, disagreements };
      unseen = !plan.lookAfter;
      if (plan.lookAfter && step < one.mutations.length) await around.predictor.predict(folder.dir, folder.project);
    }
    return undefined;
  } finally {
    await kindOf(around).removeImages(images);
    rmSync(parent, { recursive: true, force: true });
  }
}

const kindOf = ({ kind }: Surroundings): BuilderKind => kind ?? BUILDKIT;

/** Also the Dockerfile may be a file of the context. */
function writesFiles({ kind }: Mutation): boolean {
  return !['nothing', 'build-arg', 'flags', 'target', 'no-cache'].includes(kind);
}

async function playStep(
  folder: ProjectFolder,
  { output, unwatched }: BuildPlan,
  around: Surroundings,
  images: string[],
  { lostContext, where }: { readonly lostContext: boolean; readonly where: string },
): Promise<readonly Disagreement[] | 'disturbed'> {
  const { project, dir } = folder;
  const kind = kindOf(around);
  const started = performance.now();
  const prediction = unwatched ? undefined : await around.predictor.predict(dir, project);
  const predictMs = performance.now() - started;
  const report = await around.builder({
    context: dir,
    dockerfile: join(dir, project.dockerfile),
    // the judge itself wants to know the target
    target: project.target,
    extraArgs: [
      ...projectArguments({ ...project, target: undefined }, dir),
      ...builderArguments(project, kind.dialect),
    ],
    output,
    keepImage: true,
  });
  images.push(...(report.leftovers ?? (report.image === undefined ? [] : [report.image])));
  around.score?.addBuild(report.succeeded, report.wallMs);
  if (report.disturbed !== undefined) {
    around.score?.addDisturbed(report.disturbed);
    return 'disturbed';
  }
  if (prediction === undefined) return [];
  if ('failure' in prediction) return [{ kind: 'no prediction', message: prediction.failure, line: 0 }];
  const comparison = compare(prediction, report, lostContext && !kind.remembersContent);
  around.score?.addComparison(comparison, predictMs, where);
  return comparison.disagreements;
}

export interface RunOptions {
  /** `SEED/NUMBER` plays just this case. */
  readonly seed: string;
  /** At least so many builds, then the case in progress is finished. */
  readonly builds: number;
  readonly baseImage: string;
  /** Unique to this run. */
  readonly runId: string;
  readonly shrinkMs: number;
  /** Findings after which the run ends. */
  readonly maxFindings?: number | undefined;
  /** Told after every case, with what was found in it. */
  readonly onCase?: ((finding: Finding | undefined) => void) | undefined;
}

/** A case that disagreed, as small as the time allowed, with the text that a person reads. */
export interface Finding {
  readonly seed: string;
  readonly kinds: readonly string[];
  readonly text: string;
}

/** Fails with all that was found, as a person reads it: the text of an assertion would be cut. */
export function expectNoFindings(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new Error(findings.map((finding) => finding.text).join('\n\n'));
}

/**
 * Fails unless so many percent of what can be known before a build was certain, all scores together; with the steps that
 * were not, as a share alone tells nobody why.
 */
export function expectCertain(scores: readonly Score[], percent: number): void {
  const totals = scores.map((score) => score.certainty());
  const certain = totals.reduce((sum, one) => sum + one.certain, 0);
  const known = totals.reduce((sum, one) => sum + one.certain + one.open, 0);
  const share = (100 * certain) / known;
  // NaN, where nothing was counted, fails as well
  if (share >= percent) return;
  const reasons = scores.flatMap((score) => score.openReasons(12));
  const head = `certain of ${certain} of ${known} steps that can be known: ${share.toFixed(2)} %, not ${percent} %`;
  throw new Error([head, ...reasons].join('\n'));
}

/**
 * Plays generated cases until so many builds are done. A case that disagrees is shrunk; the run goes on to the next
 * case, so that one run shows several kinds of mistakes, each kind once.
 */
export async function runCases(
  options: RunOptions,
  around: Surroundings & { readonly score: Score },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const known = new Set<string>();
  const enough = around.score.builds + options.builds;
  const [, seed, only] = /^(.*)\/(\d+)$/.exec(options.seed) ?? [];
  if (seed !== undefined) {
    const finding = await runCase({ ...options, seed }, Number(only), known, around);
    options.onCase?.(finding);
    return finding ? [finding] : [];
  }
  for (let number = 0; around.score.builds < enough && findings.length < (options.maxFindings ?? 5); number++) {
    const finding = await runCase(options, number, known, around);
    if (finding) findings.push(finding);
    options.onCase?.(finding);
  }
  return findings;
}

/** @param known kinds of disagreements that were shrunk before; new ones are added. */
async function runCase(
  options: RunOptions,
  number: number,
  known: Set<string>,
  around: Surroundings,
): Promise<Finding | undefined> {
  const seed = `${options.seed}/${number}`;
  const marker = `${options.runId}-${number}-`;
  const one = generateCase({
    seed,
    marker,
    baseImage: options.baseImage,
    mutations: 6,
    dialect: kindOf(around).dialect,
  });
  const failure = await playCase(one, around);
  if (!failure) return undefined;
  const kinds = failure.disagreements.map((disagreement) => disagreement.kind);
  if (kinds.every((kind) => known.has(kind))) return { seed, kinds, text: `case ${seed}: again ${kinds.join(', ')}` };
  for (const kind of kinds) known.add(kind);
  let attempt = 0;
  const play = (candidate: Case): Promise<CaseFailure | undefined> =>
    playCase(withMarker(candidate, `${marker}s${++attempt}-`), { ...around, score: undefined });
  const smaller = await shrink(one, failure, play, options.shrinkMs);
  // what was seen at first comes first: a mistake that depends on the moment is not seen again while shrinking
  const seen = failure.disagreements.map(({ message }) => `  ${message}`);
  const head = [`case ${seed}, build ${failure.step}:`, ...seen, `shrunk in ${smaller.attempts} attempts:`];
  return { seed, kinds, text: [...head, reproduction(smaller.one, smaller.failure)].join('\n') };
}

/**
 * Builds once on an image, alone. As long as one of the builds goes on that were the first to use it, BuildKit finds
 * nothing on it, and of lanes one always goes on: all of the run would be open (runningBuild.test.ts is about that).
 */
export async function useFirst(baseImage: string): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'li-first-'));
  try {
    writeFileSync(join(parent, 'Dockerfile'), `FROM ${baseImage}\nRUN : first use\n`);
    const report = await realBuilder({ context: parent, dockerfile: join(parent, 'Dockerfile'), output: 'cacheonly' });
    if (!report.succeeded) throw new Error(report.error);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** BuildKit, as the environment names it. */
export const realBuilder: Builder = BUILDKIT.build;
