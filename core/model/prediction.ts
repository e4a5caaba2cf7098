import type { Certainty, Reason, StepSize, Verdict } from './verdict';

/** The family of builder that a prediction is for. */
export type BuilderKind = 'buildkit' | 'classic' | 'buildah' | 'none';

/** 1-based, inclusive line range. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** A fact about the input that the user should know, anchored to a line where there is one. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
}

/** The prediction for one instruction. */
export interface PredictedStep {
  readonly line: LineRange;
  /** Name of the stage (or its index as text); empty for global ARG. */
  readonly stage: string;
  /** 0-based; -1 for a global ARG. */
  readonly stageIndex: number;
  /** Upper-case keyword. */
  readonly instruction: string;
  /** The instruction on one line, continuations joined. */
  readonly text: string;
  readonly verdict: Verdict;
  readonly certainty: Certainty;
  readonly reason: Reason;
  readonly size: StepSize;
  /** What the step cost when it was last executed, in milliseconds; null when that is not known. */
  readonly lastDurationMs: number | null;
  readonly origin?: 'onbuild';
  /** FROM: the layers of an image that has to be fetched, where its registry was asked; those that are there already too. */
  readonly registryLayers?: readonly RegistryLayer[];
}

/** A layer of an image as its registry keeps it. */
export interface RegistryLayer {
  /** `sha256:…` of what is sent. */
  readonly digest: string;
  /** Bytes that are sent, which mostly are compressed. */
  readonly bytes: number;
}

/** Counts over RUN, COPY, ADD and WORKDIR steps. */
export interface PredictionSummary {
  /** Steps that the target needs. */
  readonly needed: number;
  readonly cached: number;
  readonly rebuild: number;
  readonly mayHit: number;
  readonly fails: number;
  readonly unused: number;
  readonly unknown: number;
  /** Known bytes of all needed steps. */
  readonly bytes: number;
  /** How many needed steps have no known size. */
  readonly bytesUnknown: number;
  /** Sum of the last durations of the steps that will be executed, in milliseconds. */
  readonly estimatedMs: number;
}

/** The builder that was asked about. */
export interface BuilderInfo {
  readonly kind: BuilderKind;
  readonly name: string;
  readonly engineVersion: string | null;
  readonly buildkitVersion: string | null;
  /** What decides that this builder is meant, where it is not the usual one. */
  readonly chosenBy?: string;
}

/** The document that `layer-insight predict --json` prints; the editor receives the same. */
export interface Prediction {
  readonly schemaVersion: 1;
  readonly dockerfile: string;
  readonly context: string;
  readonly target: string;
  readonly platform: string;
  readonly builder: BuilderInfo;
  readonly baseline: string;
  readonly problems: readonly Problem[];
  readonly steps: readonly PredictedStep[];
  readonly summary: PredictionSummary;
}
