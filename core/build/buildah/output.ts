import type { PredictedStep, PulledLayer } from '../../model';
import type { BuilderEvent, OutputStream } from '../events';
import { NumberedSteps } from '../numberedSteps';
import { PlainLines } from '../plainLines';
import { LastWords } from './lastWords';

const STEP = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/\d+: (.*)$/;
const CACHED = /^--> Using cache [0-9a-f]+$/;
const RESULT = /^--> (?:[0-9a-f]{12}|Pushing cache .*|Cache pulled .*)$/;
const COMMIT = /^(?:\[\d+\/\d+\] )?COMMIT(?: .*)?$/;
const IMAGE = /^[0-9a-f]{64}$/;
/** Printed where a blob begins; without a terminal nothing is when it ends (containers/image copy/progress_bars.go). */
const BLOB = /^Copying blob (?:sha256:)?([0-9a-f]{12})[0-9a-f]*( skipped: already exists)?/;
const FETCHED = /^Writing manifest to image destination$/;

/**
 * Reads what `podman build` prints (buildah imagebuildah/stage_executor.go Execute). Steps are numbered within their
 * stage, FROM is the first; the stage has a number where there are several, and not every stage is built, nor in order.
 */
export class BuildahParser extends PlainLines {
  /** Of each stage, the indexes of its steps. */
  private readonly stages = new Map<number, number[]>();
  private readonly steps = new NumberedSteps();
  /** Layers that are fetched for the FROM that runs. */
  private fetching: string[] = [];
  private readonly lastWords = new LastWords();

  constructor(private readonly predicted: readonly PredictedStep[]) {
    super();
    for (const [index, { stageIndex, origin }] of predicted.entries()) {
      if (stageIndex < 0 || origin === 'onbuild') continue;
      const own = this.stages.get(stageIndex) ?? [];
      own.push(index);
      this.stages.set(stageIndex, own);
    }
  }

  protected override line(stream: OutputStream, line: string): readonly BuilderEvent[] {
    const [, stage, number, text] = STEP.exec(line) ?? [];
    if (number !== undefined && text !== undefined) {
      const step = this.find(stage === undefined ? undefined : Number(stage) - 1, Number(number) - 1, text);
      return [...this.lastWords.stepBegins(), ...this.steps.begin(step)];
    }
    const held = stream === 'stderr' ? this.lastWords.take(line, this.steps.running) : undefined;
    if (held !== undefined) return held;
    if (COMMIT.test(line)) return [];
    if (IMAGE.test(line)) return [...this.lastWords.giveBack(), ...this.steps.close(), { kind: 'image', id: line }];
    if (CACHED.test(line)) {
      this.steps.cached();
      return [];
    }
    const { running } = this.steps;
    if (running === undefined) return [];
    // the step is done; what follows until the next one is the engine's own
    if (RESULT.test(line)) return this.steps.close();
    const output: BuilderEvent = { kind: 'output', step: running, text: `${line}\n` };
    return this.predicted[running]?.instruction === 'FROM' ? [output, ...this.pulled(running, line)] : [output];
  }

  /** What a line says of the layers of an image that is fetched; how many bytes nobody tells. */
  private pulled(step: number, line: string): readonly BuilderEvent[] {
    const told = (layer: string, state: PulledLayer['state']): BuilderEvent => ({
      ...{ kind: 'layer', step, layer: { layer, state, current: 0, total: null } },
    });
    const [, layer, skipped] = BLOB.exec(line) ?? [];
    if (layer !== undefined) {
      if (skipped !== undefined) return [told(layer, 'exists')];
      this.fetching.push(layer);
      return [told(layer, 'downloading')];
    }
    if (!FETCHED.test(line)) return [];
    const fetched = this.fetching;
    this.fetching = [];
    return fetched.map((one) => told(one, 'done'));
  }

  override end(): readonly BuilderEvent[] {
    const rest = super.end();
    const error = this.lastWords.reason;
    return error === undefined ? rest : [...rest, ...this.steps.fail(error), { kind: 'error', error }];
  }

  /** A file with one stage that counts has no number of a stage: then the stage is where the text stands. */
  private find(stage: number | undefined, step: number, text: string): number | undefined {
    if (stage !== undefined) return this.stages.get(stage)?.[step];
    const keyword = /^\S+/.exec(text)?.[0]?.toUpperCase() ?? '';
    const candidates = [...this.stages.values()].flatMap((own) => own[step] ?? []);
    const ofKeyword = candidates.filter((index) => this.predicted[index]?.instruction === keyword);
    const needed = ofKeyword.filter((index) => this.predicted[index]?.verdict !== 'unused');
    return needed[0] ?? ofKeyword[0];
  }
}
