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

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

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

  /**
   * Of the steps that the builder cached or executed: how many had a certain verdict, how many had none although one
   * was possible, and how many had none and could have none. Builds that failed tell too little.
   */
  certainty(): { readonly certain: number; readonly open: number; readonly unknowable: number } {
    const judged = this.#entries.filter(
      (one) => (one.outcome === 'cached' || one.outcome === 'executed') && one.knowable !== undefined,
    );
    const isCertain = (one: ScoreEntry): boolean => one.verdict === 'cached' || one.verdict === 'rebuild';
    const others = judged.filter((one) => !isCertain(one));
    const open = others.filter((one) => one.knowable === true).length;
    return { certain: judged.length - others.length, open, unknowable: others.length - open };
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
    const { certain, open, unknowable } = this.certainty();
    const needed = certain + open + unknowable;
    const seconds = (performance.now() - this.#started) / 1000;
    const mean = (total: number, count: number): string => (count === 0 ? '-' : (total / count).toFixed(0));
    return [
      ...rows,
      `certain verdicts: ${percent(certain, certain + open)} of ${certain + open} steps whose outcome can be known; ` +
        `${percent(unknowable, needed)} of ${needed} needed steps cannot be known`,
      `sizes checked: ${this.#sizes}`,
      `builds: ${this.#builds} (${this.#failedBuilds} failed), ${(this.#builds / seconds).toFixed(2)} per second, ` +
        `mean build ${mean(this.#buildMs, this.#builds)} ms; predictions: ${this.#predictions}, ` +
        `mean ${mean(this.#predictMs, this.#predictions)} ms`,
    ].join('\n');
  }
}
