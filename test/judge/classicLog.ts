/** What the classic builder (`DOCKER_BUILDKIT=0 docker build`) prints about one instruction. */
export interface ClassicStep {
  /** 1-based, over the whole file. */
  readonly number: number;
  /** Upper case. */
  readonly keyword: string;
  readonly cached: boolean;
  /** Id of the image after it (12 digits); undefined when it did not end. */
  readonly image: string | undefined;
  /** Triggers of ONBUILD that a FROM runs: how many, and how many of them were cached (always the first ones). */
  readonly triggers: { readonly count: number; readonly cached: number } | undefined;
}

interface Open {
  readonly number: number;
  readonly total: number;
  readonly keyword: string;
  readonly lines: string[];
}

/** Around what a RUN writes to standard error, and around warnings: also at the start of the line after them. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');

/**
 * Reads the steps from the standard output. What a RUN prints lies between these lines and can look like them: a step
 * only begins with the next number, and it is cached only when the first thing said of it is that.
 */
export function readClassicLog(stdout: string): ClassicStep[] {
  const steps: Open[] = [];
  for (const line of stdout.replaceAll(COLOUR, '').split(/\r?\n/)) {
    const [, number, total, keyword] = /^Step (\d+)\/(\d+) : (\S+)/.exec(line) ?? [];
    const last = steps.at(-1);
    const next = Number(number) === (last?.number ?? 0) + 1 && (last === undefined || Number(total) === last.total);
    if (keyword !== undefined && next)
      steps.push({ number: Number(number), total: Number(total), keyword: keyword.toUpperCase(), lines: [] });
    else last?.lines.push(line);
  }
  return steps.map(closed);
}

const CACHED = ' ---> Using cache';

function closed({ number, keyword, lines }: Open): ClassicStep {
  const said = lines.filter((line) => line.startsWith(' ---> '));
  const image = lines.map((line) => /^ ---> ([0-9a-f]{12})$/.exec(line)?.[1]).findLast((id) => id !== undefined);
  const announced = keyword === 'FROM' ? /^# Executing (\d+) build triggers?/.exec(lines[0] ?? '')?.[1] : undefined;
  // COPY that is executed prints nothing, so that only the leading cached ones can be counted. The first that is not
  // cached ends that for the rest of the stage.
  const other = said.findIndex((line) => line !== CACHED);
  const triggers =
    announced === undefined ? undefined : { count: Number(announced), cached: other < 0 ? said.length : other };
  return { number, keyword, cached: said[0] === CACHED && triggers === undefined, image, triggers };
}
