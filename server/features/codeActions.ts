import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  DiagnosticSeverity,
  type CodeAction,
  type Diagnostic,
  type Range,
  type TextDocumentEdit,
  type CreateFile,
} from 'vscode-languageserver';
import type { Advice, AdviceEdit } from '../../core/advice/advice';
import type { LineRange } from '../../core/model';
import type { Analysis } from '../analysis';

/** Command of the client that shows the page of an advice. */
const SHOW_PAGE = 'layerInsight.advice.page.show';

/** Advice as a problem in the editor: hints that mean bytes, never warnings. */
export function adviceDiagnostic({ code, message, line, related }: Advice, uri: string): Diagnostic {
  return {
    ...{ range: rangeOf(line), message, code, source: 'Layer Insight', severity: DiagnosticSeverity.Information },
    relatedInformation: related.map((one) => ({ location: { uri, range: rangeOf(one.line) }, message: one.message })),
  };
}

/** What can be done about the advice for some lines. Each can be previewed by the editor. */
export function adviceActions(analysis: Analysis, advice: readonly Advice[], range: Range): CodeAction[] {
  return advice
    .filter(({ line }) => line.start - 1 <= range.end.line && line.end - 1 >= range.start.line)
    .flatMap((one) => {
      const diagnostics = [adviceDiagnostic(one, analysis.uri)];
      const changes = one.edits.flatMap((edit): CodeAction[] => {
        const changed = changesOf(analysis, edit);
        if (changed.length === 0) return [];
        const { title } = edit;
        return [{ title, kind: CodeActionKind.QuickFix, diagnostics, edit: { documentChanges: changed } }];
      });
      const title = `What "${one.code}" means`;
      const page = { title, command: SHOW_PAGE, arguments: [one.code] };
      return [...changes, { title, kind: CodeActionKind.QuickFix, diagnostics, command: page }];
    });
}

function changesOf(analysis: Analysis, edit: AdviceEdit): (TextDocumentEdit | CreateFile)[] {
  if (edit.kind === 'ignore') return ignoreChanges(analysis, edit.pattern);
  if (edit.kind === 'move') return moved(analysis, edit);
  const edits = edit.replacements.map(({ line, text }) =>
    text === undefined
      ? { range: { start: { line: line.start - 1, character: 0 }, end: { line: line.end, character: 0 } }, newText: '' }
      : { range: rangeOf(line), newText: text },
  );
  const { uri, version } = analysis.document;
  return [{ textDocument: { uri, version }, edits }];
}

/** An instruction at another place, its text as it is. */
function moved(
  { document }: Analysis,
  { line, before, preceded }: Extract<AdviceEdit, { kind: 'move' }>,
): TextDocumentEdit[] {
  const range = { start: { line: line.start - 1, character: 0 }, end: { line: line.end, character: 0 } };
  const text = document.getText(range);
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  const place = { line: before - 1, character: 0 };
  const edits = [
    { range: { start: place, end: place }, newText: `${preceded === undefined ? '' : `${preceded}\n`}${whole}` },
    { range, newText: '' },
  ];
  return [{ textDocument: { uri: document.uri, version: document.version }, edits }];
}

/** One more line in the ignore file that the builder reads; made where there is none. */
function ignoreChanges(analysis: Analysis, pattern: string): (TextDocumentEdit | CreateFile)[] {
  const file = analysis.ignoreFile;
  if (file === undefined) return [];
  const uri = pathToFileURL(file).href;
  let text = '';
  if (existsSync(file)) {
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      return [];
    }
  }
  const lines = text.split('\n');
  const [line, character] = [lines.length - 1, lines.at(-1)?.length ?? 0];
  const newText = `${text === '' || text.endsWith('\n') ? '' : '\n'}${escaped(pattern)}\n`;
  const change: TextDocumentEdit = {
    textDocument: { uri, version: null },
    edits: [{ range: { start: { line, character }, end: { line, character } }, newText }],
  };
  return existsSync(file) ? [change] : [{ kind: 'create', uri, options: { ignoreIfExists: true } }, change];
}

/** A name as a pattern that matches nothing else. */
function escaped(path: string): string {
  const plain = path.replace(/[\\*?[\]]/g, '\\$&');
  return /^[!#]/.test(basename(plain)) && !plain.includes('/') ? `\\${plain}` : plain;
}

function rangeOf({ start, end }: LineRange): Range {
  return { start: { line: start - 1, character: 0 }, end: { line: end - 1, character: Number.MAX_SAFE_INTEGER } };
}
