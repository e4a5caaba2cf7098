import { instructionOf } from './createdBy';

/** An instruction of a Dockerfile that may have made a step of an image. */
export interface PossibleMaker {
  /** 1-based. */
  readonly line: number;
  /** Upper-case keyword. */
  readonly instruction: string;
  /** On one line, as it is written. */
  readonly text: string;
}

/**
 * Which instruction made each step of an image: undefined for steps of its base. Undefined as a whole when the image was
 * not made from these instructions: then every guess at a single line would be one.
 */
export function attribute(
  steps: readonly string[],
  makers: readonly PossibleMaker[],
): readonly (number | undefined)[] | undefined {
  const lines = steps.map((): number | undefined => undefined);
  let step = steps.length - 1;
  for (let index = makers.length - 1; index >= 0; index--) {
    const maker = makers[index];
    if (maker === undefined) continue;
    if (step >= 0 && fits(steps[step] ?? '', maker)) lines[step--] = maker.line;
    // some builders note no ARG, others one step for each name
    else if (maker.instruction !== 'ARG') return undefined;
  }
  return lines.some((line) => line !== undefined) ? lines : undefined;
}

/** May an instruction have made a step? */
export function fits(createdBy: string, { instruction, text }: PossibleMaker): boolean {
  const made = instructionOf(createdBy);
  const keyword = made.split(' ', 1)[0]?.toUpperCase() ?? '';
  if (keyword !== instruction) return false;
  // what a builder writes for files, times and variables is its own; the words of a command are the user's
  if (instruction !== 'RUN') return true;
  return isWrittenAs(plain(made), plain(text));
}

/**
 * Is this the command as it was noted? A variable stands for anything; blanks and options do not count. Parts are looked
 * for one after the other: a regular expression could take for ever over commands with many variables.
 */
function isWrittenAs(made: string, written: string): boolean {
  const [first = '', ...rest] = written.split(/\$\{[^}]*\}|\$\w+/);
  // options and arguments may stand before
  const starts = made.startsWith(first) ? 0 : made.indexOf(` ${first}`) + 1;
  if (starts === 0 && !made.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return made.slice(starts) === first;
  let at = starts + first.length;
  for (const part of rest) {
    const found = made.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return made.length - last.length >= at && made.endsWith(last);
}

function plain(text: string): string {
  return text
    .replace(/^RUN\s+/i, '')
    .replace(/^(?:--\w+(?:=\S+)?\s+)+/, '')
    .replace(/^\/bin\/sh -c /, '')
    .replace(/\s+/g, ' ')
    .trim();
}
