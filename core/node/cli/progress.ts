import { formatBytes } from '../../model';

/** Milliseconds between two states that are shown. */
const EVERY = 100;

/** A line on the terminal that says how far the reading is; nothing where nobody looks. */
export class Progress {
  private last = 0;
  private width = 0;

  constructor(private readonly name: string) {}

  readonly show = (bytes: number, all: number | undefined): void => {
    const of = all === undefined ? '' : ` of ${formatBytes(all)}`;
    this.say(`Reading ${this.name}: ${formatBytes(bytes)}${of}`);
  };

  readonly say = (text: string): void => {
    if (!process.stderr.isTTY || Date.now() - this.last < EVERY) return;
    this.last = Date.now();
    process.stderr.write(`\r${text.padEnd(this.width)}`);
    this.width = text.length;
  };

  end(): void {
    if (this.width > 0) process.stderr.write(`\r${' '.repeat(this.width)}\r`);
  }
}
