import type { LineRange } from '../model';

/** Where an instruction stands: what every planner of a builder that makes one image after the other tells of it. */
export interface StepPlace {
  readonly line: LineRange;
  /** Name of the stage, or its index as text; empty for a global ARG. */
  readonly stage: string;
  /** -1 for a global ARG. */
  readonly stageIndex: number;
  /** Upper case. */
  readonly instruction: string;
  readonly text: string;
  readonly origin?: 'onbuild';
}

/** An instruction that makes an image, or the reason why the build ends at it. */
export type ChainStep<P> = StepPlace &
  (
    | { readonly kind: 'step'; readonly probe: P }
    /** The build stops here. */
    | { readonly kind: 'failure'; readonly message: string }
    /** What it would be looked up by is not known. */
    | { readonly kind: 'open'; readonly message: string }
  );

/** What a stage stands on. */
export type ChainBase =
  | { readonly kind: 'scratch' }
  /** An earlier stage, by its index. */
  | { readonly kind: 'stage'; readonly index: number }
  /** An image, as it is named. */
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'failure'; readonly message: string };

/** A stage as it will be built. */
export interface ChainStage<P> {
  readonly index: number;
  readonly label: string;
  readonly from: StepPlace;
  readonly base: ChainBase;
  /** ONBUILD triggers of the base first. */
  readonly steps: readonly ChainStep<P>[];
  /** It is built for the target. */
  readonly needed: boolean;
}
