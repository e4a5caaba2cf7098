import type { PredictedStep, PredictionSummary } from '../model';

const COUNTED = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

/** Counts over RUN, COPY, ADD and WORKDIR steps; what the target does not need is only counted as unused. */
export function summarize(steps: readonly PredictedStep[]): PredictionSummary {
  const counted = steps.filter((step) => COUNTED.includes(step.instruction) && step.verdict !== 'no-layer');
  const needed = counted.filter((step) => step.verdict !== 'unused');
  const count = (verdict: PredictedStep['verdict']) => counted.filter((step) => step.verdict === verdict).length;
  const executed = needed.filter((step) => step.verdict === 'rebuild');
  return {
    needed: needed.length,
    cached: count('cached'),
    rebuild: count('rebuild'),
    mayHit: count('may-hit'),
    fails: count('fails'),
    unused: count('unused'),
    unknown: count('unknown'),
    bytes: needed.reduce((sum, step) => sum + (step.size.bytes ?? 0), 0),
    bytesUnknown: needed.filter((step) => step.size.bytes === null).length,
    estimatedMs: executed.reduce((sum, step) => sum + (step.lastDurationMs ?? 0), 0),
  };
}
