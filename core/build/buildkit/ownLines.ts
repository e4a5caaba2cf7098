/** What a line of buildx's own says. */
export interface OwnLine {
  /** Why the build failed. */
  readonly error?: string | undefined;
  /** The line of the Dockerfile (1-based) that was shown before the error. */
  readonly at?: number | undefined;
}

const ERROR = /^ERROR: (?:failed to build: )?(?:failed to solve: )?(.+)$/;
const PLACE = /^.+:(\d+)$/;
const RULE = /^-{20}$/;
/** The answer of a buildx that does not know how to tell its progress as data. */
const TOO_OLD = /invalid progress mode rawjson/i;

/**
 * Reads what buildx prints beside the states: where the build failed, as `Dockerfile:7` above a rule and the lines around
 * (BuildKit solver/errdefs/source.go), and why.
 */
export class OwnLines {
  private candidate: number | undefined;
  private at: number | undefined;

  read(line: string): OwnLine {
    const before = this.candidate;
    const place = PLACE.exec(line)?.[1];
    this.candidate = place === undefined ? undefined : Number(place);
    // of several places the first is the one that failed
    if (RULE.test(line)) this.at ??= before;
    const error = ERROR.exec(line)?.[1];
    if (error === undefined) return {};
    return {
      error: TOO_OLD.test(error) ? `this buildx is too old to follow its builds: ${error}` : error,
      at: this.at,
    };
  }
}
