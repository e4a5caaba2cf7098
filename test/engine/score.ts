import type { Comparison, ScoreEntry } from './compare.js';

const ROWS: readonly ScoreEntry['verdict'][] = [
  'cached',
  'rebuild',
  'rebuild likely',
  'may-hit',
  'unused',
  'no-layer',
  'fails',
  'unknown',
];

/** Adds up comparisons of many builds. */
export class Score {
  readonly #entries: ScoreEntry[] = [];
  #builds = 0;
  #failedBuilds = 0;
  #predictions = 0;
  #sizes = 0;
  #buildMs = 0;
  #predictMs = 0;
  readonly #started = performance.now();

  addBuild(succeeded: boolean, wallMs: number): void {
    this.#builds++;
    this.#buildMs += wallMs;
    if (!succeeded) this.#failedBuilds++;
  }

  addComparison(comparison: Comparison, predictMs: number): void {
    this.#predictions++;
    this.#predictMs += predictMs;
    this.#sizes += comparison.sizesChecked;
    this.#entries.push(...comparison.entries);
  }

  get builds(): number {
    return this.#builds;
  }

  count(verdict: ScoreEntry['verdict'], result: ScoreEntry['result']): number {
    return this.#entries.filter((one) => one.verdict === verdict && one.result === result).length;
  }

  /** A table for the log of a test run. */
  table(): string {
    const columns: readonly ScoreEntry['result'][] = ['right', 'wrong', 'uncertain', 'not judged'];
    const cells = [
      ['verdict', ...columns],
      ...ROWS.map((row) => [row, ...columns.map((column) => String(this.count(row, column)))]),
    ];
    const rows = cells.map((row) =>
      row.map((cell, index) => (index === 0 ? cell.padEnd(15) : cell.padStart(11))).join(''),
    );
    // Of the steps that the builder cached or executed: how many had a certain verdict?
    const needed = this.#entries.filter((one) => one.outcome === 'cached' || one.outcome === 'executed');
    const certain = needed.filter((one) => one.verdict === 'cached' || one.verdict === 'rebuild');
    const seconds = (performance.now() - this.#started) / 1000;
    const mean = (total: number, count: number): string => (count === 0 ? '-' : (total / count).toFixed(0));
    return [
      ...rows,
      `certain verdicts: ${certain.length} of ${needed.length} needed steps (${mean(100 * certain.length, needed.length)} %)`,
      `sizes checked: ${this.#sizes}`,
      `builds: ${this.#builds} (${this.#failedBuilds} failed), ${(this.#builds / seconds).toFixed(2)} per second, ` +
        `mean build ${mean(this.#buildMs, this.#builds)} ms; predictions: ${this.#predictions}, ` +
        `mean ${mean(this.#predictMs, this.#predictions)} ms`,
    ].join('\n');
  }
}
