import {
  formatDuration,
  type BuildStep,
  type LiveBuild,
  type PredictedStep,
  type Prediction,
  type StepComparison,
} from '../model';

/** What is a step to every builder; to those whose images are their cache, every instruction is one. */
const STEPS = ['RUN', 'COPY', 'ADD', 'WORKDIR'];
const NOT_BUILT: readonly BuildStep['state'][] = ['unused', 'no-layer'];

/** Bytes of a layer now and in the build before; undefined where that is not known. */
export interface StepBytes {
  readonly bytes?: number | undefined;
  readonly lastBytes?: number | undefined;
}

/**
 * What had been predicted for each step beside what the builder did. FROM is no step that could be right or wrong.
 *
 * @param bytesOf sizes by the index of the step
 */
export function compareWithPrediction(
  live: LiveBuild,
  prediction: Prediction,
  bytesOf: (index: number) => StepBytes = () => ({}),
): StepComparison[] {
  return prediction.steps.flatMap((predicted, index) => {
    const step = live.steps[index];
    if (step === undefined || !isCompared(predicted, step, live)) return [];
    const actual = actualOf(step);
    const { bytes, lastBytes } = bytesOf(index);
    return [
      {
        ...{ line: step.line, instruction: step.instruction, text: step.text },
        ...{ predicted: predicted.verdict, actual, verdict: verdictOn(predicted, actual) },
        durationMs: actual === 'executed' || actual === 'failed' ? step.durationMs : null,
        ...{ lastDurationMs: predicted.lastDurationMs, bytes: bytes ?? null, lastBytes: lastBytes ?? null },
      },
    ];
  });
}

function isCompared({ instruction, verdict }: PredictedStep, { state }: BuildStep, { builder }: LiveBuild): boolean {
  if (instruction === 'FROM' || NOT_BUILT.includes(state) || verdict === 'no-layer') return false;
  return builder !== 'buildkit' ? instruction !== 'ARG' || state !== 'waiting' : STEPS.includes(instruction);
}

function actualOf({ state }: BuildStep): StepComparison['actual'] {
  if (state === 'cached') return 'cached';
  if (state === 'done') return 'executed';
  if (state === 'failed') return 'failed';
  if (state === 'canceled') return 'stopped';
  return state === 'not-reached' ? 'not-reached' : 'not-told';
}

function verdictOn({ verdict, certainty }: PredictedStep, actual: StepComparison['actual']): StepComparison['verdict'] {
  if (actual === 'stopped' || actual === 'not-reached' || actual === 'not-told') return 'open';
  if (verdict === 'fails') return actual === 'failed' ? 'right' : 'wrong';
  // a step that fails was executed
  const wasCached = actual === 'cached';
  if (verdict === 'cached') return wasCached ? 'right' : 'wrong';
  if (verdict !== 'rebuild') return 'open';
  if (!wasCached) return 'right';
  return certainty === 'certain' ? 'wrong' : 'open';
}

/** The comparison in a line: `as predicted: 7 of 7 steps · 3 executed in 12 s`. */
export function summaryOf(comparison: readonly StepComparison[], live: LiveBuild): string {
  const count = (is: (one: StepComparison) => boolean): number => comparison.filter(is).length;
  const right = count(({ verdict }) => verdict === 'right');
  const wrong = count(({ verdict }) => verdict === 'wrong');
  const executed = count(({ actual }) => actual === 'executed' || actual === 'failed');
  const cached = count(({ actual }) => actual === 'cached');
  return [
    ...(right + wrong === 0
      ? []
      : [`as predicted: ${right} of ${right + wrong} ${right + wrong === 1 ? 'step' : 'steps'}`]),
    `${cached} cached, ${executed} executed in ${formatDuration(live.durationMs ?? 0)}`,
  ].join(' · ');
}

const ACTUAL: Readonly<Record<StepComparison['actual'], string>> = {
  cached: 'cached',
  executed: 'executed',
  failed: 'failed',
  stopped: 'stopped',
  'not-reached': 'not reached',
  'not-told': 'not told',
};
/** Characters of an instruction in the report. */
const WIDTH = 60;

/** The comparison as a table for people; `size` writes bytes. */
export function renderReport(
  comparison: readonly StepComparison[],
  live: LiveBuild,
  size: (bytes: number) => string,
): string {
  const rows = comparison.map((one) => [
    String(one.line.start),
    one.predicted,
    ACTUAL[one.actual],
    { right: 'right', wrong: 'WRONG', open: '-' }[one.verdict],
    changed(one.durationMs, one.lastDurationMs, formatDuration),
    changed(one.bytes, one.lastBytes, size),
    cut(one.text),
  ]);
  const head = ['line', 'predicted', 'actual', '', 'time', 'size', 'instruction'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const error = live.error === null ? [] : ['', live.error];
  return [summaryOf(comparison, live), ...error, '', ...(rows.length === 0 ? [] : lines), ''].join('\n');
}

/** A figure with the one before, where both are known and differ. */
function changed(now: number | null, before: number | null, write: (value: number) => string): string {
  if (now === null) return '';
  const [text, earlier] = [write(now), before === null ? undefined : write(before)];
  return earlier === undefined || earlier === text ? text : `${text} (was ${earlier})`;
}

function cut(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}
