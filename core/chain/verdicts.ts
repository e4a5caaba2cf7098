import type { Downgrades } from '../ledger/accuracy';
import {
  UNKNOWN_SIZE,
  type BuilderKind,
  type PredictedStep,
  type Prediction,
  type Problem,
  type Reason,
  type StepSize,
} from '../model';
import { summarize } from '../predict/summary';
import { furtherDoubts } from './doubts';
import type { ChainStage, ChainStep, StepPlace } from './step';
import { ChainWalk, type ChainDoubts, type ChainLookup, type OpenWhy, type StepOutcome } from './walk';

/** What a prediction for a builder of image chains is made from. */
export interface ChainInput<P> {
  /** Global ARG. */
  readonly globals: readonly StepPlace[];
  readonly stages: readonly ChainStage<P>[];
  readonly target: string;
  readonly problems: readonly Problem[];
  readonly noCache: boolean;
  /** Why no verdict is certain. */
  readonly uncovered: string | undefined;
  /** Why the builder could not be asked; then only what follows from the file and the build context is said. */
  readonly unasked?: Reason | undefined;
  readonly lookup: ChainLookup<P>;
  readonly words: ChainWords<P>;
  readonly builder: BuilderKind;
  /** Classes of verdicts that were wrong and are not given. */
  readonly downgrades?: Downgrades | undefined;
  /** Steps that are open since stages may be built in another order, given what else would become of all steps. */
  readonly contested?: (outcomes: readonly (readonly StepOutcome[])[]) => ChainDoubts<P>;
}

/** Verdicts, problems and counts for all instructions of a file, in its order. */
export interface ChainVerdicts extends Pick<Prediction, 'steps' | 'problems' | 'summary'> {
  /** What becomes of the steps of each stage; empty for a build that does not begin. */
  readonly outcomes: readonly (readonly StepOutcome[])[];
}

/** What only one builder knows to say. */
export interface ChainWords<P> {
  /** Bytes of an image that a stage stands on. */
  imageBytes(name: string): number | undefined;
  size(step: StepPlace, probe: P, outcome: StepOutcome): StepSize;
  /** Why nothing that is kept on these parents fits. */
  missed(line: number, probe: P | undefined, parents: readonly string[]): Reason;
  /** What changed although the step will be taken from the cache. */
  unnoticed(line: number, probe: P, id: string): readonly Problem[];
  /** Why a stage is not built. */
  notNeeded(target: string): string;
}

const PLAIN = { certainty: 'certain', size: UNKNOWN_SIZE, lastDurationMs: null } as const;
const NO_BYTES: StepSize = { bytes: 0, basis: 'exact' };
/** Problems with which the builder does not come to its first step. */
const STOPS_THE_BUILD = ['bad-instruction', 'missing-stage', 'ignore-pattern-invalid', 'ignore-file-unreadable'];

type Judgement = Pick<PredictedStep, 'verdict' | 'certainty' | 'reason' | 'size' | 'lastDurationMs'>;

/** Predicts every instruction; without the verdicts that were wrong once, and with what follows from that. */
export function chainVerdicts<P>(input: ChainInput<P>): ChainVerdicts {
  const { globals, stages, builder, downgrades } = input;
  let doubts: ChainDoubts<P> = new Map();
  for (;;) {
    const verdicts = new Verdicts(input, doubts);
    const steps = [
      ...globals.map((place) => withPlace(place, metadataOnly())),
      ...stages.flatMap((stage) => verdicts.stage(stage)),
    ];
    if (downgrades !== undefined && downgrades.size > 0) {
      const further = furtherDoubts({ globals: globals.length, stages }, steps, builder, downgrades, doubts);
      if (further !== doubts) {
        doubts = further;
        continue;
      }
    }
    const contested: ChainDoubts<P> = input.contested?.(verdicts.outcomes) ?? new Map<ChainStep<P>, OpenWhy>();
    const fresh = [...contested].filter(([step]) => !doubts.has(step));
    if (fresh.length > 0) {
      doubts = new Map([...doubts, ...fresh]);
      continue;
    }
    const failed = steps
      .filter(({ verdict, reason }) => verdict === 'fails' && reason.code === 'source-missing')
      .map(({ reason, line }) => ({ code: 'copy-source-missing', message: reason.message, line: line.start }));
    const problems = [...input.problems, ...failed, ...verdicts.problems];
    return { steps, problems, summary: summarize(steps), outcomes: verdicts.outcomes };
  }
}

function withPlace(place: StepPlace, judgement: Judgement): PredictedStep {
  const { line, stage, stageIndex, instruction, text, origin } = place;
  return { line, stage, stageIndex, instruction, text, ...judgement, ...(origin === undefined ? {} : { origin }) };
}

function metadataOnly(): Judgement {
  const reason: Reason = { code: 'metadata-only', message: 'changes only metadata: nothing is executed' };
  return { ...PLAIN, verdict: 'no-layer', reason, size: NO_BYTES };
}

class Verdicts<P> {
  readonly problems: Problem[] = [];
  readonly outcomes: (readonly StepOutcome[])[] = [];
  private readonly walk: ChainWalk<P>;
  private readonly broken: Problem | undefined;

