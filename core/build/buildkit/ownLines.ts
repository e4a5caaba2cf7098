import type { PredictedStep } from '../../model';
import type { BuilderEvent } from '../events';

const ERROR = /^ERROR: (?:failed to build: )?(?:failed to solve: )?(.+)$/;
const PLACE = /^.+:(\d+)$/;
const RULE = /^-{20}$/;

/**
 * Reads what buildx prints beside the states: where the build failed, as `Dockerfile:7` above a rule and the lines around
 * (BuildKit solver/errdefs/source.go), and why.
 */
export class OwnLines {
  private candidate: number | undefined;
  private at: number | undefined;

  constructor(private readonly steps: readonly PredictedStep[]) {}

  /**
   * What a line tells. What fails before there is a vertex of the instruction, as an image that is not there, has only its
   * line: it stands before the error.
   *
   * @param hasFailed an instruction has been told to have failed
   */
  read(line: string, hasFailed: boolean): readonly BuilderEvent[] {
    const before = this.candidate;
    const place = PLACE.exec(line)?.[1];
    this.candidate = place === undefined ? undefined : Number(place);
    // of several places the first is the one that failed
    if (RULE.test(line)) this.at ??= before;
    const error = ERROR.exec(line)?.[1];
    if (error === undefined) return [];
    const { at } = this;
    const step =
      at === undefined || hasFailed ? -1 : this.steps.findIndex(({ line: own }) => own.start <= at && at <= own.end);
    const failed: readonly BuilderEvent[] = step < 0 ? [] : [{ kind: 'failed', step, error, durationMs: null }];
    return [...failed, { kind: 'error', error }];
  }
}
