import { TICK } from '../context/entry';
import type { TimeSpan } from '../context/tree';
import type { KnownChanges } from '../context/unchanged';
import type { Sha256 } from '../evidence/facts';
import type { CacheRecord, PastBuild, PastStep } from '../evidence/pastBuild';
import { withoutPrefix } from '../evidence/provenance';
import type { InputUse } from '../llb/contentInputs';
import { chainDigests, imageKey } from './chain';
import type { Comparison, Mismatch, NotedPrediction, NotedStep, NotJudged } from './ledger';
import { outcomesOf, type StepOutcome } from './outcome';
import { verdictClass } from './verdictClass';

/** What is known when a build is compared with the prediction for it. */
export interface ComparisonFacts {
  /** All builds of the builder that are remembered. */
  readonly builds: readonly PastBuild[];
  /** The cache records that are alive now. */
  readonly records: readonly CacheRecord[];
  /** Engine clock minus this machine's clock, and how far that may be off; milliseconds. */
  readonly clockOffset: number;
  readonly clockMargin: number;
  /** Is what is taken from the build context what it was during all of a span, by this machine's clock? */
  readonly isUnchanged: (
    use: InputUse,
    patterns: readonly string[],
    span: TimeSpan,
    known: KnownChanges | undefined,
  ) => boolean;
  readonly sha256: Sha256;
}

/** The prediction that counts for a build: the last one that was made before it began; undefined when there is none. */
export function predictionFor(
  build: PastBuild,
  noted: readonly NotedPrediction[],
  facts: Pick<ComparisonFacts, 'builds' | 'clockOffset' | 'clockMargin' | 'sha256'>,
): NotedPrediction | undefined {
  if (build.steps.length === 0 || build.asked === undefined || build.asked.noCache || build.asked.importsCache)
    return undefined;
  const began = build.createdAt - facts.clockOffset - facts.clockMargin;
  const isFor = (one: NotedPrediction): boolean =>
    one.madeAt <= began &&
    isOfBuilder(one, facts) &&
    one.context === build.contextPath &&
    (build.dockerfilePath === undefined || build.dockerfilePath === one.dockerfile);
  const roots = rootsOf(build, facts.sha256);
  const before = noted.filter(isFor).sort((a, b) => b.madeAt - a.madeAt);
  // what was asked for with other options is another prediction
  return before.find(({ root }) => root !== undefined && roots.includes(root)) ?? before[0];
}

/** Was the prediction made for the builder of these builds? Each knows its own. */
function isOfBuilder(
  { knownRef, madeAt }: NotedPrediction,
  { builds, clockOffset, clockMargin }: Pick<ComparisonFacts, 'builds' | 'clockOffset' | 'clockMargin'>,
): boolean {
  if (knownRef !== undefined) return builds.some(({ ref }) => ref === knownRef);
  return !builds.some(({ completedAt }) => completedAt - clockOffset + clockMargin < madeAt);
}

/** Says which verdicts a build confirmed and which it contradicted. */
export function compareBuild(noted: NotedPrediction, build: PastBuild, facts: ComparisonFacts): Comparison {
  const comparing = new Comparing(noted, build, facts);
  for (const step of noted.steps) comparing.add(step);
  return comparing.result();
}

/** The chains of what a build was made for. */
function rootsOf({ steps }: PastBuild, sha256: Sha256): (string | undefined)[] {
  const used = new Set(steps.flatMap(({ inputs }) => inputs));
  const chains = chainDigests(steps, sha256);
  return steps.flatMap((step, index) => {
    if (used.has(index)) return [];
    // a definition ends with an operation that only names its result (client/llb/state.go Marshal)
    const [only, ...more] = step.inputs;
    return step.kind === 'opaque' && only !== undefined && more.length === 0 ? chains[only] : chains[index];
  });
}

class Comparing {
  private readonly scores = new Map<string, [right: number, wrong: number]>();
  private readonly wrong: { readonly step: NotedStep; readonly index: number; readonly actual: Mismatch['actual'] }[] =
    [];
  private readonly skipped = new Map<NotJudged, number>();
  private readonly places = new Map<string, number>();
  private readonly isWhole: boolean;
  private readonly alive: ReadonlySet<string>;
  private readonly outcomes: readonly StepOutcome[];
  /** Builds that may have changed what is kept between the prediction and the end of this build. */
  private readonly others: readonly PastBuild[];
  private readonly doubts = new Map<number, NotJudged | undefined>();

  constructor(
    private readonly noted: NotedPrediction,
    private readonly build: PastBuild,
    private readonly facts: ComparisonFacts,
  ) {
    for (const [index, chain] of chainDigests(build.steps, facts.sha256).entries()) {
      if (chain !== undefined) this.places.set(chain, index);
    }
    this.outcomes = outcomesOf(build);
    this.alive = new Set(facts.records.map(({ id }) => id));
    const roots = rootsOf(build, facts.sha256);
    this.isWhole = roots.length === 1 && roots[0] !== undefined && roots[0] === noted.root;
    this.others = facts.builds.filter(
      (other) => other.ref !== build.ref && other.completedAt > noted.knownTo && other.createdAt < build.completedAt,
    );
  }

