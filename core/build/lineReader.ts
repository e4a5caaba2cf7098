/** A line that never ends is given out in parts of so many characters. */
const MAX_LINE = 16_000_000;

/** Puts lines together from chunks that end anywhere. */
export class LineReader {
  private rest = '';

  /** The lines that are complete now, without their ends. */
  push(chunk: string): string[] {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MAX_LINE) lines.push(this.take());
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  /** What stands behind the last line end. */
  end(): string[] {
    const last = this.take();
    return last === '' ? [] : [last];
  }

  private take(): string {
    const { rest } = this;
    this.rest = '';
    return rest;
  }
}
