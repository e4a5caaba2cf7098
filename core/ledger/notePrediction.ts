import type { ContextTree } from '../context/tree';
import { knownChanges } from '../context/unchanged';
import type { Evidence } from '../evidence/evidence';
import type { Sha256 } from '../evidence/facts';
import type { InputUse } from '../llb/contentInputs';
import type { Prediction } from '../model';
import type { Plan, PlanOptions, Vertex } from '../plan/graph';
import { imageFor, ownImage } from '../plan/images';
import type { Evaluation } from '../predict/evaluate';
import type { BuildkitBasis } from '../predict/project';
import { chainDigests, imageKey, type ChainLink } from './chain';
import type { NotedPrediction, NotedStep } from './ledger';
import { RULES } from './rules';

/** A prediction with what it came from. */
export interface PredictionToNote extends BuildkitBasis {
  readonly prediction: Prediction;
  readonly patterns: readonly string[];
  /** When the last complete look at the build context began; undefined without one. */
  readonly lookedAt: number | undefined;
  /** The context, where it is as it was when the prediction was made. */
  readonly tree?: ContextTree | undefined;
  readonly madeAt: number;
}

const JUDGED = ['cached', 'rebuild'];
const OPERATIONS = ['exec', 'file'];

/**
 * What is to be remembered of a prediction until a build shows whether it was right. Undefined for one that no build can
 * show it of: results that the build may not take, or takes from elsewhere, are promises about another thing.
 */
export function notePrediction(made: PredictionToNote, sha256: Sha256): NotedPrediction | undefined {
  const { prediction, plan, options, evaluations, evidence, patterns, lookedAt, madeAt } = made;
  if (options.noCache || options.noCacheFilter.length > 0 || options.cacheFrom.length > 0) return undefined;
  if (evidence === undefined || prediction.baseline !== 'engine') return undefined;
  const chains = chainDigests(
    plan.vertices.map((vertex) => linkOf(vertex, evaluations[vertex.id])),
    sha256,
  );
  const seen = new Set<number>();
  const steps: NotedStep[] = [];
  for (const [index, planned] of plan.steps.entries()) {
    const step = prediction.steps[index];
    const { vertex } = planned;
    const evaluation = evaluations[vertex ?? -1];
    // lines that are one step to the builder are one verdict
    if (step === undefined || vertex === undefined || evaluation === undefined || seen.has(vertex)) continue;
    seen.add(vertex);
    const chain = chains[vertex];
    if (chain === undefined || !JUDGED.includes(step.verdict) || !OPERATIONS.includes(evaluation.vertex.op.kind))
      continue;
    steps.push({
      line: step.line.start,
      instruction: step.instruction,
      ...{ verdict: step.verdict, certainty: step.certainty, code: step.reason.code },
      ...{ opDigest: evaluation.opDigest, chain },
      records: evaluation.live ? recordsOf(evaluation, evidence) : [],
    });
  }
  const [newest] = [...evidence.builds].sort((a, b) => b.completedAt - a.completedAt);
  const root = plan.root === undefined ? undefined : chains[plan.root];
  return {
    ...{ rules: RULES, madeAt },
    ...(lookedAt === undefined ? {} : { lookedAt }),
    ...(made.tree === undefined ? {} : { known: knownChanges(made.tree, contextUses(evaluations), patterns) }),
    knownTo: newest?.completedAt ?? 0,
    ...(newest === undefined ? {} : { knownRef: newest.ref }),
    builder: prediction.builder,
    ...{ context: prediction.context, dockerfile: prediction.dockerfile },
    ...{ target: prediction.target, platform: prediction.platform },
    ...(root === undefined ? {} : { root }),
    patterns,
    images: imagesOf(plan, options),
    steps,
  };
}

/** What is taken from the build context. */
function contextUses(evaluations: readonly Evaluation[]): InputUse[] {
  return evaluations.flatMap(({ vertex, uses }) =>
    uses.filter((_, position) => evaluations[vertex.inputs[position] ?? -1]?.vertex.op.kind === 'local'),
  );
}

function linkOf({ op, inputs }: Vertex, evaluation: Evaluation | undefined): ChainLink {
  return {
    ...{ kind: op.kind, inputs, opDigest: evaluation?.opDigest ?? '', uses: evaluation?.uses ?? [] },
    ...(op.kind === 'image' ? { imageReference: op.ref, imagePlatform: op.platform } : {}),
    isOpen: op.kind === 'remote' && op.checksum === '',
  };
}

function recordsOf({ classes }: Evaluation, { join }: Evidence): string[] {
  const live = [...classes].filter((one) => join.liveness(one) === 'live');
  return [...new Set(live.flatMap((one) => [...join.records(one)].map(({ id }) => id)))];
}

function imagesOf(plan: Plan, options: PlanOptions): Record<string, readonly string[]> {
  const images: Record<string, readonly string[]> = {};
  for (const { op } of plan.vertices) {
    if (op.kind !== 'image') continue;
    const known = [imageFor(options, op.ref, op.platform), ownImage(options, op.ref, op.platform)];
    const [expected, own] = known;
    if (expected === undefined) continue;
    // an image that the engine has is the same one under its layers and under its manifest
    const same = own !== undefined && own.chainId === expected.chainId ? own.digests : [];
    images[imageKey(op.ref, op.platform)] = [expected.chainId, ...expected.digests, ...same];
  }
  return images;
}
