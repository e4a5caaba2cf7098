import { DiagnosticSeverity, type Connection, type Diagnostic } from 'vscode-languageserver';
import type { Advice } from '../../core/advice/advice';
import type { Analysis } from '../analysis';
import type { FailedPlace } from '../builds/failure';
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

/** Lines of output that are told with a step that failed. */
const LAST_LINES = 8;

/** Publishes what will stop the build and can be mended, what stopped the last one, and what is advised. */
export function publishProblems(
  connection: Connection,
  analysis: Analysis,
  advice: readonly Advice[],
  failed: readonly FailedPlace[],
): void {
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
  const stopped = failed.map(failureDiagnostic);
  void connection.sendDiagnostics({ uri: analysis.uri, diagnostics: [...stopped, ...diagnostics, ...advised] });
}

/** A step at which the last build failed. */
function failureDiagnostic({ line, error, lastOutput }: FailedPlace): Diagnostic {
  const words = [error ?? 'the build failed here', ...lastOutput.slice(-LAST_LINES)];
  return {
    range: {
      start: { line: line.start - 1, character: 0 },
      end: { line: line.end - 1, character: Number.MAX_SAFE_INTEGER },
    },
    ...{ message: words.join('\n'), code: 'build-failed', source: 'Layer Insight' },
    severity: DiagnosticSeverity.Error,
  };
}
