import { expandWord, expandWords, type ExpandOptions } from './expand';

/** The start of a heredoc in an instruction: `<<EOF`, `<<-"EOF"`. */
export interface HeredocStart {
  readonly name: string;
  /** False when a part of the delimiter is quoted: the body is then taken literally. */
  readonly expand: boolean;
  /** `<<-`: leading tabs of the body are removed. */
  readonly chomp: boolean;
}

/** A heredoc with its body as written, line ends and leading tabs included. */
export interface Heredoc extends HeredocStart {
  readonly content: string;
}

const HEREDOC = /^(\d*)<<(-?)\s*([^<]*)$/;
const NO_VARIABLES = new Map<string, string>();
const KEEP_ALL: ExpandOptions = { escape: '\\', rawQuotes: true, rawEscapes: true, skipUnset: true };

/** Reads one word as the start of a heredoc (BuildKit frontend/dockerfile/parser/parser.go ParseHeredoc). */
export function parseHeredocStart(word: string): HeredocStart | undefined {
  const match = HEREDOC.exec(word);
  const rest = match?.[3];
  if (rest === undefined || rest === '') return undefined;
  const plain = expandWords(rest, NO_VARIABLES, { escape: '\\', skipUnset: true });
  const raw = expandWords(rest, NO_VARIABLES, { escape: '\\', skipUnset: true, rawQuotes: true });
  const name = plain.words?.[0];
  const rawName = raw.words?.[0];
  if (plain.words?.length !== 1 || raw.words?.length !== 1 || name === undefined || rawName === undefined) {
    return undefined;
  }
  return { name, expand: countQuotes(name) === countQuotes(rawName), chomp: match?.[2] === '-' };
}

/** The heredocs that an instruction line opens, in order. */
export function heredocsOfLine(line: string): HeredocStart[] {
  const words = expandWords(line, NO_VARIABLES, KEEP_ALL).words ?? [];
  return words.map(parseHeredocStart).filter((start) => start !== undefined);
}

/** The body as the builder uses it: `<<-` removes the leading tabs of each line. */
export function heredocBody(heredoc: Heredoc): string {
  return heredoc.chomp ? heredoc.content.replace(/(^|\n)\t+/g, '$1') : heredoc.content;
}

/** Expands an unquoted heredoc body: quotes are kept, the escape character is always `\`. */
export function expandHeredocBody(content: string, variables: ReadonlyMap<string, string>) {
  return expandWord(content, variables, { escape: '\\', skipQuotes: true });
}

function countQuotes(text: string): number {
  return (text.match(/['"]/g) ?? []).length;
}
