import { formatDuration, type ByteUnits, type PredictedStep, type Prediction } from '../../core/model';
import { basisWords, changeWords } from './explain';
import { shortSize, summaryText, verdictWords } from './words';

/** Files that are named for one step. */
const MAX_FILES = 10;

/** The whole prediction as plain text, for reading aloud and for tickets. */
export function report(prediction: Prediction, units: ByteUnits, unsaved: readonly string[]): string {
  const lines = [prediction.dockerfile, basisWords(prediction), summaryText(prediction), ''];
  for (const warning of unsaved) lines.push(`Note: ${warning}`);
  for (const { message, line } of prediction.problems)
    lines.push(line === undefined ? `Problem: ${message}` : `Problem on line ${line}: ${message}`);
  if ((lines.at(-1) ?? '') !== '') lines.push('');
  for (const step of prediction.steps) lines.push(...stepLines(step, units));
  return `${lines.join('\n')}\n`;
}

function stepLines(step: PredictedStep, units: ByteUnits): string[] {
  const head = `Line ${step.line.start}: ${step.origin === 'onbuild' ? 'ONBUILD ' : ''}${step.text}`;
  if (step.verdict === 'no-layer') return [head];
  const size = step.verdict === 'unused' ? '' : shortSize(step.size, units);
  const time = step.lastDurationMs === null ? '' : `last time ${formatDuration(step.lastDurationMs)}`;
  const facts = [`${verdictWords(step)}: ${step.reason.message}`, size, time].filter((fact) => fact !== '');
  const { files = [], fileCount = files.length } = step.reason;
  const named = files.slice(0, MAX_FILES).map((file) => `    ${file.path} ${changeWords(file)}`);
  const more = fileCount > named.length ? [`    … and ${fileCount - named.length} more`] : [];
  return [head, `  ${facts.join('; ')}`, ...named, ...more];
}
