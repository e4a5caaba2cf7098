import type {
  BuilderKind,
  BuildState,
  BuildStep,
  LiveBuild,
  PredictedStep,
  Prediction,
  PulledLayer,
  StepProgress,
  StepState,
} from '../model';
import { BoundedText } from './boundedText';
import type { BuildxProgress } from './command';
import { withoutColors } from './colors';
import type { BuilderEvent, OutputParser, OutputStream } from './events';
import { withExistingLayers } from './existingLayers';
import { HiddenValues, type HidingStream } from './hiddenValues';
import { parserFor } from './parsers';
import type { TextDecoding } from './buildkit/rawjson';
import { TerminalText } from './terminalText';

/** Characters of output that are kept of a step, and of the whole build. */
const STEP_LOG = 1_000_000;
const WHOLE_LOG = 16_000_000;
/** Lines of output that are shown with a step. */
const LAST_LINES = 20;
const LONGEST_LINE = 400;

/** What the builder says itself of a step that ended well. */
const TOLD: readonly StepState[] = ['cached', 'done'];

/** How the process of a builder ended. */
export interface BuilderExit {
  /** Null: a signal ended it, or it could not be run. */
  readonly code: number | null;
  /** Somebody stopped it. */
  readonly canceled: boolean;
  /** The builder or its engine went away in mid-build. */
  readonly lost?: boolean;
}

/** What is needed to follow a build. */
export interface FollowOptions {
  readonly builder: Exclude<BuilderKind, 'none'>;
  /** The prediction of the moment when the build begins: the instructions, and what was said of them. */
  readonly prediction: Prediction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** ANSI colours in the text for a terminal. */
  readonly color: boolean;
  /** Makes decoders of base64 for the output of BuildKit's steps. */
  readonly decoder: () => TextDecoding;
  /** How buildx was told to tell how far it is; default: as data. */
  readonly progress?: BuildxProgress | undefined;
  /** 1-based: nothing behind this line is built. */
  readonly toLine?: number | undefined;
  /** Nowhere in what is told of the build. */
  readonly hidden?: readonly string[] | undefined;
}

interface Following {
  readonly predicted: PredictedStep;
  state: StepState;
  startedAt: number | null;
  durationMs: number | null;
  error: string | null;
  readonly progress: Map<string, StepProgress>;
  readonly layers: Map<string, PulledLayer>;
  readonly log: BoundedText;
  /** The last lines of output; the very last may be incomplete. */
  lastLines: string[];
}

/** Follows a build by what its builder prints, line by line of its Dockerfile. Bad output is text, never an exception. */
export class BuildFollower {
  private readonly parser: OutputParser;
  private readonly steps: Following[];
  private readonly besides = new Map<string, StepProgress>();
  private readonly terminal: TerminalText;
  private readonly whole = new BoundedText(WHOLE_LOG);
  private readonly startedAt: number;
  private pending = new BoundedText(WHOLE_LOG);
  private state: BuildState = 'starting';
  private durationMs: number | null = null;
  private image: string | null = null;
  private error: string | null = null;
  private exitCode: number | null = null;
  private readonly hidden: HiddenValues;
  /** What steps print, by step, and what the builder prints: each comes in pieces. */
  private readonly printed = new Map<number, HidingStream>();
  private readonly said: HidingStream;

  constructor(private readonly options: FollowOptions) {
    const { prediction, builder, now } = options;
    this.startedAt = now();
    this.hidden = new HiddenValues(options.hidden ?? []);
    this.said = this.hidden.stream();
    this.parser = parserFor(builder, prediction.steps, options.decoder, options.progress ?? 'rawjson');
    this.terminal = new TerminalText(prediction, options.color);
    this.steps = prediction.steps.map((predicted) => ({
      predicted,
      state: this.firstState(predicted),
      ...{ startedAt: null, durationMs: null, error: null, lastLines: [] },
      ...{ progress: new Map(), layers: new Map(), log: new BoundedText(STEP_LOG) },
    }));
  }

