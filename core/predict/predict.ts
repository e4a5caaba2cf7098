import type { Evidence } from '../evidence/evidence';
import type { ImportedCache } from '../evidence/importedCache';
import type { Sha256 } from '../evidence/facts';
import type { Downgrades } from '../ledger/accuracy';
import {
  formatBytes,
  UNKNOWN_SIZE,
  type BuilderInfo,
  type PredictedStep,
  type Prediction,
  type Problem,
  type Reason,
  type StepSize,
} from '../model';
import type { ImageInfo, Plan, PlanOptions, PlanStep } from '../plan/graph';
import { imageFor, ownImage, registryImage, undecidedImage } from '../plan/images';
import { filesReason, rootCause, type CauseScope } from './causes';
import type { ContextView } from './content';
import { decidePlan, type Decision } from './decide';
import { furtherDoubts, NO_DOUBTS, type Doubts } from './doubts';
import { absentSources, bareEvaluations, evaluatePlan, type Evaluation } from './evaluate';
import { lastDuration, sizeOf } from './sizes';
import { unnoticedProblem } from './unnoticed';
import { summarize } from './summary';

/** What a prediction is made from; nothing is read while it is made. */
export interface PredictionInput {
  readonly dockerfile: string;
  readonly contextPath: string;
  readonly plan: Plan;
  readonly options: PlanOptions;
  readonly context: ContextView;
  /** Undefined when no engine was reached: sizes are still known. */
  readonly evidence: Evidence | undefined;
  /** The builder that was looked for, for the case without evidence. */
  readonly builder: BuilderInfo;
  /** Why there is no evidence. */
  readonly noEvidence?: Reason;
  readonly baseline: string;
  /** The caches that the build imports. */
  readonly imported: readonly ImportedCache[];
  readonly problems: readonly Problem[];
  readonly sha256: Sha256;
  /** Classes of verdicts that were wrong and are not given. */
  readonly downgrades?: Downgrades | undefined;
}

/** Predicts what a build will do, instruction by instruction. A pure function of its input. */
export function predict(input: PredictionInput): Prediction {
  return predictEvaluated(input).prediction;
}

/** The same with what each vertex was evaluated to. */
export function predictEvaluated(input: PredictionInput): {
  readonly prediction: Prediction;
  readonly evaluations: readonly Evaluation[];
} {
  const { plan, evidence, downgrades } = input;
  let doubts = NO_DOUBTS;
  for (;;) {
    const verdicts = evidence === undefined ? new UnknownVerdicts(input) : new StepVerdicts(input, evidence, doubts);
    const steps = plan.steps.map((step) => verdicts.predict(step));
    if (evidence !== undefined && downgrades !== undefined && downgrades.size > 0) {
      const further = furtherDoubts(plan, steps, evidence.builder.kind, downgrades, doubts);
      if (further !== doubts) {
        doubts = further;
        continue;
      }
    }
    return { prediction: predictionOf(input, steps, verdicts), evaluations: verdicts.evaluations };
  }
}

function predictionOf(
  input: PredictionInput,
  steps: readonly PredictedStep[],
  verdicts: UnknownVerdicts | StepVerdicts,
): Prediction {
  const { plan, options, evidence } = input;
  return {
    schemaVersion: 1,
    dockerfile: input.dockerfile,
    context: input.contextPath,
    target: plan.target,
    platform: options.platform ?? options.buildPlatform,
    builder: evidence?.builder ?? input.builder,
    baseline: input.baseline,
    problems: [...input.problems, ...plan.problems, ...missingSourceProblems(steps), ...verdicts.problems(steps)],
    steps,
    summary: summarize(steps),
  };
}

type Judgement = Pick<PredictedStep, 'verdict' | 'certainty' | 'reason' | 'size' | 'lastDurationMs' | 'registryLayers'>;

const PLAIN = { certainty: 'certain', size: UNKNOWN_SIZE, lastDurationMs: null } as const;
const NO_BYTES: StepSize = { bytes: 0, basis: 'exact' };

