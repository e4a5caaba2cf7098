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

interface Counted extends ScoreEntry {
  /** Case and build. */
  readonly where: string | undefined;
}

function isDecided(one: ScoreEntry): boolean {
  return one.outcome === 'cached' || one.outcome === 'executed';
}

function isCertain(one: ScoreEntry): boolean {
  return one.verdict === 'cached' || one.verdict === 'rebuild';
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Adds up comparisons of many builds. */
export class Score {
  readonly #entries: Counted[] = [];
  readonly #disturbed: string[] = [];
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

  /** A build that others disturbed, in the builder's words. */
  addDisturbed(words: string): void {
    this.#disturbed.push(words);
  }

  get disturbed(): number {
    return this.#disturbed.length;
  }

  addComparison(comparison: Comparison, predictMs: number, where?: string): void {
    this.#predictions++;
    this.#predictMs += predictMs;
    this.#sizes += comparison.sizesChecked;
    this.#entries.push(...comparison.entries.map((one) => ({ ...one, where })));
  }

  get builds(): number {
    return this.#builds;
  }

  /** Sizes that were held against the engine's. */
  get sizes(): number {
    return this.#sizes;
  }

  count(verdict: ScoreEntry['verdict'], result: ScoreEntry['result']): number {
    return this.#entries.filter((one) => one.verdict === verdict && one.result === result).length;
  }

  /**
   * Of the steps that the builder cached or executed: how many had a certain verdict, how many had none although one
   * was possible, and how many had none and could have none. Builds that failed tell too little.
   */
  certainty(): { readonly certain: number; readonly open: number; readonly unknowable: number } {
    const judged = this.#entries.filter((one) => isDecided(one) && one.knowable !== undefined);
    const certain = judged.filter(isCertain).length;
    const open = judged.filter((one) => !isCertain(one) && one.knowable === true).length;
    return { certain, open, unknowable: judged.length - certain - open };
  }

  /** Why steps had no certain verdict although one was possible: how often each reason, with some examples. */
  openReasons(examples: number): string[] {
    const open = this.#entries.filter((one) => isDecided(one) && !isCertain(one) && one.knowable === true);
    return [...new Set(open.map((one) => one.reasonCode))].map((code) => {
      const same = open.filter((one) => one.reasonCode === code);
      const shown = same.slice(0, examples).map((one) => `\n  ${one.where ?? ''} ${one.text}`);
      return `could be known, ${code}: ${same.length}${shown.join('')}`;
    });
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
      ...this.openReasons(0),
      `sizes checked: ${this.#sizes}`,
      ...this.#disturbed.map((words) => `a case ended early, as others disturbed its builder: ${words}`),
      `builds: ${this.#builds} (${this.#failedBuilds} failed), ${(this.#builds / seconds).toFixed(2)} per second, ` +
        `mean build ${mean(this.#buildMs, this.#builds)} ms; predictions: ${this.#predictions}, ` +
        `mean ${mean(this.#predictMs, this.#predictions)} ms`,
    ].join('\n');
  }
}
