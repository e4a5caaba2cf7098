import { ChainWalk, type StepOutcome } from '../chain/walk';
import type { ChainStage, StepPlace } from '../chain/step';
import type { ContextTree } from '../context/tree';
import { UNKNOWN_SIZE, type PredictedStep, type Prediction, type Problem, type Reason, type StepSize } from '../model';
import { summarize } from '../predict/summary';
import { missReason } from './causes';
import type { ContextSums } from './contextSums';
import { hasCommand, ImageChildren, type ClassicEvidence } from './imageStore';
import { ClassicLookup } from './lookup';
import type { ClassicPlan } from './plan';
import type { ClassicProbe } from './probe';
import { unnoticedChanges } from './unnoticed';

/** What a prediction for the classic builder is made from. */
export interface ClassicInput {
  readonly dockerfile: string;
  readonly contextPath: string;
  readonly plan: ClassicPlan;
  readonly noCache: boolean;
  /** `--pull`, `--cache-from` and the like: why no verdict is certain. */
  readonly uncovered: string | undefined;
  readonly evidence: ClassicEvidence;
  readonly tree: ContextTree | undefined;
  readonly sums: ContextSums | undefined;
  readonly baseline: string;
  readonly problems: readonly Problem[];
}

const PLAIN = { certainty: 'certain', size: UNKNOWN_SIZE, lastDurationMs: null } as const;
const NO_BYTES: StepSize = { bytes: 0, basis: 'exact' };
const STOPS_THE_BUILD = ['bad-instruction', 'missing-stage', 'ignore-pattern-invalid', 'ignore-file-unreadable'];

type Judgement = Pick<PredictedStep, 'verdict' | 'certainty' | 'reason' | 'size' | 'lastDurationMs'>;

/** Predicts what the classic builder will do, instruction by instruction. A pure function of its input. */
export function predictClassic(input: ClassicInput): Prediction {
  const { plan, evidence } = input;
  const verdicts = new ClassicVerdicts(input);
  const steps = [...plan.globals.map(metadataOnly), ...plan.stages.flatMap((stage) => verdicts.stage(stage))];
  const failed = steps
    .filter(({ verdict, reason }) => verdict === 'fails' && reason.code === 'source-missing')
    .map(({ reason, line }) => ({ code: 'copy-source-missing', message: reason.message, line: line.start }));
  return {
    schemaVersion: 1,
    dockerfile: input.dockerfile,
    context: input.contextPath,
    target: plan.target,
    platform: evidence.platform,
    builder: evidence.builder,
    baseline: input.baseline,
    problems: [...input.problems, ...plan.problems, ...failed, ...verdicts.problems],
    steps,
    summary: summarize(steps),
  };
}

function withPlace(place: StepPlace, judgement: Judgement): PredictedStep {
  const { line, stage, stageIndex, instruction, text, origin } = place;
  return { line, stage, stageIndex, instruction, text, ...judgement, ...(origin === undefined ? {} : { origin }) };
}

function metadataOnly(place: StepPlace): PredictedStep {
  const reason: Reason = { code: 'metadata-only', message: 'changes only metadata: nothing is executed' };
  return withPlace(place, { ...PLAIN, verdict: 'no-layer', reason, size: NO_BYTES });
}

class ClassicVerdicts {
  readonly problems: Problem[] = [];
  private readonly children: ImageChildren;
  private readonly walk: ChainWalk<ClassicProbe>;
  private readonly broken: Problem | undefined;

  constructor(private readonly input: ClassicInput) {
    const { evidence, plan, sums, noCache } = input;
    this.children = new ImageChildren(evidence);
    this.walk = new ChainWalk(new ClassicLookup(evidence, this.children, sums), noCache);
    this.broken = [...input.problems, ...plan.problems].find(({ code }) => STOPS_THE_BUILD.includes(code));
  }

  stage(stage: ChainStage<ClassicProbe>): PredictedStep[] {
    const { broken } = this;
    const places = [stage.from, ...stage.steps];
    if (broken !== undefined) return places.map((place) => withPlace(place, this.notBegun(place, broken)));
    const { from, steps } = this.walk.stage(stage);
    return [
      withPlace(stage.from, from === undefined ? this.base(stage) : this.judge(stage.from, from, undefined)),
      ...stage.steps.map((step, index) => {
        const outcome = steps[index] ?? { kind: 'unused' };
        const probe = step.kind === 'step' ? step.probe : undefined;
        const judgement = this.judge(step, outcome, probe);
        if (judgement.verdict === 'cached' && outcome.kind === 'hit' && probe !== undefined) {
          this.noteUnnoticed(step, outcome.id, probe);
        }
        return withPlace(step, judgement);
      }),
    ];
  }

