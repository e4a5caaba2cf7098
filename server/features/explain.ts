import {
  formatDuration,
  type BuilderInfo,
  type ByteUnits,
  type FileChange,
  type PredictedStep,
  type Prediction,
  otherBuilderText,
} from '../../core/model';
import { code, consequences, escapeMarkdown, longSize, verdictWords } from './words';

/** Files that a hover names. */
const MAX_EVIDENCE = 5;

/** Everything about one step, as markdown: verdict, evidence, cost, consequences, basis. */
export function explainStep(prediction: Prediction, step: PredictedStep, units: ByteUnits): string {
  const blocks = [`**${verdictWords(step)}**: ${escapeMarkdown(step.reason.message)}`];
  const evidence = evidenceLines(step);
  if (evidence.length > 0) blocks.push(evidence.join('\n'));
  const cost = costLines(prediction, step, units);
  if (cost.length > 0) blocks.push(cost.join('  \n'));
  blocks.push(`*${basis(prediction, step)}*`);
  return blocks.join('\n\n');
}

function evidenceLines(step: PredictedStep): string[] {
  const { files = [], fileCount } = step.reason;
  const lines = files.slice(0, MAX_EVIDENCE).map((file) => `- ${code(file.path)} ${changeWords(file)}`);
  const more = (fileCount ?? files.length) - MAX_EVIDENCE;
  if (more > 0) lines.push(`- … and ${more} more`);
  return lines;
}

/** What happened to a file. */
export function changeWords({ change }: FileChange): string {
  switch (change) {
    case 'added':
    case 'removed':
      return change;
    case 'content':
      return 'changed';
    case 'mode':
      return 'has another mode';
    case 'link':
      return 'points elsewhere';
    case 'type':
      return 'is another kind of file';
    case 'xattr':
      return 'has other attributes';
  }
}

function costLines(prediction: Prediction, step: PredictedStep, units: ByteUnits): string[] {
  const lines: string[] = [];
  if (step.verdict !== 'no-layer' && step.verdict !== 'unused') lines.push(escapeMarkdown(longSize(step.size, units)));
  if (step.lastDurationMs !== null)
    lines.push(`Last time it took ${escapeMarkdown(formatDuration(step.lastDurationMs))}`);
  if (step.verdict === 'rebuild' || step.verdict === 'may-hit' || step.verdict === 'fails') {
    const lines_ = consequences(prediction, step);
    if (lines_.length > 0)
      lines.push(`What follows from it: ${lines_.length === 1 ? 'line' : 'lines'} ${lines_.join(', ')}`);
  }
  return lines;
}

function basis(prediction: Prediction, step: PredictedStep): string {
  const certain = step.verdict === 'may-hit' || step.verdict === 'unknown' ? '' : `; ${step.certainty}`;
  return escapeMarkdown(`${basisWords(prediction)}${certain}`);
}

/** What a prediction holds for. */
export function basisWords(prediction: Prediction): string {
  const [, ref] = /^git:(.+)$/.exec(prediction.baseline) ?? [];
  const against = ref === undefined ? builderWords(prediction.builder) : `a builder that has built git commit ${ref}`;
  return `Predicted for target ${prediction.target}, ${prediction.platform}, ${against}`;
}

function builderWords(builder: BuilderInfo): string {
  if (builder.kind === 'none') return 'no engine';
  const other = otherBuilderText(builder);
  if (other !== undefined) return other;
  const version = builder.buildkitVersion === null ? 'BuildKit' : `BuildKit ${builder.buildkitVersion}`;
  return `builder ${builder.name} (${version})`;
}