  /** What the builder printed; chunks may end anywhere. */
  push(stream: OutputStream, chunk: string): void {
    if (this.state === 'starting') this.state = 'running';
    this.take(this.parser.push(stream, chunk));
  }

  /** The builder's process has ended. */
  end({ code, canceled, lost = false }: BuilderExit): void {
    this.take(this.parser.end());
    for (const step of this.printed.keys()) this.told(this.rest(step));
    this.told([{ kind: 'text', text: this.said.end() }]);
    this.exitCode = code;
    this.durationMs = Math.max(0, this.options.now() - this.startedAt);
    this.state = canceled ? 'canceled' : code === 0 ? 'succeeded' : lost ? 'lost' : 'failed';
    for (const step of this.steps) this.settle(step);
    const failed = this.steps.findIndex(({ state }) => state === 'failed');
    // what a builder says when it is stopped is no reason for anything
    if (this.state === 'succeeded' || this.state === 'canceled') this.error = null;
    else this.error ??= this.steps[failed]?.error ?? null;
    this.say(this.terminal.end(this.state, this.durationMs, failed < 0 ? undefined : failed, this.error));
    this.besides.clear();
  }

  /** The build at this moment. */
  get live(): LiveBuild {
    const { state, startedAt, durationMs, image, error, exitCode, options } = this;
    return {
      ...{ state, builder: options.builder, startedAt, durationMs, image, error, exitCode },
      steps: this.steps.map(shown),
      besides: [...this.besides.values()],
    };
  }

  /** Text for a terminal since it was taken last, with `\r\n`. */
  takeText(): string {
    const { pending } = this;
    this.pending = new BoundedText(WHOLE_LOG);
    return pending.toString().replace(/\r?\n/g, '\r\n');
  }

  /** What was printed: all of it, or what the instruction on a line (1-based) printed. */
  log(line?: number): string {
    if (line === undefined) return this.whole.toString();
    const own = this.steps.filter(({ predicted }) => predicted.line.start <= line && line <= predicted.line.end);
    return withoutColors(own.map(({ log }) => log.toString()).join(''));
  }

  private firstState({ verdict, line }: PredictedStep): StepState {
    if (this.options.toLine !== undefined && line.start > this.options.toLine) return 'unused';
    return verdict === 'unused' || verdict === 'no-layer' ? verdict : 'waiting';
  }

  private take(events: readonly BuilderEvent[]): void {
    for (const event of events) this.told(this.withoutHidden(event));
  }

  private told(events: readonly BuilderEvent[]): void {
    for (const event of events) {
      if ((event.kind === 'text' || event.kind === 'output') && event.text === '') continue;
      this.follow(event);
      if (event.kind === 'text' || this.parser.writesSteps) this.say(this.terminal.of(event));
    }
  }

  private withoutHidden(event: BuilderEvent): readonly BuilderEvent[] {
    switch (event.kind) {
      case 'text':
        return [{ ...event, text: this.said.push(event.text) }];
      case 'output': {
        const stream = this.printed.get(event.step) ?? this.hidden.stream();
        this.printed.set(event.step, stream);
        return [{ ...event, text: stream.push(event.text) }];
      }
      case 'error':
        return [{ ...event, error: this.hidden.in(event.error) }];
      case 'failed':
        return [...this.rest(event.step), { ...event, error: this.hidden.in(event.error) }];
      case 'ended':
        return [...this.rest(event.step), event];
      case 'running':
      case 'progress':
      case 'layer':
      case 'no-layer':
      case 'image':
        return [event];
    }
  }

  /** What a step printed that looked like the beginning of something hidden, once nothing follows. */
  private rest(step: number): readonly BuilderEvent[] {
    return [{ kind: 'output', step, text: this.printed.get(step)?.end() ?? '' }];
  }

  private say(text: string): void {
    if (text === '') return;
    this.pending.add(text);
    this.whole.add(withoutColors(text));
  }

