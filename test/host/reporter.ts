import type Mocha from 'mocha';

/** What the run hands to the process that started the editor. */
export interface HostReport {
  passed: number;
  failed: number;
  skipped: number;
  /** The report as people read it. */
  readonly lines: string[];
  /** What failed, each with the first lines of why. */
  readonly failures: string[];
}

/** Writes down a mocha run: the editor's own console is too noisy to be the report. */
export function record(runner: Mocha.Runner): HostReport {
  const report: HostReport = { passed: 0, failed: 0, skipped: 0, lines: [], failures: [] };
  runner.on('suite', (suite) => {
    if (suite.title !== '') report.lines.push(suite.title);
  });
  runner.on('pass', (test) => {
    report.passed += 1;
    report.lines.push(`  ✓ ${test.title} (${test.duration ?? 0} ms)`);
  });
  runner.on('pending', (test) => {
    report.skipped += 1;
    report.lines.push(`  - ${test.title}`);
  });
  runner.on('fail', (test, error: unknown) => {
    report.failed += 1;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report.lines.push(`  ✗ ${test.title}`, ...text.split('\n').map((line) => `      ${line}`));
    report.failures.push(`${test.fullTitle()}\n${text.split('\n').slice(0, 12).join('\n')}`);
  });
  return report;
}
