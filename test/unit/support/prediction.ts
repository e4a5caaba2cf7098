import { createHash } from 'node:crypto';
import type { Prediction, Verdict } from '../../../core/model';
import { PLAIN_REQUEST } from '../../../core/plan/graph';
import { predictProject } from '../../../core/predict/project';

/** A prediction of a Dockerfile without an engine, with a verdict for all its steps that is given here. */
export function predictionOf(text: string, verdict: Verdict = 'unknown'): Prediction {
  const { prediction } = predictProject({
    ...{ text, dockerfile: '/work/Dockerfile', request: PLAIN_REQUEST, defaultPlatform: 'linux/amd64' },
    sha256: (data) => createHash('sha256').update(data).digest('hex'),
    ...{ remotes: undefined, downgrades: new Map(), baseline: 'engine', evidence: undefined },
    builder: { kind: 'none', name: '', engineVersion: null, buildkitVersion: null },
    noEvidence: { code: 'no-evidence', message: 'none' },
    context: { path: '/work', tree: undefined, patterns: [], problems: [], others: new Map() },
  });
  const steps = prediction.steps.map((step) => (step.verdict === 'unknown' ? { ...step, verdict } : step));
  return { ...prediction, steps };
}
