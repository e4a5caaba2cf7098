import { formatDuration, type BuildState, type PredictedStep, type Prediction } from '../model';
import type { BuilderEvent } from './events';

const COLORS = { dim: '2', red: '31', green: '32', yellow: '33', bold: '1' } as const;
/** Characters of an instruction that are shown in a line. */
const WIDTH = 100;

/** The text of a build for whoever reads along: a line where a step begins or ends, and what it prints between. */
export class TerminalText {
  private readonly told = new Set<number>();
  private readonly begun = new Set<number>();
  /** The step whose output was printed last, and whether that ended with its line. */
  private writing: number | undefined;
  private isMidLine = false;

  constructor(
    private readonly prediction: Prediction,
    private readonly color: boolean,
  ) {}

  /** What an event adds. */
  of(event: BuilderEvent): string {
    switch (event.kind) {
      case 'text':
        return `${this.closeLine()}${event.text}`;
      case 'output':
        return `${this.head(event.step)}${this.body(event.step, event.text)}`;
      case 'running':
        // a look into the cache begins as well: what is worth a line is a command, which may take long
        return this.step(event.step)?.instruction === 'RUN' ? this.head(event.step) : '';
      case 'ended':
        return this.ended(event.step, event.how, event.durationMs);
      case 'failed':
        return this.failed(event.step, event.error);
      case 'layer':
      case 'no-layer':
      case 'progress':
      case 'image':
      case 'error':
        return '';
    }
  }

  /** The last line; a failure is named with its place, as a problem matcher wants it. */
  end(state: BuildState, durationMs: number, failed: number | undefined, error: string | null): string {
    const time = formatDuration(durationMs);
    const step = failed === undefined ? undefined : this.step(failed);
    const problem =
      step === undefined || error === null
        ? ''
        : `${this.prediction.dockerfile}:${step.line.start}: error: ${firstLine(error)}\n`;
    const words = {
      succeeded: this.paint('green', `Built in ${time}`),
      failed: this.paint('red', `Failed after ${time}`),
      canceled: this.paint('yellow', `Stopped after ${time}`),
      lost: this.paint('red', `The builder went away after ${time}`),
      starting: '',
      running: '',
    };
    return `${this.closeLine()}${problem}${words[state]}\n`;
  }

  private ended(index: number, how: 'cached' | 'done' | 'canceled', durationMs: number | null): string {
    const step = this.step(index);
    if (step === undefined || this.told.has(index)) return '';
    if (step.instruction === 'FROM' && how === 'done' && !this.begun.has(index)) return '';
    this.told.add(index);
    const time = durationMs === null ? '' : ` ${formatDuration(durationMs)}`;
    const words = {
      cached: this.paint('dim', 'cached'),
      done: `${this.paint('green', 'done')}${time}`,
      canceled: this.paint('yellow', 'stopped'),
    };
    return `${this.closeLine()}${this.place(step)} ${this.title(step)}  ${words[how]}\n`;
  }

  private failed(index: number, error: string): string {
    const step = this.step(index);
    if (step === undefined) return '';
    this.told.add(index);
    return `${this.closeLine()}${this.place(step)} ${this.title(step)}  ${this.paint('red', `failed: ${error}`)}\n`;
  }

  private head(index: number): string {
    const step = this.step(index);
    if (step === undefined || this.begun.has(index)) return '';
    this.begun.add(index);
    return `${this.closeLine()}${this.place(step)} ${this.paint('bold', this.title(step))}\n`;
  }

  /** Output with the line of its instruction before each line: steps run side by side. */
  private body(index: number, text: string): string {
    const step = this.step(index);
    const prefix = this.paint('dim', `${String(step?.line.start ?? '?').padStart(5)} | `);
    let written = this.writing === index ? '' : this.closeLine();
    this.writing = index;
    for (const part of text.split(/(?<=\n)/)) {
      if (part === '') continue;
      written += `${this.isMidLine ? '' : prefix}${part}`;
      this.isMidLine = !part.endsWith('\n');
    }
    return written;
  }

  private closeLine(): string {
    this.writing = undefined;
    if (!this.isMidLine) return '';
    this.isMidLine = false;
    return '\n';
  }

  private step(index: number): PredictedStep | undefined {
    return this.prediction.steps[index];
  }

  private place({ line }: PredictedStep): string {
    return this.paint('dim', `${String(line.start).padStart(5)}  `);
  }

  private title({ text }: PredictedStep): string {
    const line = firstLine(text);
    return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
  }

  private paint(color: keyof typeof COLORS, text: string): string {
    return this.color ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
