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

function fits(createdBy: string, { instruction, text }: PossibleMaker): boolean {
  const made = instructionOf(createdBy);
  const keyword = made.split(' ', 1)[0]?.toUpperCase() ?? '';
  if (keyword !== instruction) return false;
  // what a builder writes for files, times and variables is its own; the words of a command are the user's
  if (instruction !== 'RUN') return true;
  return patternOf(text).test(plain(made));
}

/** The command as it may have been noted: variables stay, blanks and options do not count. */
function patternOf(text: string): RegExp {
  const words = plain(text).split(/(\$\{[^}]*\}|\$\w+)/);
  const pattern = words.map((word, index) => (index % 2 === 1 ? `(?:${escape(word)}|.*)` : escape(word)));
  return new RegExp(`^(?:.* )?${pattern.join('')}$`, 's');
}

function plain(text: string): string {
  return text
    .replace(/^RUN\s+/i, '')
    .replace(/^(?:--\w+(?:=\S+)?\s+)+/, '')
    .replace(/^\/bin\/sh -c /, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
