import { DiagnosticSeverity, type Connection, type Diagnostic } from 'vscode-languageserver';
import type { Advice } from '../../core/advice/advice';
import type { Analysis } from '../analysis';
import { adviceDiagnostic } from './codeActions';

/** Syntax is what other extensions already tell about. */
const SHOWN = [
  'copy-source-missing',
  'change-unnoticed',
  'ignore-pattern-invalid',
  'context-unreadable',
  'ignore-file-unreadable',
  'baseline-unreadable',
];
const WARNINGS = ['copy-source-missing', 'change-unnoticed', 'baseline-unreadable'];
/** A context with many unreadable files is one fact. */
const MAX_PROBLEMS = 20;

/** Publishes what will stop the build and can be mended, and what is advised. */
export function publishProblems(connection: Connection, analysis: Analysis, advice: readonly Advice[]): void {
  const problems = analysis.current()?.problems ?? [];
  const diagnostics = problems
    .filter((problem) => SHOWN.includes(problem.code))
    .slice(0, MAX_PROBLEMS)
    .map((problem): Diagnostic => {
      const line = (problem.line ?? 1) - 1;
      return {
        range: { start: { line, character: 0 }, end: { line, character: Number.MAX_SAFE_INTEGER } },
        message: problem.message,
        code: problem.code,
        source: 'Layer Insight',
        severity: WARNINGS.includes(problem.code) ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information,
      };
    });
  const advised = advice.map((one) => adviceDiagnostic(one, analysis.uri));
  void connection.sendDiagnostics({ uri: analysis.uri, diagnostics: [...diagnostics, ...advised] });
}
