import type { BasisFrom, BasisStage, BasisStep, ChainBasis } from '../chain/basis';
import { withoutValues } from '../chain/facts';
import { shortDigest, type Sha256 } from '../evidence/facts';
import type { PredictedStep, Prediction } from '../model';
import { ChainGraph } from './chainGraph';
import {
  shapeOf,
  shortPlace,
  type NotedChain,
  type NotedChainStage,
  type NotedChainStep,
  type NotedFrom,
} from './notedChain';
import { RULES } from './rules';

/** A prediction with what it came from. */
export interface ChainToExplain {
  readonly prediction: Prediction;
  readonly basis: ChainBasis;
}

/** The same with what is noted of it besides. */
export interface ChainToNote extends ChainToExplain {
  /** The ignore patterns in force. */
  readonly patterns: readonly string[];
  readonly madeAt: number;
}

/** Milliseconds for which an image with nothing on it may be one of a build that still runs. */
const UNDER_WAY = 60_000;

/**
 * What is to be remembered of a prediction until a build shows whether it was right. Undefined for one that no build can
 * show it of: without the cache, against a commit, without a certain verdict, or while a build seems to run.
 */
export function noteChain(
  { prediction, basis, patterns, madeAt }: ChainToNote,
  sha256: Sha256,
): NotedChain | undefined {
  const { steps: predicted, baseline, builder, context, dockerfile, target, platform } = prediction;
  const outcomes = basis.stages.flatMap(({ steps }) => steps.map(({ outcome }) => outcome.kind));
  if (baseline !== 'engine' || outcomes.includes('no-cache')) return undefined;
  const graph = new ChainGraph(basis.images, sha256);
  const noting = new Noting(basis, graph, sha256);
  const stages = noting.stages(predicted, false);
  const isJudged = stages.some((stage) => stage?.steps.some(({ verdict }) => JUDGED.includes(verdict)) === true);
  if (!isJudged || noting.isUnderWay(madeAt)) return undefined;
  const bases = stages.flatMap((stage) => (typeof stage?.base === 'string' ? [stage.base] : []));
  return {
    ...{ rules: RULES, madeAt, builder, engine: basis.engine },
    ...{ context, dockerfile, target, platform, patterns },
    known: [...new Set(bases.flatMap((base) => graph.above(base).map(({ place }) => shortPlace(place))))],
    stages,
  };
}

/**
 * What would be built now, step by step, as it would be noted, but with what must not be written down: paths that came
 * from variables, which files are looked for by.
 */
export function presentStages({ prediction, basis }: ChainToExplain, sha256: Sha256): NotedChain['stages'] {
  return new Noting(basis, new ChainGraph(basis.images, sha256), sha256).stages(prediction.steps, true);
}

const JUDGED = ['cached', 'rebuild'];

class Noting {
  private readonly places: ReadonlyMap<string, string>;

  constructor(
    private readonly basis: ChainBasis,
    private readonly graph: ChainGraph,
    private readonly sha256: Sha256,
  ) {
    this.places = new Map(basis.images.map(({ id, place }) => [id, shortPlace(place)]));
  }

  /** @param withValues what came from variables is told as well */
  stages(predicted: readonly PredictedStep[], withValues: boolean): (NotedChainStage | null)[] {
    let index = this.basis.globals;
    return this.basis.stages.map((stage) => {
      const own = predicted.slice(index + 1, index + 1 + stage.steps.length);
      index += 1 + stage.steps.length;
      return stage.needed ? this.stage(stage, own, withValues) : null;
    });
  }

  private stage(
    { from, base, steps }: BasisStage,
    predicted: readonly PredictedStep[],
    withValues: boolean,
  ): NotedChainStage {
    const noted = steps.flatMap((step, index) => {
      const own = predicted[index];
      return own === undefined ? [] : [this.step(step, own, withValues)];
    });
    return { from: this.from(from), ...(base === undefined ? {} : { base }), steps: noted };
  }

  private from({ line, name, isWritten }: BasisFrom): NotedFrom {
    if (name === undefined) return { line };
    return { line, ...(isWritten ? { name } : {}), digest: shortDigest(this.sha256, name) };
  }

  private step(
    { outcome, texts, facts }: BasisStep,
    { line, instruction, verdict, certainty, reason }: PredictedStep,
    withValues: boolean,
  ): NotedChainStep {
    const image = outcome.kind === 'hit' && verdict === 'cached' ? this.places.get(outcome.id) : undefined;
    const noted: NotedChainStep = {
      ...{ line: line.start, instruction, verdict, certainty, code: reason.code },
      texts: (texts?.exact ?? []).map((text) => this.sha256(text)),
      ...(texts === undefined ? {} : { shape: this.sha256(shapeOf(texts.shaped)) }),
      ...(image === undefined ? {} : { image }),
      ...(facts === undefined ? {} : { facts: withValues ? facts : withoutValues(facts) }),
    };
    return noted;
  }

  /**
   * Does the first miss stand on an image that was just made and has nothing on it? A build that is under way looks so,
   * and of its second half a prediction would know only because of its first.
   */
  isUnderWay(now: number): boolean {
    return this.basis.stages.some(({ steps }) =>
      steps.some(({ outcome }) => {
        if (outcome.kind !== 'miss' || outcome.parents.length !== 1) return false;
        const parent = this.graph.image(this.places.get(outcome.parents[0] ?? '') ?? '');
        if (parent === undefined || this.graph.of(parent.place).length > 0) return false;
        const isBase = this.basis.stages.some(({ base }) => base === parent.place);
        return !isBase && now - parent.created < UNDER_WAY;
      }),
    );
  }
}
