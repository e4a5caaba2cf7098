import type { Prediction } from '../model';
import { holdsVariable, type StepFacts } from './facts';
import type { ChainBase, ChainStage, ChainStep } from './step';
import type { StepOutcome } from './walk';

/** A prediction for a builder of image chains, with what became of the steps of each stage. */
export interface ChainPrediction {
  readonly prediction: Prediction;
  /** Empty for a build that does not begin. */
  readonly outcomes: readonly (readonly StepOutcome[])[];
}

/**
 * An image as a step on the steps before it. The text may hold values of build arguments: it stays in memory, only
 * digests of it are written down.
 */
export interface KeptImage {
  readonly id: string;
  /** Which steps made it: the same for images that the builder does not tell apart. */
  readonly place: string;
  /** The place that it stands on; {@link NO_PLACE} for nothing. */
  readonly parent: string;
  /** The text of its last step in the history. */
  readonly text: string;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly created: number;
  /** `NAME=value` of its configuration, where the text does not tell them. */
  readonly env?: readonly string[];
  /** Of the layer of its last step, where the builder tells; 0 where that has none. Buildah: as an archive. */
  readonly bytes?: number | undefined;
}

/** What FROM scratch stands on. */
export const NO_PLACE = '';

/** The texts that the image of a step may have. */
export interface StepTexts {
  /** One of these; empty where the digest of a content in it is not known. */
  readonly exact: readonly string[];
  /** The same with something in the place of the digest. */
  readonly shaped: string;
}

/** A step with what came of it. */
export interface BasisStep {
  readonly outcome: StepOutcome;
  /** Undefined when nobody knows what it would be looked up by. */
  readonly texts: StepTexts | undefined;
  /** What it is made of; undefined when that is not known. */
  readonly facts: StepFacts | undefined;
}

/** FROM of a stage. */
export interface BasisFrom {
  readonly line: number;
  /** The image as it is named, expanded; undefined for a stage and for nothing. */
  readonly name?: string;
  /** Nothing in the line is a variable. */
  readonly isWritten: boolean;
}

/** One stage of the file, also where it is not needed. */
export interface BasisStage {
  readonly needed: boolean;
  readonly from: BasisFrom;
  /** A place, or an earlier stage; undefined when nobody knows what it stands on. */
  readonly base: string | { readonly stage: number } | undefined;
  readonly steps: readonly BasisStep[];
}

/** What a prediction for a builder of image chains was made from, as far as a later build can be compared with it. */
export interface ChainBasis {
  /** The id of the engine; empty where it has none. */
  readonly engine: string;
  /** The images that were known. */
  readonly images: readonly KeptImage[];
  /** How many global ARG come before the stages. */
  readonly globals: number;
  readonly stages: readonly BasisStage[];
}

/** What only one builder knows of its steps. */
export interface BasisWords<P> {
  readonly texts: (probe: P) => StepTexts;
  readonly facts: (step: ChainStep<P>, probe: P) => StepFacts;
  /** The place of an image as it is named. */
  readonly place: (name: string) => string | undefined;
}

/** The stages of a plan with what came of them. */
export function basisStages<P>(
  stages: readonly ChainStage<P>[],
  outcomes: readonly (readonly StepOutcome[])[],
  words: BasisWords<P>,
): BasisStage[] {
  return stages.map((stage, index) => ({
    ...{ needed: stage.needed, from: fromOf(stage), base: baseOf(stage.base, words.place) },
    steps: stage.steps.map((step, position) => {
      const probe = stage.needed && step.kind === 'step' ? step.probe : undefined;
      return {
        outcome: outcomes[index]?.[position] ?? { kind: 'unused' },
        texts: probe === undefined ? undefined : words.texts(probe),
        facts: probe === undefined ? undefined : words.facts(step, probe),
      };
    }),
  }));
}

function fromOf<P>({ base, from }: ChainStage<P>): BasisFrom {
  const name = base.kind === 'image' ? { name: base.name } : {};
  return { line: from.line.start, ...name, isWritten: !holdsVariable(from) };
}

function baseOf(base: ChainBase, placeOf: (name: string) => string | undefined): BasisStage['base'] {
  switch (base.kind) {
    case 'scratch':
      return NO_PLACE;
    case 'stage':
      return { stage: base.index };
    case 'image':
      return placeOf(base.name);
    case 'failure':
      return undefined;
  }
}
