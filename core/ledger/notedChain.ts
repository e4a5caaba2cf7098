import type { StepFacts } from '../chain/facts';
import type { BuilderInfo, Certainty, ReasonCode, Verdict } from '../model';

/** What was predicted for one step of a chain of images; digests only. */
export interface NotedChainStep {
  readonly line: number;
  readonly instruction: string;
  readonly verdict: Verdict;
  readonly certainty: Certainty;
  readonly code: ReasonCode;
  /** Digests of the texts that its image may have in the history; empty where that is not known. */
  readonly texts: readonly string[];
  /** The digest of that text without the digests of contents in it; undefined when nothing is known. */
  readonly shape?: string;
  /** For a hit that was promised: {@link shortPlace} of its image. */
  readonly image?: string;
  /** What it is made of; undefined when nobody knows, or in what was noted by a version that did not look. */
  readonly facts?: StepFacts;
}

/** FROM of a stage that is built. */
export interface NotedFrom {
  readonly line: number;
  /** The image as it is named, where no variable takes part in it. */
  readonly name?: string;
  /** A digest of the name, also where one does; undefined for a stage and for nothing. */
  readonly digest?: string;
}

/** One stage that is built. */
export interface NotedChainStage {
  /** Undefined in what was noted by a version that did not look. */
  readonly from?: NotedFrom;
  /** A place, or an earlier stage; undefined when nobody knows what it stands on. */
  readonly base?: string | { readonly stage: number };
  readonly steps: readonly NotedChainStep[];
}

/**
 * A prediction for a builder whose images are its cache, as it is kept until the build that it was made for. Histories
 * hold values of arguments: of their texts there are only digests.
 */
export interface NotedChain {
  readonly rules: number;
  /** When it was made, in milliseconds since the epoch by this machine's clock. */
  readonly madeAt: number;
  readonly builder: BuilderInfo;
  /** The id of the engine; empty where it has none. */
  readonly engine: string;
  /** Real absolute path. */
  readonly context: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly target: string;
  readonly platform: string;
  /** The ignore patterns in force. */
  readonly patterns: readonly string[];
  /** {@link shortPlace} of each image that stood on a base of it. */
  readonly known: readonly string[];
  /** By index; null for one that is not built. */
  readonly stages: readonly (NotedChainStage | null)[];
}

/** Letters that tell a place from all others of an engine. */
const SHORT = 16;

/** The beginning of a place: enough to know it again. */
export function shortPlace(place: string): string {
  return place.replace(/^sha256:/, '').slice(0, SHORT);
}

/** A text of a history without the digests of contents in it. */
export function shapeOf(text: string): string {
  return (
    text
      // how a HEALTHCHECK is written down differs between releases
      .replace(/(#\(nop\) +HEALTHCHECK) .*$/s, '$1')
      // of what a RUN mounts
      .replace(/(?::sha256:[0-9a-f]{64})+$/, '')
      .replace(/(?:(?:file|dir|multi):)?[0-9a-f]{64}/g, '*')
  );
}