  private follow(event: BuilderEvent): void {
    if (event.kind === 'image') this.image = event.id;
    if (event.kind === 'error') this.error = event.error;
    if (event.kind === 'image' || event.kind === 'error' || event.kind === 'text') return;
    const step = event.step === undefined ? undefined : this.steps[event.step];
    if (event.kind === 'progress') {
      const place = step?.progress ?? this.besides;
      if (event.progress === undefined) place.delete(event.key);
      else place.set(event.key, event.progress);
      return;
    }
    if (step === undefined) return;
    switch (event.kind) {
      case 'running':
        // what was found in the cache is looked for again where a result is unpacked
        if (step.state !== 'cached') step.state = 'running';
        step.startedAt ??= this.options.now();
        break;
      case 'ended':
        this.settleAs(step, event.how, event.durationMs);
        break;
      case 'failed':
        step.error = event.error;
        this.settleAs(step, 'failed', event.durationMs);
        break;
      case 'output':
        step.log.add(event.text);
        addLines(step, event.text);
        break;
      case 'layer':
        step.layers.set(event.layer.layer, event.layer);
        break;
      case 'no-layer':
        step.layers.delete(event.layer);
        break;
    }
  }

  private settleAs(step: Following, state: StepState, durationMs: number | null): void {
    step.state = state;
    step.startedAt ??= this.options.now();
    step.durationMs = durationMs ?? Math.max(0, this.options.now() - step.startedAt);
    step.progress.clear();
  }

  /** Whatever was not told is settled by the end of the build. */
  private settle(step: Following): void {
    step.progress.clear();
    // Buildah tells of a command that was ended as of any that failed
    if (this.state === 'canceled' && this.options.builder === 'buildah' && step.state === 'failed') {
      step.state = 'canceled';
      step.error = null;
    }
    if (step.state === 'running') {
      step.state = this.state === 'succeeded' ? 'done' : 'canceled';
      return;
    }
    if (step.state !== 'waiting') return;
    // one vertex of several lines is told once; what nobody executed came from the cache
    const twin = this.steps.find((one) => one !== step && TOLD.includes(one.state) && isAlike(one, step));
    if (this.state !== 'succeeded' && (twin === undefined || step.predicted.instruction !== 'FROM')) {
      step.state = 'not-reached';
      return;
    }
    step.state = twin?.state ?? 'cached';
    step.durationMs = twin?.durationMs ?? null;
  }
}

/** Steps of the same text may be one vertex; a stage's name does not matter to its image. */
function isAlike({ predicted: a }: Following, { predicted: b }: Following): boolean {
  if (a.instruction !== 'FROM' || b.instruction !== 'FROM') return a.text === b.text;
  const base = ({ text }: PredictedStep): string => text.replace(/\s+AS\s+\S+\s*$/i, '');
  return base(a) === base(b);
}

function addLines(step: Following, text: string): void {
  const [first = '', ...others] = text.split('\n');
  const last = step.lastLines.pop() ?? '';
  const lines = [...step.lastLines, last + first, ...others];
  step.lastLines = lines.slice(-LAST_LINES - 1).map((line) => line.slice(-LONGEST_LINE));
}

function shown(step: Following): BuildStep {
  const { predicted, state, startedAt, durationMs, error, progress, layers, lastLines } = step;
  const { line, stage, stageIndex, instruction, text, verdict, lastDurationMs, registryLayers = [] } = predicted;
  return {
    ...{ line, stage, stageIndex, instruction, text, state, startedAt, durationMs, error },
    progress: [...progress.values()],
    layers: [...(state === 'done' ? withExistingLayers(layers, registryLayers) : layers).values()],
    lastOutput: lastLines.map(lastOverwrite).filter((one, index, all) => one !== '' || index < all.length - 1),
    ...{ predicted: verdict, lastDurationMs },
  };
}

/** A bar of progress writes over its own line: what stands there last is what a terminal shows. */
function lastOverwrite(line: string): string {
  return withoutColors(line).replace(/\r$/, '').split('\r').at(-1) ?? '';
}
