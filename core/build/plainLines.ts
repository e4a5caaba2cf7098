import type { BuilderEvent, OutputParser, OutputStream } from './events';
import { LineReader } from './lineReader';

/** Reads a builder that prints for people: all of it is shown as it is, and lines of it tell of steps. */
export abstract class PlainLines implements OutputParser {
  readonly writesSteps = false;
  private readonly lines: Readonly<Record<OutputStream, LineReader>> = {
    stdout: new LineReader(),
    stderr: new LineReader(),
  };

  push(stream: OutputStream, chunk: string): readonly BuilderEvent[] {
    const read = this.lines[stream].push(chunk);
    return [{ kind: 'text', text: chunk }, ...read.flatMap((line) => this.line(stream, line))];
  }

  end(): readonly BuilderEvent[] {
    const { stdout, stderr } = this.lines;
    return [
      ...stdout.end().flatMap((line) => this.line('stdout', line)),
      ...stderr.end().flatMap((line) => this.line('stderr', line)),
    ];
  }

  /** What one line tells of steps. */
  protected abstract line(stream: OutputStream, line: string): readonly BuilderEvent[];
}