  constructor(
    private readonly input: ChainInput<P>,
    doubts: ChainDoubts<P>,
  ) {
    this.walk = new ChainWalk(input.lookup, input.noCache, doubts);
    this.broken = input.problems.find(({ code }) => STOPS_THE_BUILD.includes(code));
  }

  stage(stage: ChainStage<P>): PredictedStep[] {
    const { broken } = this;
    if (broken !== undefined) {
      return [stage.from, ...stage.steps].map((place) => withPlace(place, this.notBegun(place, broken)));
    }
    const { from, steps } = this.walk.stage(stage);
    this.outcomes.push(steps);
    return [
      withPlace(stage.from, from === undefined ? this.base(stage) : this.judge(stage.from, from, undefined)),
      ...stage.steps.map((step, index) => this.judged(step, steps[index] ?? { kind: 'unused' })),
    ];
  }

  private judged(step: ChainStep<P>, outcome: StepOutcome): PredictedStep {
    const probe = step.kind === 'step' ? step.probe : undefined;
    const judgement = this.judge(step, outcome, probe);
    if (judgement.verdict === 'cached' && outcome.kind === 'hit' && probe !== undefined) {
      this.problems.push(...this.input.words.unnoticed(step.line.start, probe, outcome.id));
    }
    return withPlace(step, judgement);
  }

  /** The builder reads all of the file before its first step. */
  private notBegun(place: StepPlace, broken: Problem): Judgement {
    if (broken.line === place.line.start && broken.code === 'bad-instruction') {
      const reason: Reason = { code: 'bad-instruction', message: broken.message, causeLine: place.line.start };
      return { ...PLAIN, verdict: 'fails', reason };
    }
    const where = broken.line === undefined ? broken.message : `line ${broken.line} stops the build`;
    const reason: Reason = {
      code: broken.code === 'missing-stage' ? 'missing-stage' : 'bad-instruction',
      message: `not reached: ${where}`,
      ...(broken.line === undefined ? {} : { causeLine: broken.line }),
    };
    return { ...PLAIN, verdict: 'unknown', reason };
  }

  private base({ base, from }: ChainStage<P>): Judgement {
    if (base.kind !== 'image') return metadataOnly();
    const { lookup, words, unasked } = this.input;
    if (unasked !== undefined) return { ...PLAIN, verdict: 'unknown', reason: unasked };
    if (lookup.image(base.name) === undefined) {
      const message = `${base.name} is not on this engine: the build will fetch it`;
      return { ...PLAIN, verdict: 'may-hit', reason: { code: 'image-not-local', message, causeLine: from.line.start } };
    }
    const bytes = words.imageBytes(base.name);
    const size: StepSize = bytes === undefined ? UNKNOWN_SIZE : { bytes, basis: 'measured' };
    return { ...PLAIN, verdict: 'cached', reason: { code: 'image-present', message: `${base.name} is present` }, size };
  }

  private judge(place: StepPlace, outcome: StepOutcome, probe: P | undefined): Judgement {
    const line = place.line.start;
    const { uncovered, unasked, words, target } = this.input;
    const isOpen = outcome.kind !== 'fails' && outcome.kind !== 'not-reached' && outcome.kind !== 'unused';
    const size = probe === undefined ? UNKNOWN_SIZE : words.size(place, probe, outcome);
    const plain = { ...PLAIN, size };
    const rebuild = (reason: Reason): Judgement => ({ ...plain, verdict: 'rebuild', reason });
    if (unasked !== undefined && isOpen) return { ...plain, verdict: 'unknown', reason: unasked };
    if (uncovered !== undefined && isOpen) {
      return { ...plain, verdict: 'may-hit', reason: { code: 'not-covered', message: uncovered, causeLine: line } };
    }
    switch (outcome.kind) {
      case 'hit': {
        const message = `an earlier build made it: image ${outcome.id.replace(/^sha256:/, '').slice(0, 12)}`;
        return { ...plain, verdict: 'cached', reason: { code: 'same-as-build', message } };
      }
      case 'made-before': {
        const message = `line ${outcome.line} makes it in this build`;
        return { ...plain, verdict: 'cached', reason: { code: 'same-as-build', message, causeLine: outcome.line } };
      }
      case 'miss':
        return rebuild(words.missed(line, probe, outcome.parents));
      case 'follows': {
        const message = `follows from line ${outcome.line}`;
        return rebuild({ code: 'parent-rebuilds', message, causeLine: outcome.line });
      }
      case 'no-cache':
        return rebuild({ code: 'no-cache', message: '--no-cache asks for it', causeLine: line });
      case 'open':
        return { ...plain, verdict: 'may-hit', reason: { ...outcome.why, causeLine: outcome.line ?? line } };
      case 'fails':
        return { ...plain, verdict: 'fails', reason: { ...outcome.why, causeLine: line } };
      case 'not-reached': {
        const message = `not reached: line ${outcome.line} stops the build`;
        return { ...plain, verdict: 'unknown', reason: { code: 'source-missing', message, causeLine: outcome.line } };
      }
      case 'unused':
        return { ...PLAIN, verdict: 'unused', reason: { code: 'not-needed', message: words.notNeeded(target) } };
    }
  }
}
