import type { PredictedStep, PulledLayer } from '../../model';
import type { BuilderEvent, OutputStream } from '../events';
import { withoutColors } from '../colors';
import { NumberedSteps } from '../numberedSteps';
import { PlainLines } from '../plainLines';

const STEP = /^Step (\d+)\/\d+ : /;
const CACHED = /^ ---> Using cache$/;
const RUNNING = /^ ---> (?:Running in|\[Warning\]|\[Info\]) ?/;
const REMOVED = /^(?:Removing intermediate container| ---> Removed intermediate container) /;
const RESULT = /^ ---> [0-9a-f]{12}$/;
const BUILT = /^Successfully built ([0-9a-f]{12,64})$/;
const ERROR = /^The command '.*' returned a non-zero code: -?\d+$/;
/** `a1b2c3d4e5f6: Pulling fs layer`, with bars of progress on a terminal only. */
const PULL =
  /^([0-9a-f]{12}): (Already exists|Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting|Pull complete)/;
const PULL_STATES: Readonly<Record<string, PulledLayer['state']>> = {
  'Already exists': 'exists',
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'downloading',
  'Download complete': 'downloading',
  Extracting: 'extracting',
  'Pull complete': 'done',
};

/**
 * Reads what the classic builder prints (moby builder/dockerfile/builder.go printCommand, internals.go). Its steps are
 * numbered in the order of the file, from the first global ARG to the end of the target stage; triggers have no number.
 */
export class ClassicParser extends PlainLines {
  private readonly order: readonly number[];
  private readonly steps = new NumberedSteps();

  constructor(steps: readonly PredictedStep[]) {
    super();
    this.order = steps.flatMap(({ origin }, index) => (origin === 'onbuild' ? [] : [index]));
  }

  protected override line(stream: OutputStream, printed: string): readonly BuilderEvent[] {
    // what a command writes to its error stream is red, and the end of that stands before the next line
    const line = withoutColors(printed);
    if (line === '' && printed !== '') return [];
    const number = STEP.exec(line)?.[1];
    if (number !== undefined) return this.steps.begin(this.order[Number(number) - 1]);
    if (stream === 'stderr') return this.errorLine(line);
    const image = BUILT.exec(line)?.[1];
    if (image !== undefined) return [...this.steps.close(), { kind: 'image', id: image }];
    if (CACHED.test(line)) this.steps.cached();
    const { running } = this.steps;
    if (running === undefined || CACHED.test(line) || RUNNING.test(line) || REMOVED.test(line) || RESULT.test(line)) {
      return [];
    }
    const [, layer, state] = PULL.exec(line) ?? [];
    if (layer !== undefined && state !== undefined) {
      const pulled = { layer, state: PULL_STATES[state] ?? 'waiting', current: 0, total: null };
      return [{ kind: 'layer', step: running, layer: pulled }];
    }
    return [{ kind: 'output', step: running, text: `${line}\n` }];
  }

  private errorLine(line: string): readonly BuilderEvent[] {
    const { running } = this.steps;
    const isReason =
      ERROR.test(line) || (running !== undefined && /^(?:COPY|ADD|failed|Error|pull access|manifest)/i.test(line));
    if (isReason) return [...this.steps.fail(line), { kind: 'error', error: line }];
    return [];
  }
}