  add(step: NotedStep): void {
    const index = this.places.get(step.chain) ?? -1;
    const outcome = this.outcomes[index];
    const why = outcome === undefined ? 'another-step' : this.notJudged(step, outcome, index);
    if (outcome === undefined || outcome === 'unclear' || why !== undefined) {
      if (why !== undefined) this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1);
      return;
    }
    const isRight = isExpected(step, outcome);
    const name = this.classOf(step);
    const score = this.scores.get(name) ?? [0, 0];
    score[isRight ? 0 : 1]++;
    this.scores.set(name, score);
    if (!isRight) this.wrong.push({ step, index, actual: outcome });
  }

  result(): Comparison {
    const mismatches = this.wrong.map(({ step, index, actual }): Mismatch => ({
      line: step.line,
      instruction: step.instruction,
      class: this.classOf(step),
      actual,
      follows: this.follows(step, index),
    }));
    return {
      classes: Object.fromEntries(this.scores),
      mismatches,
      notJudged: Object.fromEntries(this.skipped),
    };
  }

  private notJudged(step: NotedStep, outcome: StepOutcome, index: number): NotJudged | undefined {
    if (outcome === 'unclear') return 'unclear';
    // what is looked at follows from what is built: only a hit on an own result is one for every target
    if (!this.isWhole && step.code !== 'same-as-build') return 'another-target';
    const doubt = this.doubt(index);
    if (doubt !== undefined || isExpected(step, outcome)) return doubt;
    if (this.wasRemoved(step)) return 'removed-result';
    return outcome === 'cached' && this.wasMade(index) ? 'another-build' : undefined;
  }

  private classOf({ instruction, verdict, certainty, code }: NotedStep): string {
    return verdictClass(this.noted.builder.kind, { instruction, verdict, certainty, reason: { code } });
  }

  /** Was what a hit was promised on removed before the build came to it? Then nobody was wrong. */
  private wasRemoved({ code, records }: NotedStep): boolean {
    if (code === 'same-as-build') return !records.some((id) => this.alive.has(id));
    if (code !== 'consumer-cached') return false;
    const promised = this.noted.steps.filter((one) => one.code === 'same-as-build');
    return promised.some((one) => this.isExecuted(one) && !one.records.some((id) => this.alive.has(id)));
  }

  /** Did a build that is not in the history yet, as it still runs, make the result after the prediction? */
  private wasMade(index: number): boolean {
    const step = this.build.steps[index];
    const { clockOffset, clockMargin, records, sha256 } = this.facts;
    const since = this.noted.madeAt + clockOffset - clockMargin;
    return records.some(
      ({ createdAt, description }) =>
        step !== undefined &&
        createdAt > since &&
        createdAt < (step.started ?? 0) &&
        sha256(withoutPrefix(description)) === step.recordTextDigest,
    );
  }

  private isExecuted({ chain }: NotedStep): boolean {
    return this.outcomes[this.places.get(chain) ?? -1] === 'executed';
  }

  /** A wrong verdict below it, or (for what is not looked at when its consumer is a hit) above it. */
  private follows(step: NotedStep, index: number): boolean {
    const others = new Set(this.wrong.filter((one) => one.index !== index).map((one) => one.index));
    if (step.code !== 'consumer-cached') return this.reaches(index, others);
    return [...others].some((other) => this.reaches(other, new Set([index])));
  }

  private reaches(from: number, wanted: ReadonlySet<number>): boolean {
    const seen = new Set<number>();
    const queue = [...(this.build.steps[from]?.inputs ?? [])];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (wanted.has(next)) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...(this.build.steps[next]?.inputs ?? []));
    }
    return false;
  }

  /** Why a step, or what it stands on, may not be what the prediction was about. */
  private doubt(index: number): NotJudged | undefined {
    if (this.doubts.has(index)) return this.doubts.get(index);
    const doubt = this.findDoubt(index);
    this.doubts.set(index, doubt);
    return doubt;
  }

  private findDoubt(index: number): NotJudged | undefined {
    const step = this.build.steps[index];
    if (step === undefined) return 'another-step';
    if (step.kind === 'image') {
      const expected = this.noted.images[imageKey(step.imageReference ?? '', step.imagePlatform ?? '')] ?? [];
      return step.imageDigest !== undefined && expected.includes(step.imageDigest) ? undefined : 'another-image';
    }
    if (this.others.some((other) => mayHaveChanged(other, step, this.build))) return 'another-build';
    for (const [position, input] of step.inputs.entries()) {
      const source = this.build.steps[input];
      const use = step.uses[position];
      if (source?.kind === 'local') {
        if (use === undefined || !this.hasSameFiles(source, use)) return 'other-files';
      } else {
        const doubt = this.doubt(input);
        if (doubt !== undefined) return doubt;
      }
    }
    return undefined;
  }

  /** Did nothing of what is taken change between the look behind the prediction and the end of the transfer? */
  private hasSameFiles(source: PastStep, use: InputUse): boolean {
    const { lookedAt, patterns, known } = this.noted;
    const { contextEnd } = this.build;
    if (lookedAt === undefined || contextEnd === undefined || source.exclude === undefined) return false;
    if (JSON.stringify(source.exclude) !== JSON.stringify(patterns)) return false;
    const { clockOffset, clockMargin } = this.facts;
    const span: TimeSpan = { start: lookedAt - TICK, end: contextEnd - clockOffset + clockMargin };
    return this.facts.isUnchanged(use, patterns, span, known);
  }
}

function isExpected({ verdict }: NotedStep, outcome: StepOutcome): boolean {
  return verdict === outcome || (verdict === 'rebuild' && outcome === 'executed');
}

/** May another build have left, or received, something that decides a step? Of a failed build nobody knows what it did. */
function mayHaveChanged(other: PastBuild, step: PastStep, { contextPath }: PastBuild): boolean {
  if (other.steps.length === 0 || other.steps.some(({ opDigest }) => opDigest === step.opDigest)) return true;
  // folders of one name share the builder's copy of their files
  const takesFiles = step.inputs.length > 0 && other.contextStart !== undefined;
  return takesFiles && nameOf(other.contextPath) === nameOf(contextPath);
}

function nameOf(path: string | undefined): string {
  return path?.slice(path.lastIndexOf('/') + 1) ?? '';
}
