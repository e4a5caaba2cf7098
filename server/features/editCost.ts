import { basename } from 'node:path';
import { formatDuration } from '../../core/model';
import type { Analysis } from '../analysis';
import type { EditCost } from '../protocol';

/** What a change of a file (an absolute path) costs the next build of a Dockerfile; undefined when it does not take it. */
export function editCost(analysis: Analysis, path: string): EditCost | undefined {
  const cost = analysis.whatIf.changed(path);
  const shown = analysis.shown;
  if (cost === undefined || shown === undefined || cost.takenBy.length === 0) return undefined;
  const lastMs = cost.executed.reduce((sum, step) => sum + (step.lastDurationMs ?? 0), 0);
  const unknown = cost.executed.filter((step) => step.lastDurationMs === null).length;
  const dockerfile = basename(shown.prediction.dockerfile);
  const steps = `${cost.executed.length} ${cost.executed.length === 1 ? 'step' : 'steps'}`;
  const verb = cost.executed.length === 1 ? 'rebuilds' : 'rebuild';
  const time = lastMs === 0 ? '' : `, ≈${formatDuration(lastMs)}`;
  return {
    uri: analysis.uri,
    dockerfile,
    takenBy: cost.takenBy.map((step) => step.line.start - 1),
    lines: cost.executed.map((step) => step.line.start - 1),
    lastMs,
    unknown,
    text: `${dockerfile}: ${steps} ${verb}${time}`,
  };
}
