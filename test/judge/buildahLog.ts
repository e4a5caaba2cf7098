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

/**
 * Reads the steps from the standard output. What a RUN prints lies between these lines and can look like them: a step
 * only begins with the number that is next, and it is cached only when that is said first of it.
 */
export function readBuildahLog(stdout: string): BuildahStep[] {
  const steps: Open[] = [];
  for (const line of stdout.split(/\r?\n/)) {
    // `STEP 2/4: RUN …`, with more than one stage `[1/3] STEP 2/4: RUN …`
    const match = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/(\d+): (\S+)\s*(.*)$/.exec(line);
    const last = steps.at(-1);
    const [stage, number, total] = [Number(match?.[1] ?? 1), Number(match?.[2]), Number(match?.[3])];
    const next = stage === last?.stage ? number === last.number + 1 : number === 1 && stage > (last?.stage ?? 0);
    if (match && next)
      steps.push({
        ...{ stage, number, total, keyword: (match[4] ?? '').toUpperCase() },
        ...{ rest: match[5] ?? '', lines: [] },
      });
    else last?.lines.push(line);
  }
  return steps.map(({ lines, ...step }) => ({
    ...step,
    cached: /^--> Using cache [0-9a-f]{64}$/.test(lines[0] ?? ''),
    // what a RUN prints last may have no end of line
    image: lines.map((line) => /--> ([0-9a-f]{12})$/.exec(line)?.[1]).findLast((id) => id !== undefined),
  }));
}
