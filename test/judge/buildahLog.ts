/** What `podman build --layers` prints about one step. */
export interface BuildahStep {
  /** 1-based; stages that are not used are not among the steps. */
  readonly stage: number;
  /** 1-based, in its stage; FROM is the first. */
  readonly number: number;
  /** Steps of the stage, as printed here: triggers of ONBUILD are only known, and counted, after FROM. */
  readonly total: number;
  /** Upper case. */
  readonly keyword: string;
  /** Behind the keyword. */
  readonly rest: string;
  readonly cached: boolean;
  /** Id of the image after it (12 digits); undefined when it did not end. */
  readonly image: string | undefined;
}

type Open = Omit<BuildahStep, 'cached' | 'image'> & { readonly lines: string[] };

const DONE = /--> ([0-9a-f]{12})$/;

/**
 * Reads the steps from the standard output. What a RUN prints lies between these lines and can look like them: a step
 * only begins with the number that is next in its stage, and it is cached only when that is said first of it.
 *
 * Stages come in any order, also in the middle of a step of another one that waits for them.
 */
export function readBuildahLog(stdout: string): BuildahStep[] {
  const steps: Open[] = [];
  const newest = new Map<number, Open>();
  let current: Open | undefined;
  for (const line of stdout.split(/\r?\n/)) {
    // `STEP 2/4: RUN …`, with more than one stage `[1/3] STEP 2/4: RUN …`
    const match = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/(\d+): (\S+)\s*(.*)$/.exec(line);
    const [stage, number, total] = [Number(match?.[1] ?? 1), Number(match?.[2]), Number(match?.[3])];
    if (match && number === (newest.get(stage)?.number ?? 0) + 1) {
      current = {
        ...{ stage, number, total, keyword: (match[4] ?? '').toUpperCase() },
        ...{ rest: match[5] ?? '', lines: [] },
      };
      steps.push(current);
      newest.set(stage, current);
    } else {
      if (DONE.test(line) && current?.lines.some((one) => DONE.test(one)) === true) {
        const own = current.stage;
        const waiting = [...newest.values()].find(
          (step) => step.stage !== own && step.keyword !== 'FROM' && !step.lines.some((one) => DONE.test(one)),
        );
        current = waiting ?? current;
      }
      current?.lines.push(line);
    }
  }
  return steps.map(({ lines, ...step }) => ({
    ...step,
    cached: /^--> Using cache [0-9a-f]{64}$/.test(lines[0] ?? ''),
    // what a RUN prints last may have no end of line
    image: lines.map((line) => DONE.exec(line)?.[1]).findLast((id) => id !== undefined),
  }));
}
