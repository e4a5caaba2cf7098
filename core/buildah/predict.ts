import { chainVerdicts, type ChainWords } from '../chain/verdicts';
import type { StepPlace } from '../chain/step';
import type { ContextTree } from '../context/tree';
import type { ChainPrediction } from '../chain/basis';
import type { StepOutcome } from '../chain/walk';
import type { Downgrades } from '../ledger/accuracy';
import { UNKNOWN_SIZE, type Prediction, type Problem, type Reason, type StepSize } from '../model';
import type { ContextCopies } from './contextCopies';
import { HistoryIndex, lastText, type BuildahEvidence } from './imageStore';
import { BuildahLookup } from './lookup';
import type { BuildahPlan } from './plan';
import type { BuildahProbe } from './probe';
import { contestedSteps } from './stageOrder';
import { unnoticedByBuildah } from './unnoticed';

/** What a prediction for Buildah is made from. */
export interface BuildahInput {
  readonly dockerfile: string;
  readonly contextPath: string;
  readonly plan: BuildahPlan;
  readonly noCache: boolean;
  /** Why no verdict is certain. */
  readonly uncovered: string | undefined;
  /** Why the store could not be asked: then the evidence is empty. */
  readonly unasked?: Reason | undefined;
  readonly evidence: BuildahEvidence;
  readonly copies: ContextCopies | undefined;
  readonly tree: ContextTree | undefined;
  readonly baseline: string;
  readonly problems: readonly Problem[];
  /** Classes of verdicts that were wrong and are not given. */
  readonly downgrades?: Downgrades | undefined;
}

/** Bytes below which the size of an archive says little about the files in it. */
const SMALL_ARCHIVE = 1_000_000;
const NO_BYTES: StepSize = { bytes: 0, basis: 'exact' };

/** Predicts what Buildah (`podman build`) will do, instruction by instruction. A pure function of its input. */
export function predictBuildah(input: BuildahInput): ChainPrediction {
  const { plan, evidence, uncovered, unasked, copies } = input;
  const index = new HistoryIndex(evidence);
  const { globals, stages, target } = plan;
  const lookup = new BuildahLookup(evidence, index, copies, stages);
  const { outcomes, ...verdicts } = chainVerdicts({
    ...{ builder: evidence.builder.kind, downgrades: input.downgrades },
    ...{ globals, stages, target, uncovered, unasked },
    noCache: input.noCache || !evidence.usesLayers,
    problems: [...input.problems, ...plan.problems],
    ...{ lookup, contested: (outcomes) => contestedSteps(stages, outcomes, lookup) },
    words: new BuildahWords(input, index),
  });
  const prediction: Prediction = {
    schemaVersion: 1,
    dockerfile: input.dockerfile,
    context: input.contextPath,
    target,
    platform: evidence.platform,
    builder: evidence.builder,
    baseline: input.baseline,
    ...verdicts,
  };
  return { prediction, outcomes };
}

class BuildahWords implements ChainWords<BuildahProbe> {
  constructor(
    private readonly input: BuildahInput,
    private readonly index: HistoryIndex,
  ) {}

  imageBytes(name: string): number | undefined {
    return this.input.evidence.named.get(name)?.bytes;
  }

  notNeeded(target: string): string {
    return `target ${target} does not need this stage`;
  }

  missed(line: number, probe: BuildahProbe | undefined, parents: readonly string[]): Reason {
    const copy = probe?.copy;
    const siblings = parents.flatMap((parent) => this.index.of(parent, probe?.hasLayer ?? false));
    const like = siblings.map(lastText).filter((text) => probe !== undefined && text.startsWith(probe.text));
    if (copy !== undefined && like.some((text) => text.endsWith(copy.after))) {
      return { code: 'file-changed', message: 'its files are others than before', causeLine: line };
    }
    const ownCommand = commandOf(probe?.text ?? '');
    if (probe !== undefined && copy === undefined && siblings.some((one) => commandOf(lastText(one)) === ownCommand)) {
      return { code: 'argument-changed', message: 'a build argument has another value', causeLine: line };
    }
    return { code: 'never-built', message: 'no image on this parent was made by this instruction', causeLine: line };
  }

  size({ instruction }: StepPlace, { copy }: BuildahProbe, outcome: StepOutcome): StepSize {
    if (copy === undefined && instruction !== 'RUN') return NO_BYTES;
    const isExact = copy?.from.kind === 'context' && copy.open === undefined;
    const exact = isExact ? this.input.copies?.bytes(copy) : undefined;
    if (exact !== undefined) return { bytes: exact, basis: 'exact' };
    const bytes = outcome.kind === 'hit' ? this.archiveOf(outcome.id, outcome.parent) : undefined;
    // the store tells how large images are as archives, headers included
    return bytes === undefined ? UNKNOWN_SIZE : { bytes, basis: 'estimate', from: 'the archive of its layer' };
  }

  private archiveOf(id: string, parent: string): number | undefined {
    const [own, under] = [this.index.image(id)?.bytes, this.index.image(parent)?.bytes];
    if (own === undefined || under === undefined) return undefined;
    // of few small files an archive is mostly headers
    return own - under < SMALL_ARCHIVE ? undefined : own - under;
  }

  unnoticed(line: number, probe: BuildahProbe, id: string): readonly Problem[] {
    const image = this.index.image(id);
    if (image === undefined) return [];
    const { tree, evidence } = this.input;
    return unnoticedByBuildah(line, probe, image, { tree, evidence });
  }
}

/** A RUN without the arguments before it. */
function commandOf(text: string): string {
  return /^\|\d+ .*?\/bin\/sh -c (.*)$/s.exec(text)?.[1] ?? /^\/bin\/sh -c (.*)$/s.exec(text)?.[1] ?? text;
}
