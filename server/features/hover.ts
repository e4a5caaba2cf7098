import { MarkupKind, type Hover, type Position } from 'vscode-languageserver';
import type { Analysis } from '../analysis';
import { explainStep } from './explain';

/** Everything about the instruction that a 0-based line belongs to, as markdown. */
export function explainLine(analysis: Analysis | undefined, line: number): string | undefined {
  const shown = analysis?.shown;
  const steps = shown?.prediction.steps.filter((one) => one.line.start <= line + 1 && line + 1 <= one.line.end) ?? [];
  if (shown === undefined || steps.length === 0) return undefined;
  const units = analysis?.settings?.units ?? 'si';
  return steps.map((step) => explainStep(shown.prediction, step, units)).join('\n\n---\n\n');
}

/** Explains the instruction whose keyword is under the pointer; arguments belong to others' documentation. */
export function hover(analysis: Analysis | undefined, position: Position): Hover | null {
  const shown = analysis?.shown;
  if (analysis === undefined || shown === undefined) return null;
  const line = shown.text.split('\n')[position.line] ?? '';
  const keyword = /^\s*\w+/.exec(line)?.[0] ?? '';
  const steps = shown.prediction.steps.filter((one) => one.line.start === position.line + 1);
  if (steps.length === 0 || position.character > keyword.length) return null;
  const units = analysis.settings?.units ?? 'si';
  const value = steps.map((step) => explainStep(shown.prediction, step, units)).join('\n\n---\n\n');
  const start = keyword.length - keyword.trimStart().length;
  return {
    contents: { kind: MarkupKind.Markdown, value },
    range: {
      start: { line: position.line, character: start },
      end: { line: position.line, character: keyword.length },
    },
  };
}
