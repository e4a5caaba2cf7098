import { formatBytes, formatDuration, type ByteUnits } from '../model';
import { accuracyInWords, type Accuracy, type Mistake } from './accuracy';
import type { BuildRow } from './builds';
import type { Explanation } from './explain';
import { classInWords } from './verdictClass';

/** Letters of an id that are shown. */
const SHOWN = 12;
const KEPT_MISTAKES = 50;

/** A moment as people read it, in universal time. */
export function timeInWords(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The accuracy as a text: a sentence, a table of classes, and what went wrong. */
export function accuracyReport(accuracy: Accuracy): string {
  const { likely, classes, mistakes } = accuracy;
  const words = accuracyInWords(accuracy);
  if (words === undefined && likely.total === 0) {
    return 'No prediction was followed by a build that could be compared with it yet.\n';
  }
  const rows = classes.map(
    ({ class: name, right, wrong, downgraded }) =>
      `${String(right).padStart(7)}  ${String(wrong).padStart(7)}  ${classInWords(name)}${downgraded ? ', not claimed any more' : ''}`,
  );
  return [
    words ?? 'certain verdicts: none judged',
    ...(likely.total === 0 ? [] : [`likely verdicts: ${likely.right} of ${likely.total} right`]),
    '',
    `${'right'.padStart(7)}  ${'wrong'.padStart(7)}  verdict`,
    ...rows,
    ...(mistakes.length === 0 ? [] : ['', ...mistakes.slice(0, KEPT_MISTAKES).map(mistakeInWords)]),
    '',
  ].join('\n');
}

function mistakeInWords({ ref, at, line, class: name, actual, follows, dockerfile }: Mistake): string {
  const done = actual === 'cached' ? 'the builder had a cached result' : 'the builder executed it';
  const what = `line ${line}, ${classInWords(name)}: ${done}${follows ? ' (follows from another mistake)' : ''}`;
  return `${timeInWords(at)}  ${ref.slice(0, SHOWN)}  ${dockerfile}: ${what}`;
}

/** The builds as a table. */
export function buildsTable(rows: readonly BuildRow[], units: ByteUnits = 'si'): string {
  if (rows.length === 0) return 'No build of this Dockerfile is remembered.\n';
  const lines = rows.map(({ ref, startedAt, durationMs, result, cached, executed, verdicts, ...row }) =>
    [
      ref.slice(0, SHOWN).padEnd(SHOWN),
      timeInWords(startedAt),
      formatDuration(durationMs).padStart(8),
      result === 'completed' ? `${cached} cached, ${executed} executed` : `no steps noted (${endInWords(result)})`,
      ...(result === 'completed' ? [`size ${sizeChangeInWords(row, units)}`] : []),
      ...(verdicts === null ? [] : [`predicted: ${verdicts.right} right, ${verdicts.wrong} wrong`]),
    ].join('  '),
  );
  return [...lines, ''].join('\n');
}

/** How a build ended that did not come to its end; the word for one that was stopped is that of the command. */
export function endInWords(result: BuildRow['result']): string {
  return result === 'unknown' ? 'failed or stopped' : result === 'canceled' ? 'stopped' : result;
}

/** `+1.2 MB`, `≈-300 kB`, `+1 MB packed`, `unchanged`, `about the same`, `change unknown`. */
export function sizeChangeInWords(
  { bytesChange, changeBasis }: Pick<BuildRow, 'bytesChange' | 'changeBasis'>,
  units: ByteUnits,
): string {
  if (bytesChange === null) return 'change unknown';
  const isEstimate = changeBasis === 'estimate';
  if (bytesChange === 0) return isEstimate ? 'about the same' : 'unchanged';
  const bytes = formatBytes(Math.abs(bytesChange), units);
  return `${isEstimate ? '≈' : ''}${bytesChange > 0 ? '+' : '-'}${bytes}${changeBasis === 'packed' ? ' packed' : ''}`;
}

/** `1.2 MB`, `≈300 kB`, `1 MB packed`, `unknown`. */
export function sizeInWords({ bytes, bytesBasis }: Pick<BuildRow, 'bytes' | 'bytesBasis'>, units: ByteUnits): string {
  if (bytes === null) return 'unknown';
  return `${bytesBasis === 'estimate' ? '≈' : ''}${formatBytes(bytes, units)}${bytesBasis === 'packed' ? ' packed' : ''}`;
}

/** What an explanation is about. */
export interface ExplainedNames {
  readonly before: string;
  readonly after: string;
}

/** An explanation as a text. */
export function explanationReport({ before, after }: ExplainedNames, explanation: Explanation): string {
  const { difference, executed, notes } = explanation;
  const lines = [`from  ${before}`, `to    ${after}`, ''];
  if (difference === undefined) lines.push('Nothing that is known of their steps differs.');
  else {
    const { line, otherLine, instruction, message, certainty, files = [], fileCount } = difference;
    const moved = line !== null && otherLine !== null && line !== otherLine ? ` (line ${otherLine} before)` : '';
    const likely = certainty === 'likely' ? 'likely: ' : '';
    lines.push(`First difference: line ${line ?? otherLine ?? 0}${moved}, ${instruction}`, `  ${likely}${message}`);
    if (files.length > 1) lines.push(...files.map(({ path, change }) => `    ${path} (${change})`));
    if (fileCount !== undefined) lines.push(`    … ${fileCount} files in all`);
  }
  if (executed.length > 0) lines.push('', `Executed: line${executed.length === 1 ? '' : 's'} ${executed.join(', ')}`);
  if (notes.length > 0) lines.push('', ...notes.map((note) => `Note: ${note}`));
  return [...lines, ''].join('\n');
}
