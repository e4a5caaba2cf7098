import type { PastBuild, PastStep } from '../../../core/evidence/pastBuild';
import { isUnchanged } from '../../../core/context/unchanged';
import { accuracyOf, downgradesOf } from '../../../core/ledger/accuracy';
import { compareBuild, predictionFor, type ComparisonFacts } from '../../../core/ledger/compareBuild';
import type { Comparison, LedgerEntry, NotedPrediction } from '../../../core/ledger/ledger';
import { notePrediction } from '../../../core/ledger/notePrediction';
import { RULES } from '../../../core/ledger/rules';
import { sha256 } from '../../../core/node/sha256';
import { HERE, project, type Engine, type Now, type Past } from '../support/evidence';
import { Folder } from '../support/folder';
import { stage } from '../support/plan';

/** A copy and two commands. */
export const TEXT = stage('RUN one', 'COPY d /d', 'RUN two');
export const FILES = ['d/ 755 @100', 'd/a 644 @100 =one'] as const;

/** A folder of these files that was looked at completely at a moment. */
export function folderAt(now: number, ...lines: readonly string[]): Folder {
  const folder = new Folder().look(now, ...(lines.length === 0 ? FILES : lines));
  folder.tree.lookedAt = now;
  return folder;
}

/** What is predicted at a moment, as it is noted. */
export function noted(engine: Engine, madeAt: number, now: Now & { readonly text?: string } = {}): NotedPrediction {
  const { text = TEXT, ...rest } = now;
  const made = project(engine, text, { tree: folderAt(madeAt).tree, ...rest });
  const { tree } = { tree: folderAt(madeAt).tree, ...rest };
  const prediction = { ...made.prediction, baseline: 'engine' };
  if (made.buildkit === undefined) throw new Error('not a prediction for BuildKit');
  const note = notePrediction(
    { ...made.buildkit, prediction, patterns: now.patterns ?? [], lookedAt: tree.lookedAt, tree, madeAt },
    sha256,
  );
  if (note === undefined) throw new Error('nothing was noted');
  return note;
}

/** The newest build of an engine after one more. */
export function built(engine: Engine, past: Partial<Past> & { readonly at: number }): PastBuild {
  engine.build({ text: TEXT, ...past });
  const build = engine.builds.pop();
  if (build === undefined) throw new Error('nothing was built');
  const known: PastBuild = { asked: { noCache: false, importsCache: false, args: [] }, ...build };
  engine.builds.push(known);
  return known;
}

/** The same build, but what the builder did with some instructions (by their lines) is another thing. */
export function falsified(build: PastBuild, cached: Readonly<Record<number, boolean>>): PastBuild {
  const flip = (step: PastStep): PastStep => {
    const said = cached[step.lines[0]?.start ?? 0];
    return said === undefined ? step : { ...step, cached: said };
  };
  return { ...build, steps: build.steps.map(flip) };
}

/** What is known when builds are compared. */
export function facts(
  engine: Engine,
  changes: Partial<ComparisonFacts> & { readonly folder?: Folder } = {},
): ComparisonFacts {
  const { folder, ...rest } = changes;
  const tree = (folder ?? folderAt(100_000)).tree;
  return {
    builds: engine.builds,
    records: engine.records,
    ...{ clockOffset: 0, clockMargin: 0, sha256 },
    isUnchanged: (use, patterns, span, known) => isUnchanged(tree, use, patterns, span, known),
    ...rest,
  };
}

/** The result of comparing a build with the prediction that counts for it; undefined without one. */
export function compared(
  notes: readonly NotedPrediction[],
  build: PastBuild,
  known: ComparisonFacts,
): Comparison | undefined {
  const one = predictionFor(build, notes, known);
  return one && compareBuild(one, build, known);
}

/** How many verdicts were right, wrong and not judged: `2 right, 1 wrong, 1 another-build`. */
export function inWords(comparison: Comparison | undefined): string {
  if (comparison === undefined) return 'no prediction';
  const scores = Object.values(comparison.classes);
  const sum = (place: 0 | 1): number => scores.reduce((total, score) => total + score[place], 0);
  const skipped = Object.entries(comparison.notJudged).map(([why, count]) => `${String(count)} ${why}`);
  return [`${sum(0)} right`, `${sum(1)} wrong`, ...skipped].join(', ');
}

/** The entry of a build in the record. */
export function entryOf(build: PastBuild, comparison: Comparison, rules = RULES): LedgerEntry {
  return { ref: build.ref, at: build.completedAt, rules, dockerfile: `${HERE}/Dockerfile`, ...comparison };
}

export { accuracyOf, downgradesOf };
