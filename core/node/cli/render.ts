import {
  formatBytes,
  formatDuration,
  type PredictedStep,
  type Prediction,
  type StepSize,
  type Verdict,
  otherBuilderText,
} from '../../model';

/** How the table is printed. */
export interface RenderOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const COLORS: Readonly<Record<Verdict, number>> = {
  cached: 32,
  rebuild: 33,
  'may-hit': 36,
  fails: 31,
  unused: 90,
  'no-layer': 90,
  unknown: 90,
};
const SIGNS: Readonly<Record<Verdict, string>> = {
  cached: '=',
  rebuild: '!',
  'may-hit': '?',
  fails: 'x',
  unused: '-',
  'no-layer': ' ',
  unknown: ' ',
};
const VERDICT_WIDTH = 13;
const SIZE_WIDTH = 9;

/** The prediction as a table for people: one line an instruction, the reason below where there is something to explain. */
export function renderPrediction(prediction: Prediction, options: RenderOptions): string {
  const paint = (code: number, text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines: string[] = [header(prediction), ''];
  let stage: string | undefined;
  const digits = String(prediction.steps.at(-1)?.line.end ?? 1).length;

  for (const step of prediction.steps) {
    if (step.stageIndex >= 0 && step.stage !== stage && stage !== undefined) lines.push('');
    if (step.stageIndex >= 0) stage = step.stage;
    const number = String(step.line.start).padStart(digits);
    const verdict = `${SIGNS[step.verdict]} ${verdictText(step)}`.padEnd(VERDICT_WIDTH);
    const size = sizeText(step.size, step.verdict).padStart(SIZE_WIDTH);
    const room = options.width - digits - VERDICT_WIDTH - SIZE_WIDTH - 6;
    const text = `${step.origin === 'onbuild' ? 'ONBUILD ' : ''}${step.text}`;
    lines.push(
      `${paint(90, number)}  ${paint(COLORS[step.verdict], verdict)} ${size}  ${shorten(text, room)}`.trimEnd(),
    );
    const why = explanation(step);
    if (why !== undefined) {
      const indent = ' '.repeat(digits + 2 + 2);
      lines.push(paint(90, `${indent}${shorten(why, options.width - indent.length)}`));
    }
  }
  lines.push('', summary(prediction));
  for (const problem of prediction.problems) {
    const where = problem.line === undefined ? '' : `line ${problem.line}: `;
    lines.push(paint(31, `${where}${problem.message}`));
  }
  return `${lines.join('\n')}\n`;
}

function header(prediction: Prediction): string {
  const { builder } = prediction;
  const version = builder.buildkitVersion === null ? '' : ` ${builder.buildkitVersion}`;
  const engine =
    builder.kind === 'none'
      ? 'no engine'
      : (otherBuilderText(builder) ?? `builder ${builder.name} (${builder.kind}${version})`);
  return `${prediction.dockerfile}\ntarget ${prediction.target}, ${prediction.platform}, ${engine}`;
}

function verdictText(step: PredictedStep): string {
  if (step.verdict === 'rebuild' && step.certainty === 'likely') return 'rebuild ~';
  if (step.verdict === 'no-layer') return '';
  return step.verdict;
}

function sizeText(size: StepSize, verdict: Verdict): string {
  if (verdict === 'no-layer' || verdict === 'unused') return '';
  if (size.bytes === null) return '?';
  return `${size.basis === 'estimate' ? '≈' : ''}${formatBytes(size.bytes)}`;
}

/** A reason is worth a line of its own where something is not cached; what follows from another line says so shortly. */
function explanation(step: PredictedStep): string | undefined {
  const { verdict, reason, lastDurationMs } = step;
  if (verdict !== 'rebuild' && verdict !== 'may-hit' && verdict !== 'fails') return undefined;
  const cost = lastDurationMs === null || verdict === 'fails' ? '' : ` (last time ${formatDuration(lastDurationMs)})`;
  const likely = step.certainty === 'likely' ? 'likely: ' : '';
  const { causeLine } = reason;
  if (causeLine === undefined || causeLine === step.line.start) return `${likely}${reason.message}${cost}`;
  // only what is taken from another stage needs more words than where it comes from
  const taken = reason.code === 'depends-on-output' || reason.code === 'source-rebuilds';
  if (!taken) return `${likely}follows from line ${causeLine}${cost}`;
  return `${likely}${reason.message.replace(/: line \d+$/, '')} (line ${causeLine})${cost}`;
}

function summary(prediction: Prediction): string {
  const { needed, cached, rebuild, mayHit, fails, unknown, unused, bytes, bytesUnknown, estimatedMs } =
    prediction.summary;
  const parts = [
    `${cached}/${needed} cached`,
    ...(rebuild > 0 ? [`${rebuild} rebuild`] : []),
    ...(mayHit > 0 ? [`${mayHit} may hit`] : []),
    ...(fails > 0 ? [`${fails} ${fails === 1 ? 'fails' : 'fail'}`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(unused > 0 ? [`${unused} unused`] : []),
    `${formatBytes(bytes)}${bytesUnknown > 0 ? ` + ${bytesUnknown} of unknown size` : ''}`,
    ...(estimatedMs > 0 ? [`≈ ${formatDuration(estimatedMs)} to rebuild`] : []),
  ];
  return parts.join(', ');
}

function shorten(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= width || width < 2 ? line : `${line.slice(0, width - 1)}…`;
}
