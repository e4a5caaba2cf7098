import type { Outcome } from '../../judge/index.js';
import type { Verdict } from '../predictor.js';

/** A line of a Dockerfile with what the builder does for it, and what can be known of that before. */
export interface Line {
  /** May be several lines (a here-document, a continuation). `{base}` and `{marker}` are replaced. */
  readonly text: string;
  readonly outcome: Outcome;
  /**
   * The right verdict; `may-hit` where only the build decides. A `rebuild` has to be certain. Undefined for lines of
   * {@link unsure} alone, of which more than one answer is honest: a wrong certain one is refused there, too.
   */
  readonly verdict: Verdict | undefined;
}

/** A text without a judgement is metadata: it has no step. */
export type Step = string | Line;

/** The builder takes it from its cache, and that can be known. */
export const hit = (text: string): Line => ({ text, outcome: 'cached', verdict: 'cached' });

/** The builder executes it, and that can be known. */
export const miss = (text: string): Line => ({ text, outcome: 'executed', verdict: 'rebuild' });

/** The build ends there, and that can be known. */
export const fails = (text: string): Line => ({ text, outcome: 'failed', verdict: 'fails' });

/** The builder takes it from its cache, which only the build decides (what a stage writes, what a server answers). */
export const openHit = (text: string): Line => ({ text, outcome: 'cached', verdict: 'may-hit' });

/** The builder executes it, which only the build decides. */
export const openMiss = (text: string): Line => ({ text, outcome: 'executed', verdict: 'may-hit' });

/** The same, but how much can be known of it depends on what was seen before: only a wrong certain verdict is refused. */
export const unsure = (line: Line): Line => ({ ...line, verdict: undefined });

export const textOf = (step: Step): string => (typeof step === 'string' ? step : step.text);

/** A numbered line of a written Dockerfile with what is expected of it. */
export interface Placed extends Line {
  /** 1-based. */
  readonly start: number;
}

/** The steps that say what is expected of them, with their line numbers; lines are joined with one line end each. */
export function placed(steps: readonly Step[]): Placed[] {
  const found: Placed[] = [];
  let start = 1;
  for (const step of steps) {
    if (typeof step !== 'string') found.push({ ...step, start });
    start += textOf(step).split('\n').length;
  }
  return found;
}
