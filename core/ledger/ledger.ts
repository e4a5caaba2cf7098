import type { KnownChanges } from '../context/unchanged';
import type { BuilderInfo, Certainty, ReasonCode, Verdict } from '../model';

/** What was predicted for one instruction; digests only. */
export interface NotedStep {
  readonly line: number;
  readonly instruction: string;
  readonly verdict: Verdict;
  readonly certainty: Certainty;
  readonly code: ReasonCode;
  readonly opDigest: string;
  /** Which operation on which operations it is (ledger/chain.ts). */
  readonly chain: string;
  /** Ids of the cache records that a hit was promised on. */
  readonly records: readonly string[];
}

/** A prediction as it is kept until the build that it was made for: no text, no value of an argument. */
export interface NotedPrediction {
  readonly rules: number;
  /** When it was made, in milliseconds since the epoch by this machine's clock. */
  readonly madeAt: number;
  /** When the last complete look at the build context began; undefined without one. */
  readonly lookedAt?: number;
  /** Paths that changed after that look, and were looked at since: with the time of their last change. */
  readonly known?: KnownChanges;
  /** End of the newest build that was known, by the engine's clock. */
  readonly knownTo: number;
  /** Its id: another builder does not know it. Undefined when none was known. */
  readonly knownRef?: string;
  readonly builder: BuilderInfo;
  /** Real absolute path. */
  readonly context: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly target: string;
  readonly platform: string;
  /** {@link NotedStep.chain} of the result of the build. */
  readonly root?: string;
  /** The ignore patterns in force. */
  readonly patterns: readonly string[];
  /** By `imageKey`: the digests under which the engine knows the image that was expected. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  readonly steps: readonly NotedStep[];
}

/** Why a step of a build says nothing about a prediction. */
export type NotJudged =
  'another-step' | 'another-target' | 'another-image' | 'other-files' | 'another-build' | 'removed-result' | 'unclear';

/** A verdict that the builder contradicted. */
export interface Mismatch {
  readonly line: number;
  readonly instruction: string;
  readonly class: string;
  /** What the builder did. */
  readonly actual: 'cached' | 'executed';
  /** It follows from a wrong verdict on another step, so that its own rule is not to blame. */
  readonly follows: boolean;
}

/** How many verdicts of a class were right and wrong. */
export type Score = readonly [right: number, wrong: number];

/** What one build says of the prediction that was made for it. */
export interface Comparison {
  readonly classes: Readonly<Record<string, Score>>;
  readonly mismatches: readonly Mismatch[];
  /** How many verdicts could not be judged, by reason. */
  readonly notJudged: Readonly<Partial<Record<NotJudged, number>>>;
}

/** The record of one build that was compared. */
export interface LedgerEntry extends Comparison {
  readonly ref: string;
  /** When the build ended, in milliseconds since the epoch. */
  readonly at: number;
  readonly rules: number;
  readonly dockerfile: string;
}
