import type { BuildStep, LineRange, Prediction } from '../../core/model';
import type { Build } from './build';

/** Where a build failed, on the present lines of its Dockerfile. */
export type FailedPlace = Pick<BuildStep, 'line' | 'error' | 'lastOutput'>;

/** The builder does not get as far as instructions (BuildKit frontend/dockerfile/parser, moby builder/dockerfile). */
const PARSE_ERROR = /parse error on line (\d+)/i;

/**
 * The places at which a build failed. A line may have moved since; an instruction that has another text now, or is gone,
 * is another one, of which nothing is known.
 */
export function failedPlaces(build: Build, text: string, now: Prediction | undefined): readonly FailedPlace[] {
  const { steps, error } = build.live;
  const failed = steps.filter(({ state }) => state === 'failed');
  if (failed.length > 0) {
    return failed.flatMap((step) => {
      const line = nearest(
        step.line,
        (now?.steps ?? []).filter((one) => one.text === step.text).map((one) => one.line),
      );
      return line === undefined ? [] : [{ line, error: step.error, lastOutput: step.lastOutput }];
    });
  }
  const start = Number(PARSE_ERROR.exec(error ?? '')?.[1]);
  const isSame = build.text.split('\n')[start - 1] === text.split('\n')[start - 1];
  return Number.isNaN(start) || !isSame ? [] : [{ line: { start, end: start }, error, lastOutput: [] }];
}

function nearest(wanted: LineRange, lines: readonly LineRange[]): LineRange | undefined {
  const distance = ({ start }: LineRange): number => Math.abs(start - wanted.start);
  return [...lines].sort((one, other) => distance(one) - distance(other))[0];
}