  /** The builder reads all of the file before its first step. */
  private notBegun(place: StepPlace, broken: Problem): Judgement {
    const isHere = broken.line === place.line.start && broken.code === 'bad-instruction';
    if (isHere) {
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

  private base({ base, from }: ChainStage<ClassicProbe>): Judgement {
    if (base.kind !== 'image') return metadataOnly(from);
    const image = this.input.evidence.named.get(base.name);
    if (image === undefined) {
      const message = `${base.name} is not on this engine: the build will fetch it`;
      return { ...PLAIN, verdict: 'may-hit', reason: { code: 'image-not-local', message, causeLine: from.line.start } };
    }
    const size: StepSize = image.bytes === undefined ? UNKNOWN_SIZE : { bytes: image.bytes, basis: 'measured' };
    return { ...PLAIN, verdict: 'cached', reason: { code: 'image-present', message: `${base.name} is present` }, size };
  }

  private judge(place: StepPlace, outcome: StepOutcome, probe: ClassicProbe | undefined): Judgement {
    const line = place.line.start;
    const { uncovered } = this.input;
    const isOpen = outcome.kind !== 'fails' && outcome.kind !== 'not-reached' && outcome.kind !== 'unused';
    const size = probe === undefined ? UNKNOWN_SIZE : this.size(place, probe, outcome);
    if (uncovered !== undefined && isOpen) {
      return {
        ...PLAIN,
        verdict: 'may-hit',
        reason: { code: 'not-covered', message: uncovered, causeLine: line },
        size,
      };
    }
    switch (outcome.kind) {
      case 'hit':
        return {
          ...{ ...PLAIN, verdict: 'cached', size },
          reason: { code: 'same-as-build', message: `an earlier build made it: image ${shortId(outcome.id)}` },
        };
      case 'made-before':
        return {
          ...{ ...PLAIN, verdict: 'cached', size },
          reason: {
            code: 'same-as-build',
            message: `line ${outcome.line} makes it in this build`,
            causeLine: outcome.line,
          },
        };
      case 'miss': {
        const scope = { children: this.children, evidence: this.input.evidence, tree: this.input.tree };
        const reason = missReason(line, probe, outcome.parents, scope);
        return { ...PLAIN, verdict: 'rebuild', reason, size };
      }
      case 'follows': {
        const reason: Reason = {
          ...{ code: 'parent-rebuilds', message: `follows from line ${outcome.line}`, causeLine: outcome.line },
        };
        return { ...PLAIN, verdict: 'rebuild', reason, size };
      }
      case 'no-cache': {
        const reason: Reason = { code: 'no-cache', message: '--no-cache asks for it', causeLine: line };
        return { ...PLAIN, verdict: 'rebuild', reason, size };
      }
      case 'open':
        return { ...PLAIN, verdict: 'may-hit', reason: { ...outcome.why, causeLine: outcome.line ?? line }, size };
      case 'fails':
        return { ...PLAIN, verdict: 'fails', reason: { ...outcome.why, causeLine: line } };
      case 'not-reached': {
        const message = `not reached: line ${outcome.line} stops the build`;
        return { ...PLAIN, verdict: 'unknown', reason: { code: 'source-missing', message, causeLine: outcome.line } };
      }
      case 'unused': {
        const { target } = this.input.plan;
        const reason: Reason = { code: 'not-needed', message: `target ${target} is built before this stage` };
        return { ...PLAIN, verdict: 'unused', reason };
      }
    }
  }

  /** Images of metadata have no layer of their own; the engine tells of each image how large all its layers are. */
  private size({ instruction }: StepPlace, probe: ClassicProbe, outcome: StepOutcome): StepSize {
    const { copy } = probe;
    const { evidence, sums } = this.input;
    if (copy === undefined && instruction !== 'RUN' && instruction !== 'WORKDIR') return NO_BYTES;
    const exact = copy?.from.kind === 'context' ? sums?.bytes(copy.sources, copy.isAdd) : undefined;
    if (exact !== undefined) return { bytes: exact, basis: 'exact' };
    if (evidence.store !== 'graphdriver') return UNKNOWN_SIZE;
    const own = outcome.kind === 'hit' ? this.layerOf(outcome.id) : undefined;
    if (own !== undefined) return { bytes: own, basis: 'measured' };
    for (const image of this.children.all()) {
      const bytes = hasCommand(image, probe, undefined) ? this.layerOf(image.id) : undefined;
      if (bytes !== undefined) return { bytes, basis: 'estimate', from: 'the same instruction in an earlier build' };
    }
    return UNKNOWN_SIZE;
  }

  private layerOf(id: string): number | undefined {
    const image = this.children.image(id);
    if (image?.bytes === undefined) return undefined;
    const parent = image.parent === '' ? 0 : this.children.image(image.parent)?.bytes;
    return parent === undefined ? undefined : image.bytes - parent;
  }

  private noteUnnoticed(place: StepPlace, id: string, probe: ClassicProbe): void {
    const { evidence, tree, sums } = this.input;
    const image = this.children.image(id);
    if (image === undefined) return;
    const scope = { evidence, tree, sums };
    this.problems.push(...unnoticedChanges(place.line.start, probe, image, scope));
  }
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
