import { basename } from 'node:path';
import {
  formatDuration,
  otherBuilderText,
  type ByteUnits,
  type PredictedStep,
  type Prediction,
} from '../../core/model';
import type { Analysis } from '../analysis';
import type { LayerNode, LayersView } from '../protocol';
import { changeWords, explainStep } from './explain';
import { code, escapeMarkdown, isRoot, shortSize, summaryText, verdictWords } from './words';

/** Files of one cause that are listed; the rest is counted. */
const MAX_FILES = 50;
/** Characters of an instruction in the tree. */
const MAX_LABEL = 22;

/** The Layers view of a Dockerfile: its stages, their instructions, the causes of what rebuilds. */
export function layersView(analysis: Analysis): LayersView | null {
  const shown = analysis.shown;
  if (shown === undefined) return null;
  const { prediction } = shown;
  const units = analysis.settings?.units ?? 'si';
  const { builder: info } = prediction;
  const [, ref] = /^git:(.+)$/.exec(prediction.baseline) ?? [];
  const builder =
    ref !== undefined
      ? `compared with commit ${ref}`
      : info.kind === 'none'
        ? 'no engine'
        : (otherBuilderText(info) ?? `builder ${info.name}`);
  return {
    uri: analysis.uri,
    title: `${basename(prediction.dockerfile)} → ${prediction.target} (${builder})`,
    summary: summaryText(prediction),
    context: prediction.context,
    nodes: [...new Set(prediction.steps.map((step) => step.stageIndex))]
      .filter((index) => index >= 0)
      .map((index) => stageNode(prediction, index, units)),
  };
}

function stageNode(prediction: Prediction, index: number, units: ByteUnits): LayerNode {
  const steps = prediction.steps.filter((step) => step.stageIndex === index);
  const [from] = steps;
  const unused = steps.every((step) => step.verdict === 'unused');
  const counted = steps.filter((step) => step.verdict !== 'no-layer' && step.instruction !== 'FROM');
  const cached = counted.filter((step) => step.verdict === 'cached').length;
  const name = from?.stage ?? String(index);
  const label = /^\d+$/.test(name) ? `stage ${name}` : name;
  const isTarget = name === prediction.target;
  const unknown = counted.length > 0 && counted.every((step) => step.verdict === 'unknown');
  const state = unused ? 'not needed' : unknown ? 'not predicted' : `${cached}/${counted.length} cached`;
  return {
    id: `stage ${index}`,
    label,
    description: isTarget ? `${state}, target` : state,
    tooltip: escapeMarkdown(from?.text ?? ''),
    icon: 'stage',
    accessibilityLabel: `Stage ${name}, ${state}${isTarget ? ', the target' : ''}`,
    ...(from === undefined ? {} : { line: from.line.start - 1 }),
    collapsed: unused,
    children: steps.map((step, position) => stepNode(prediction, step, `${index} ${position}`, units)),
  };
}

function stepNode(prediction: Prediction, step: PredictedStep, id: string, units: ByteUnits): LayerNode {
  const size = step.verdict === 'no-layer' || step.verdict === 'unused' ? '' : shortSize(step.size, units);
  const time = step.lastDurationMs === null ? '' : formatDuration(step.lastDurationMs);
  const state = stateWords(step);
  const [files, trigger] = [step.reason.files ?? [], step.origin === 'onbuild' ? 'ONBUILD ' : ''];
  const lines = `line ${step.line.start}`;
  return {
    id: `step ${id}`,
    label: shorten(trigger + step.text),
    description: [state, size, time].filter((part) => part !== '').join(' · '),
    tooltip: `${code(step.text)}\n\n${explainStep(prediction, step, units)}`,
    icon: step.verdict,
    accessibilityLabel: [`${trigger}${step.text}`, lines, `${verdictWords(step)}: ${step.reason.message}`, size, time]
      .filter((part) => part !== '')
      .join(', '),
    line: step.line.start - 1,
    collapsed: false,
    children: needsCause(step) ? [causeNode(step, id, files)] : [],
  };
}

/** Leaves room for what is behind the label in a narrow side bar; the whole text is in the tooltip. */
function shorten(text: string): string {
  return text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 1)}…`;
}

function needsCause(step: PredictedStep): boolean {
  return ['rebuild', 'may-hit', 'fails'].includes(step.verdict) && isRoot(step);
}

function stateWords(step: PredictedStep): string {
  switch (step.verdict) {
    case 'no-layer':
      return '';
    case 'unused':
      return 'not needed';
    case 'unknown':
      return 'not predicted';
    case 'cached':
      return step.instruction === 'FROM' ? 'present' : 'cached';
    case 'may-hit':
      if (step.instruction === 'FROM') return 'not on this engine';
      return isRoot(step) ? 'may hit' : `may hit ↑${step.reason.causeLine ?? ''}`;
    case 'rebuild': {
      const word = step.certainty === 'likely' ? 'likely rebuild' : 'rebuild';
      return isRoot(step) ? word : `${word} ↑${step.reason.causeLine ?? ''}`;
    }
    case 'fails':
      return 'fails';
  }
}

function causeNode(step: PredictedStep, id: string, files: NonNullable<PredictedStep['reason']['files']>): LayerNode {
  const count = step.reason.fileCount ?? files.length;
  const children = files.slice(0, MAX_FILES).map((file, index): LayerNode => ({
    id: `file ${id} ${index}`,
    label: file.path,
    description: changeWords(file),
    tooltip: escapeMarkdown(`${file.path} ${changeWords(file)}`),
    icon: 'file',
    accessibilityLabel: `${file.path} ${changeWords(file)}`,
    ...(file.change === 'removed' ? {} : { file: file.path }),
    collapsed: true,
    children: [],
  }));
  if (count > children.length) {
    const label = `… and ${count - children.length} more`;
    children.push({
      ...{ id: `more ${id}`, label, description: '', tooltip: label, icon: 'notice', accessibilityLabel: label },
      ...{ collapsed: true, children: [] },
    });
  }
  return {
    id: `cause ${id}`,
    label: step.reason.message,
    description: '',
    tooltip: escapeMarkdown(step.reason.message),
    icon: 'cause',
    accessibilityLabel: `Because: ${step.reason.message}`,
    line: step.line.start - 1,
    collapsed: count > 5,
    children,
  };
}