function withStep(step: PlanStep, judgement: Judgement): PredictedStep {
  const { line, stage, stageIndex, instruction, text, origin } = step;
  return { line, stage, stageIndex, instruction, text, ...judgement, ...(origin === undefined ? {} : { origin }) };
}

/** Problems with which the builder does not come to its first step. */
const STOPS_THE_BUILD = ['bad-instruction', 'missing-stage', 'ignore-pattern-invalid', 'ignore-file-unreadable'];

/** Does the build stop before its first step, or at one that is predicted to fail? */
export function stopsTheBuild({ problems, steps }: Pick<Prediction, 'problems' | 'steps'>): boolean {
  return (
    problems.some(({ code }) => STOPS_THE_BUILD.includes(code)) || steps.some(({ verdict }) => verdict === 'fails')
  );
}

/** The verdicts that follow from the file alone. */
function fileVerdict(step: PlanStep, input: PredictionInput): Judgement | undefined {
  const { plan } = input;
  const line = step.line.start;
  if (step.failure !== undefined) {
    const reason: Reason = { code: 'bad-instruction', message: step.failure, causeLine: line };
    return { ...PLAIN, verdict: 'fails', reason };
  }
  const broken = [...input.problems, ...plan.problems].find((problem) => STOPS_THE_BUILD.includes(problem.code));
  const noTarget = broken?.code === 'missing-stage';
  if (!step.reachable && !noTarget) {
    const reason: Reason = { code: 'not-needed', message: `target ${plan.target} does not need this stage` };
    return { ...PLAIN, verdict: 'unused', reason };
  }
  if (broken !== undefined) {
    const where = broken.line === undefined ? broken.message : `line ${broken.line} stops the build`;
    const reason: Reason = {
      code: noTarget ? 'missing-stage' : 'bad-instruction',
      message: `not reached: ${where}`,
      ...(broken.line === undefined ? {} : { causeLine: broken.line }),
    };
    return { ...PLAIN, verdict: 'unknown', reason };
  }
  if (step.vertex === undefined && step.image === undefined) {
    const reason: Reason = { code: 'metadata-only', message: 'changes only metadata: nothing is executed' };
    return { ...PLAIN, verdict: 'no-layer', reason, size: NO_BYTES };
  }
  return undefined;
}

export const NO_EVIDENCE: Reason = { code: 'no-evidence', message: 'there is no evidence of past builds' };

/** Without evidence every step is unknown, but what it copies can still be added up. */
class UnknownVerdicts {
  readonly evaluations: readonly Evaluation[];

  constructor(private readonly input: PredictionInput) {
    this.evaluations = bareEvaluations(input.plan, input.sha256);
  }

  /** Without evidence nothing is claimed to be cached. */
  problems(): Problem[] {
    return [];
  }

  predict(step: PlanStep): PredictedStep {
    const { context, noEvidence } = this.input;
    const early = fileVerdict(step, this.input);
    if (early !== undefined) return withStep(step, early);
    const reason = noEvidence ?? NO_EVIDENCE;
    const evaluation = this.evaluations[step.vertex ?? -1];
    const { missing } =
      evaluation === undefined ? { missing: [] } : absentSources(evaluation, this.evaluations, context);
    if (missing.length > 0) return withStep(step, missingJudgement(missing, step));
    const size = evaluation === undefined ? UNKNOWN_SIZE : sizeOf(evaluation, this.evaluations, undefined, context);
    return withStep(step, { ...PLAIN, verdict: 'unknown', reason, size });
  }
}

/** The verdicts that evidence gives. */
class StepVerdicts {
  readonly evaluations: readonly Evaluation[];
  private readonly decisions: readonly Decision[];
  private readonly lines = new Map<number, number>();
  private readonly scope: CauseScope;

  constructor(
    private readonly input: PredictionInput,
    private readonly evidence: Evidence,
    doubts: Doubts,
  ) {
    const { plan, options, context, sha256, imported } = input;
    this.evaluations = evaluatePlan(plan, options, evidence, context, sha256, imported, doubts);
    this.decisions = decidePlan(plan, this.evaluations);
    for (const step of plan.steps) {
      if (step.vertex !== undefined && !this.lines.has(step.vertex)) this.lines.set(step.vertex, step.line.start);
    }
    this.scope = { evidence, evaluations: this.evaluations, contextPath: input.contextPath, sha256 };
  }

