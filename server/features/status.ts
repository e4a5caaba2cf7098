import { basename } from 'node:path';
import { parseWords } from '../../core/dockerfile/words';
import { formatDuration, type PredictedStep, type Prediction } from '../../core/model';
import type { Analysis } from '../analysis';
import { stateOf } from '../engines';
import type { DocumentStatus, LineMark, LineMarkKind } from '../protocol';
import type { ServerLedger } from '../ledger';
import { basisWords } from './explain';
import { accuracyWords } from './history';
import { calmAnswer, linePlaces } from './places';
import { escapeMarkdown, isRoot, summaryText } from './words';

/** A Dockerfile at a glance; null before it was looked at. */
export function documentStatus(analysis: Analysis, ledger: ServerLedger): DocumentStatus | null {
  const shown = analysis.shown;
  if (shown === undefined) return null;
  const answer = calmAnswer(analysis, shown);
  const { prediction } = answer;
  const place = linePlaces(answer, analysis.document.getText().split('\n'));
  const text = statusText(prediction);
  const unsaved = analysis.unsaved();
  return {
    uri: analysis.uri,
    text,
    accessibilityLabel: `${basename(prediction.dockerfile)}: ${summaryText(prediction)}`,
    tooltip: tooltip(prediction, unsaved),
    marks: marksOf(prediction).flatMap(({ line, kind }) => placed(place(line), (at) => ({ line: at, kind }))),
    rebuilds: rebuildLines(prediction).flatMap((line) => placed(place(line), (at) => at)),
    checkedAt: analysis.checkedAt ?? null,
    engine: analysis.askedEngine === undefined ? null : stateOf(analysis.askedEngine.result),
    accuracy: accuracyWords(ledger),
    unsaved,
    target: prediction.target,
    targets: prediction.steps
      .filter((step) => step.instruction === 'FROM' && step.stageIndex >= 0)
      .map((step) => ({ name: step.stage, detail: step.text })),
    arguments: argumentsOf(prediction),
  };
}

/** What is on a line of the present text; nothing for a line that is gone. */
function placed<T>(line: number | undefined, make: (line: number) => T): T[] {
  return line === undefined ? [] : [make(line)];
}

/** `5/8 cached · ≈12 s`. */
export function statusText(prediction: Prediction): string {
  const { needed, cached, fails, unknown, estimatedMs } = prediction.summary;
  if (needed === 0 || unknown === needed) return 'not predicted';
  const parts = [`${cached}/${needed} cached`];
  if (fails > 0) parts.push('fails');
  else if (estimatedMs > 0) parts.push(`≈${formatDuration(estimatedMs)}`);
  return parts.join(' · ');
}

function tooltip(prediction: Prediction, unsaved: readonly string[]): string {
  const lines = [
    `**${escapeMarkdown(basename(prediction.dockerfile))}**: ${escapeMarkdown(summaryText(prediction))}`,
    escapeMarkdown(basisWords(prediction)),
    ...unsaved.map((one) => `⚠ ${escapeMarkdown(one)}`),
  ];
  return lines.join('\n\n');
}

function markOf(step: PredictedStep): LineMarkKind | undefined {
  switch (step.verdict) {
    case 'cached':
    case 'may-hit':
    case 'fails':
      return step.verdict;
    case 'rebuild':
      return isRoot(step) ? 'rebuild' : 'rebuild-inherited';
    case 'unused':
    case 'no-layer':
    case 'unknown':
      return undefined;
  }
}

/** One mark for each line; of several steps of a line (ONBUILD) the one that matters most. */
function marksOf(prediction: Prediction): LineMark[] {
  const order: readonly LineMarkKind[] = ['fails', 'rebuild', 'may-hit', 'rebuild-inherited', 'cached'];
  const marks = new Map<number, LineMarkKind>();
  for (const step of prediction.steps) {
    const kind = step.instruction === 'FROM' && step.verdict === 'cached' ? undefined : markOf(step);
    const known = marks.get(step.line.start);
    if (kind === undefined || (known !== undefined && order.indexOf(known) <= order.indexOf(kind))) continue;
    marks.set(step.line.start, kind);
  }
  return [...marks].map(([line, kind]) => ({ line: line - 1, kind })).sort((a, b) => a.line - b.line);
}

function rebuildLines(prediction: Prediction): number[] {
  const lines = prediction.steps
    .filter(({ verdict }) => verdict === 'rebuild' || verdict === 'may-hit' || verdict === 'fails')
    .map((step) => step.line.start - 1);
  return [...new Set(lines)].sort((a, b) => a - b);
}

/** Declared by ARG, each once; the first value counts. */
function argumentsOf(prediction: Prediction): { name: string; defaultValue: string }[] {
  const found = new Map<string, string>();
  for (const step of prediction.steps) {
    if (step.instruction !== 'ARG') continue;
    for (const word of parseWords(step.text.replace(/^arg\s+/i, ''), '\\')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      if (!/^\w+$/.test(name) || found.get(name)) continue;
      found.set(name, equals < 0 ? '' : word.slice(equals + 1).replace(/^(["'])(.*)\1$/, '$2'));
    }
  }
  return [...found].map(([name, defaultValue]) => ({ name, defaultValue }));
}
