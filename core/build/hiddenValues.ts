import { looksSecret, type SecretSource } from '../model';

/** Shorter values are in too many words, and no secrets. */
const SHORTEST = 4;

/** Takes values that nobody should read out of what a builder prints: a command may well print its arguments. */
export class HiddenValues {
  private readonly values: readonly string[];

  constructor(values: readonly string[]) {
    this.values = [...new Set(values)]
      .filter((value) => value.length >= SHORTEST)
      // one may be within another
      .sort((one, other) => other.length - one.length);
  }

  /** A text that is whole. */
  in(text: string): string {
    const stream = this.stream();
    return stream.push(text) + stream.end();
  }

  /** For a text that comes in pieces: a value may begin in one and end in another. */
  stream(): HidingStream {
    return new HidingStream(this.values);
  }
}

/** A text in pieces, without the values. What may be the beginning of a value waits for the next piece. */
export class HidingStream {
  private readonly beginnings: ReadonlySet<string>;
  private held = '';

  /** @param values the longest first */
  constructor(private readonly values: readonly string[]) {
    this.beginnings = new Set(values.map((value) => value.charAt(0)));
  }

  push(piece: string): string {
    if (this.values.length === 0) return piece;
    return this.pass(this.held + piece, false);
  }

  /** What waits: nothing follows. */
  end(): string {
    return this.pass(this.held, true);
  }

  private pass(text: string, isLast: boolean): string {
    let shown = '';
    let from = 0;
    let at = 0;
    while (at < text.length) {
      if (!this.beginnings.has(text.charAt(at))) {
        at++;
        continue;
      }
      // the longest that is there or still may be
      const begun = this.values.find(
        (value) => text.startsWith(value, at) || (!isLast && isBeginning(text, at, value)),
      );
      if (begun === undefined) at++;
      else if (text.startsWith(begun, at)) {
        shown += `${text.slice(from, at)}…`;
        at += begun.length;
        from = at;
      } else break;
    }
    this.held = text.slice(at);
    return shown + text.slice(from, at);
  }
}

/** Whether a text ends with the beginning of a value, from a place on. */
function isBeginning(text: string, at: number, value: string): boolean {
  return text.length - at < value.length && value.startsWith(text.slice(at));
}

/**
 * The values of a build that are not to be read: those of build arguments whose names look like secrets, and those of
 * secrets in the environment. What is in a secret's file is not known here.
 */
export function valuesToHide(
  buildArgs: Iterable<readonly [name: string, value: string]>,
  secrets: readonly SecretSource[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const ofArgs = [...buildArgs].flatMap(([name, value]) => (looksSecret(name) ? [value] : []));
  const ofSecrets = secrets.flatMap((secret) => ('variable' in secret ? [env[secret.variable] ?? ''] : []));
  return [...ofArgs, ...ofSecrets];
}