  predict(step: PlanStep): PredictedStep {
    const { context } = this.input;
    const early = fileVerdict(step, this.input);
    if (early !== undefined) return withStep(step, early);
    if (step.vertex === undefined) return withStep(step, this.image(step));
    const evaluation = this.evaluations[step.vertex];
    const decision = this.decisions[step.vertex];
    if (evaluation === undefined || decision === undefined) return withStep(step, { ...PLAIN, ...unplanned() });
    if (decision.why === 'missing') return withStep(step, missingJudgement(evaluation.missing, step));
    const downgrade = this.uncovered(decision);
    return withStep(step, {
      verdict: downgrade === undefined ? decision.verdict : 'may-hit',
      certainty: downgrade === undefined ? decision.certainty : 'certain',
      reason: downgrade ?? this.reason(step.line.start, evaluation, decision),
      size: sizeOf(evaluation, this.evaluations, this.evidence, context),
      lastDurationMs: lastDuration(evaluation, this.evidence),
    });
  }

  /** Something about the whole build is not covered: no verdict is certain then. */
  private uncovered(decision: Decision): Reason | undefined {
    const { uncovered } = this.input.plan;
    if (uncovered === undefined || decision.verdict === 'unknown') return undefined;
    return { code: 'not-covered', message: uncovered };
  }

  /** What changed although the verdict is `cached`: the builder will be wrong about it. */
  problems(steps: readonly PredictedStep[]): Problem[] {
    return this.input.plan.steps.flatMap((step, index) => {
      const hidden = this.evaluations[step.vertex ?? -1]?.hidden ?? [];
      return steps[index]?.verdict === 'cached' && hidden.length > 0 ? [unnoticedProblem(hidden, step.line.start)] : [];
    });
  }

  private image(step: PlanStep): Judgement {
    const reference = step.image ?? '';
    const { options } = this.input;
    const platform = step.platform ?? '';
    const causeLine = step.line.start;
    const own = ownImage(options, reference, platform);
    const undecided = undecidedImage(options, reference, platform);
    if (undecided !== undefined) {
      const reason: Reason =
        own === undefined
          ? { code: 'image-not-local', message: `${undecided}: the build will fetch it`, causeLine }
          : { code: 'network-dependent', message: undecided, causeLine };
      return { ...PLAIN, verdict: 'may-hit', reason };
    }
    const served = registryImage(options, reference, platform);
    const isOwn = served === undefined || served.digests.some((digest) => own?.digests.includes(digest));
    if (!isOwn) return this.fetched(reference, platform, served, causeLine);
    const bytes = imageFor(options, reference, platform)?.bytes ?? own?.bytes ?? null;
    const size: StepSize = bytes === null ? UNKNOWN_SIZE : { bytes, basis: 'measured' };
    const message =
      served === undefined ? `${reference} is present` : `${reference} is present, and still the one of the registry`;
    return { ...PLAIN, verdict: 'cached', reason: { code: 'image-present', message }, size };
  }

  /** An image of a registry: fetched only when a step that is executed needs its layers, so that this is no promise. */
  private fetched(reference: string, platform: string, image: ImageInfo, causeLine: number): Judgement {
    const { registryLayers } = image;
    const fetchBytes = registryLayers?.reduce((sum, { bytes }) => sum + bytes, 0);
    const how = fetchBytes === undefined ? '' : ` (${formatBytes(fetchBytes)} compressed)`;
    const own = ownImage(this.input.options, reference, platform);
    const reason: Reason =
      own === undefined
        ? {
            code: 'image-not-local',
            message: `${reference} is not on this engine for ${platform}: the build will fetch it${how}`,
            causeLine,
          }
        : {
            code: 'base-changed',
            message: `--pull: the registry has another ${reference}: the build will fetch it${how}`,
            causeLine,
          };
    const size: StepSize =
      fetchBytes === undefined
        ? UNKNOWN_SIZE
        : { bytes: fetchBytes, basis: 'estimate', from: 'its compressed layers in the registry' };
    const layers = registryLayers === undefined ? {} : { registryLayers };
    return { ...PLAIN, verdict: 'may-hit', reason, size, ...layers };
  }

