import { spawn } from 'node:child_process';

/** How a program is run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and gives the milliseconds that it took; fails when the program does. */
export function timeOf({ program, args, cwd, env }: Command): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${program} ${args.join(' ')}: ${errors}`));
    });
  });
}

/** The value below which this part of all values is. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One line of the answer. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours in the unit of the budget: a ratio, milliseconds or megabytes. */
  readonly value: number;
  readonly budget: number;
  readonly unit: 'x' | 'ms' | 'MB';
}

/**
 * Runs two programs in turn and compares them pair by pair: what slows the machine down for a while slows both.
 *
 * @param before is done before each run of ours and not counted.
 */
export async function compare(
  what: string,
  ours: Command,
  peer: Command,
  options: { readonly budget: number; readonly runs: number; readonly before?: () => void },
): Promise<Row> {
  const [own, others, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run <= options.runs; run++) {
    const theirs = await timeOf(peer);
    options.before?.();
    const mine = await timeOf(ours);
    if (run === 0) continue; // the first ones fill the caches of the machine
    own.push(mine);
    others.push(theirs);
    ratios.push(mine / theirs);
  }
  const value = median(ratios);
  return { what, ours: ms(median(own)), peer: ms(median(others)), value, budget: options.budget, unit: 'x' };
}

/** Milliseconds for people. */
export function ms(value: number): string {
  return value < 20 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`;
}

/** Prints rows as a table, each with its budget. */
export function print(rows: readonly Row[]): void {
  const cells = rows.map(({ what, ours, peer, value, budget, unit }) => {
    const [has, may] = [value, budget].map((one) => `${unit === 'x' ? one.toFixed(2) : one.toFixed(1)} ${unit}`);
    return [what, ours, peer, has ?? '', may ?? '', value <= budget ? 'kept' : 'missed'];
  });
  const table = [['what', 'ours', 'peer', 'measured', 'budget', ''], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
