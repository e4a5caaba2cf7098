import type { PredictedStep } from '../../model';
import type { BuilderEvent, OutputStream } from '../events';
import { NumberedSteps } from '../numberedSteps';
import { PlainLines } from '../plainLines';

const STEP = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/\d+: (.*)$/;
const CACHED = /^--> Using cache [0-9a-f]+$/;
const RESULT = /^--> (?:[0-9a-f]{12}|Pushing cache .*|Cache pulled .*)$/;
const COMMIT = /^(?:\[\d+\/\d+\] )?COMMIT(?: .*)?$/;
const IMAGE = /^[0-9a-f]{64}$/;
const ERROR = /^Error: (.+)$/;

/**
 * Reads what `podman build` prints (buildah imagebuildah/stage_executor.go Execute). Steps are numbered within their
 * stage, FROM is the first; the stage has a number where there are several, and not every stage is built, nor in order.
 */
export class BuildahParser extends PlainLines {
  /** Of each stage, the indexes of its steps. */
  private readonly stages = new Map<number, number[]>();
  private readonly steps = new NumberedSteps();

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
      return this.steps.begin(this.find(stage === undefined ? undefined : Number(stage) - 1, Number(number) - 1, text));
    }
    const error = stream === 'stderr' ? ERROR.exec(line)?.[1] : undefined;
    if (error !== undefined) return [...this.steps.fail(error), { kind: 'error', error }];
    if (COMMIT.test(line)) return [];
    if (IMAGE.test(line)) return [...this.steps.close(), { kind: 'image', id: line }];
    if (CACHED.test(line)) {
      this.steps.cached();
      return [];
    }
    const { running } = this.steps;
    if (running === undefined) return [];
    // the step is done; what follows until the next one is the engine's own
    if (RESULT.test(line)) return this.steps.close();
    return [{ kind: 'output', step: running, text: `${line}\n` }];
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