  private reason(line: number, evaluation: Evaluation, decision: Decision): Reason {
    switch (decision.why) {
      case 'live':
        return { code: 'same-as-build', message: 'an earlier build did the same and its result is still kept' };
      case 'consumer-cached':
        return { code: 'consumer-cached', message: 'what it is needed for is cached' };
      case 'pruned':
        return { code: 'record-pruned', message: 'it was built before, but its result was removed', causeLine: line };
      case 'no-cache':
        return { code: 'no-cache', message: '--no-cache asks for it', causeLine: line };
      case 'missing':
        return missingReason(evaluation.missing, line);
      case 'unreachable':
        return unreachableReason(evaluation.unreachable, line);
      case 'not-reached': {
        const cause = this.lines.get(decision.from ?? -1) ?? line;
        return { code: 'source-missing', message: `not reached: line ${cause} stops the build`, causeLine: cause };
      }
      case 'open':
        return this.openReason(line, evaluation);
      case 'parent':
        return this.parentReason(line, evaluation, decision.from ?? -1);
      case 'miss':
        return rootCause(evaluation, line, this.scope);
    }
  }

  private openReason(line: number, evaluation: Evaluation): Reason {
    const { open, difference } = evaluation;
    if (open === undefined) return { code: 'no-evidence', message: 'there is no evidence' };
    if (open.from !== undefined) {
      const cause = this.rootLine(open.from);
      if (cause !== undefined) return { code: open.code, message: open.message, causeLine: cause };
    }
    const files = difference?.comparison.result === 'unknown' ? difference.comparison.changes : [];
    if (files.length === 0) return { code: open.code, message: open.message, causeLine: line };
    return { ...filesReason(files, line), code: open.code, message: open.message };
  }

  private parentReason(line: number, evaluation: Evaluation, parent: number): Reason {
    const cause = this.rootLine(parent) ?? line;
    const ownBase = evaluation.vertex.inputs[0] === parent;
    return ownBase
      ? { code: 'parent-rebuilds', message: `follows from line ${cause}`, causeLine: cause }
      : { code: 'source-rebuilds', message: `the stage it takes files from rebuilds: line ${cause}`, causeLine: cause };
  }

  /** The line of the first step up the chain that nothing above it forces. */
  private rootLine(vertex: number): number | undefined {
    const decision = this.decisions[vertex];
    const open = this.evaluations[vertex]?.open;
    const above = decision?.why === 'parent' ? decision.from : decision?.why === 'open' ? open?.from : undefined;
    const higher = above === undefined ? undefined : this.rootLine(above);
    return higher ?? this.lines.get(vertex);
  }
}

function unplanned(): Pick<Judgement, 'verdict' | 'reason'> {
  return { verdict: 'unknown', reason: { code: 'no-evidence', message: 'there is no evidence' } };
}

function missingReason(missing: readonly string[], line: number): Reason {
  const message = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in the build context`;
  return { code: 'source-missing', message, causeLine: line };
}

function unreachableReason(folders: readonly string[], line: number): Reason {
  const names = `the ${folders.length === 1 ? 'folder' : 'folders'} ${folders.join(', ')}`;
  const message = `${names} before a wildcard ${folders.length === 1 ? 'is' : 'are'} not in the build context`;
  return { code: 'source-missing', message, causeLine: line };
}

function missingJudgement(missing: readonly string[], step: PlanStep): Judgement {
  return { ...PLAIN, verdict: 'fails', reason: missingReason(missing, step.line.start) };
}

function missingSourceProblems(steps: readonly PredictedStep[]): Problem[] {
  return steps
    .filter((step) => step.verdict === 'fails' && step.reason.code === 'source-missing')
    .map((step) => ({ code: 'copy-source-missing', message: step.reason.message, line: step.line.start }));
}
