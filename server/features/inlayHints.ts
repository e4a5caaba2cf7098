import { MarkupKind, type InlayHint, type Range } from 'vscode-languageserver';
import type { PredictedStep } from '../../core/model';
import type { Analysis } from '../analysis';
import type { DockerfileSettings } from '../settings';
import { explainStep } from './explain';
import { calmAnswer, linePlaces } from './places';
import { isRoot, shortSize } from './words';

/** Characters of one hint: the editor cuts the sum of all hints of a line at 43. */
const MAX_LENGTH = 24;

/** Bytes from which a size is worth reading while nobody asks for all. */
const LARGE = 1_000_000;

const PROBLEMS: readonly PredictedStep['verdict'][] = ['rebuild', 'may-hit', 'fails'];

type HintSettings = Pick<DockerfileSettings, 'units' | 'hintDensity'>;

interface HintData {
  readonly uri: string;
  /** 1-based line of the step in the text that was predicted. */
  readonly step: number;
}

/** One short fact at the end of the first line of each instruction that makes a layer. */
export function inlayHints(analysis: Analysis | undefined, range: Range): InlayHint[] {
  const settings = analysis?.settings;
  const shown = analysis?.shown;
  if (analysis === undefined || settings === undefined || shown === undefined || !settings.hintsEnabled) return [];
  const now = analysis.document.getText().split('\n');
  const answer = calmAnswer(analysis, shown);
  const place = linePlaces(answer, now);
  return answer.prediction.steps.flatMap((step) => {
    const line = place(step.line.start - 1);
    const label = step.origin === 'onbuild' ? undefined : hintText(step, settings);
    if (label === undefined || line === undefined || line < range.start.line || line > range.end.line) return [];
    const data: HintData = { uri: analysis.uri, step: step.line.start };
    const position = { line, character: (now[line] ?? '').replace(/\r$/, '').length };
    return [{ position, label, paddingLeft: true, data }];
  });
}

/** Adds the explanation when somebody points at a hint. */
export function resolveInlayHint(hint: InlayHint, find: (uri: string) => Analysis | undefined): InlayHint {
  const { uri, step: line } = (hint.data ?? {}) as Partial<HintData>;
  const analysis = uri === undefined ? undefined : find(uri);
  const prediction = (analysis?.lastGood ?? analysis?.shown)?.prediction;
  const step = prediction?.steps.find((one) => one.line.start === line);
  if (prediction === undefined || step === undefined) return hint;
  const value = explainStep(prediction, step, analysis?.settings?.units ?? 'si');
  return { ...hint, tooltip: { kind: MarkupKind.Markdown, value } };
}

/** The text of a hint; undefined for what should stay quiet. */
export function hintText(step: PredictedStep, { units, hintDensity: density }: HintSettings): string | undefined {
  if (density === 'problems' && !PROBLEMS.includes(step.verdict)) return undefined;
  const size = density === 'all' || isLarge(step) ? shortSize(step.size, units) : '';
  switch (step.verdict) {
    case 'no-layer':
      return undefined;
    case 'unused':
      return step.instruction === 'FROM' || isLayer(step) ? 'unused' : undefined;
    case 'cached':
      return size === '' || size === '0 B' ? 'cached' : `cached · ${size}`;
    case 'rebuild': {
      const word = step.certainty === 'likely' ? 'rebuild?' : 'rebuild';
      return isRoot(step) ? withCause(`${word}: `, step) : `${word} ↑${step.reason.causeLine ?? ''}`;
    }
    case 'may-hit':
      if (step.instruction === 'FROM') return 'not on this engine';
      return isRoot(step) ? 'may hit' : `may hit ↑${step.reason.causeLine ?? ''}`;
    case 'fails':
      return step.reason.code === 'source-missing' ? 'fails: source missing' : 'fails';
    case 'unknown':
      if (!isLayer(step)) return undefined;
      return size === '' ? (density === 'all' ? '?' : undefined) : `? · ${size}`;
  }
}

/** Without an engine the sizes of what is copied are all that is known. */
function isLarge({ size, verdict }: PredictedStep): boolean {
  return size.bytes !== null && (size.bytes >= LARGE || verdict === 'unknown');
}

function isLayer(step: PredictedStep): boolean {
  return ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(step.instruction);
}

const CAUSES: Partial<Record<PredictedStep['reason']['code'], string>> = {
  'never-built': 'new',
  'record-pruned': 'removed',
  'no-cache': 'no cache',
  'base-changed': 'base image',
  'environment-changed': 'environment',
  'argument-changed': 'argument',
  'instruction-changed': 'changed',
  'was-wrong': 'was wrong',
};

function withCause(prefix: string, step: PredictedStep): string {
  const [file] = step.reason.files ?? [];
  const cause = file === undefined ? CAUSES[step.reason.code] : shortPath(file.path, MAX_LENGTH - prefix.length);
  return cause === undefined ? prefix.replace(/: $/, '') : prefix + cause;
}

/** The end of a path says more than its beginning. */
function shortPath(path: string, room: number): string {
  return path.length <= room ? path : `…${path.slice(path.length - room + 1)}`;
}
