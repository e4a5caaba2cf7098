import type { BuilderEvent } from '../events';

const ERROR = /^Error: (.+)$/;
/** Lines of a reason: that of an image that is not there names what was tried. */
const LONGEST = 20;
/** Steps that may begin behind a reason: one, since two streams are not read in the order in which they were written. */
const STEPS_BEHIND = 1;

/** An error that may be the builder's, until more is known. */
interface Held {
  readonly error: string;
  /** What ran when it was read. */
  readonly step: number | undefined;
  readonly lines: string[];
  stepsBehind: number;
}

/**
 * Buildah says why it failed in the last lines of its error stream, where what commands print comes as well: an error of
 * theirs looks the same, and the build may go on.
 */
export class LastWords {
  private held: Held | undefined;

  /** Takes a line of the error stream, if it may be of a reason; undefined: it is none. */
  take(line: string, running: number | undefined): readonly BuilderEvent[] | undefined {
    const error = ERROR.exec(line)?.[1];
    if (error !== undefined) {
      const before = this.giveBack();
      this.held = { error, step: running, lines: [line], stepsBehind: 0 };
      return before;
    }
    if (this.held === undefined) return undefined;
    this.held.lines.push(line);
    return this.held.lines.length > LONGEST ? this.giveBack() : [];
  }

  /** A step begins: what was said before the one before it was no reason. */
  stepBegins(): readonly BuilderEvent[] {
    if (this.held === undefined) return [];
    this.held.stepsBehind += 1;
    return this.held.stepsBehind > STEPS_BEHIND ? this.giveBack() : [];
  }

  /** It was only output. */
  giveBack(): readonly BuilderEvent[] {
    const { held } = this;
    this.held = undefined;
    if (held?.step === undefined) return [];
    return [{ kind: 'output', step: held.step, text: held.lines.map((line) => `${line}\n`).join('') }];
  }

  /** Why the build failed, once nothing follows. */
  get reason(): string | undefined {
    return this.held?.error;
  }
}
