import {
  formatBytes,
  formatDuration,
  type ByteUnits,
  type PredictedStep,
  type Prediction,
  type StepSize,
} from '../../core/model';

/** Is the step where the trouble begins, not what follows from it? */
export function isRoot(step: PredictedStep): boolean {
  return step.reason.causeLine === undefined || step.reason.causeLine === step.line.start;
}

/** The size in short; empty when it is not known. */
export function shortSize(size: StepSize, units: ByteUnits): string {
  if (size.bytes === null) return '';
  return `${size.basis === 'estimate' ? '≈' : ''}${formatBytes(size.bytes, units)}`;
}

const BASIS: Readonly<Record<StepSize['basis'], string>> = {
  exact: 'exact, from the files of the build context',
  measured: 'measured by the engine',
  estimate: 'estimate',
  unknown: 'not known',
};

/** The size with where it comes from. */
export function longSize(size: StepSize, units: ByteUnits): string {
  if (size.bytes === null) return 'Layer size: not known before the build';
  const from = size.from === undefined ? '' : `, from ${size.from}`;
  return `Layer size: ${shortSize(size, units)} (${BASIS[size.basis]}${from})`;
}

/** The verdict as the beginning of a sentence. */
export function verdictWords(step: PredictedStep): string {
  switch (step.verdict) {
    case 'cached':
      return step.instruction === 'FROM' ? 'Present' : 'Cached';
    case 'rebuild':
      return step.certainty === 'likely' ? 'Will likely rebuild' : 'Will rebuild';
    case 'may-hit':
      return step.instruction === 'FROM' ? 'Will be fetched' : 'May be cached';
    case 'fails':
      return 'The build fails here';
    case 'unused':
      return 'Not needed';
    case 'no-layer':
      return 'No layer';
    case 'unknown':
      return 'Not predicted';
  }
}

/** Lines of the steps that rebuild or may rebuild because of this one. */
export function consequences(prediction: Prediction, step: PredictedStep): number[] {
  return prediction.steps
    .filter(
      (other) => other !== step && other.reason.causeLine === step.line.start && other.line.start !== step.line.start,
    )
    .map((other) => other.line.start);
}

/** `5/8 cached, ≈12 s` */
export function summaryText(prediction: Prediction): string {
  const { needed, cached, mayHit, fails, unknown, estimatedMs } = prediction.summary;
  if (unknown > 0 && unknown === needed) return 'not predicted';
  const parts = [`${cached}/${needed} cached`];
  if (mayHit > 0) parts.push(`${mayHit} may hit`);
  if (fails > 0) parts.push(`${fails} ${fails === 1 ? 'fails' : 'fail'}`);
  if (estimatedMs > 0) parts.push(`≈${formatDuration(estimatedMs)} to rebuild`);
  return parts.join(', ');
}

/** Escapes text for markdown: file names and messages come from outside. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~|<>&$]/g, '\\$&');
}

/** Text as inline code, whatever it contains. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.replace(/\s+/g, ' ')}${pad}${fence}`;
}
