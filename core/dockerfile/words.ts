import { isGoSpace, trimSpace, trimSpaceLeft } from './text';

/** An instruction's keyword, its flags (`--name=value`, quotes removed) and the rest of its text. */
export interface SplitCommand {
  /** Upper case. */
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

/** White space as BuildKit's parser splits on it: `[\t\v\f\r ]+`. */
const BLANKS = /[\t\v\f\r ]+/;

/** Splits one instruction (BuildKit frontend/dockerfile/parser/split_command.go). */
export function splitCommand(line: string, escape: string): SplitCommand {
  const trimmed = trimSpace(line);
  const blank = BLANKS.exec(trimmed);
  if (blank === null) return { keyword: trimmed.toUpperCase(), flags: [], rest: '' };
  const { flags, rest } = splitFlags(trimmed.slice(blank.index + blank[0].length), escape);
  return { keyword: trimmed.slice(0, blank.index).toUpperCase(), flags, rest: trimSpace(rest) };
}

/**
 * Takes the leading `--flag` words off; `--` ends them. Quotes and escapes inside a flag are removed here, unlike
 * anywhere else in the parser.
 */
export function splitFlags(text: string, escape: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let position = 0;
  for (;;) {
    while (position < text.length && isGoSpace(text.charAt(position))) position++;
    if (!text.startsWith('--', position)) return { flags, rest: text.slice(position) };
    const word = readFlag(text, position, escape);
    position = word.end;
    if (word.text === '--') return { flags, rest: text.slice(position) };
    if (word.text !== '' || word.quoted) flags.push(word.text);
    if (position >= text.length) return { flags, rest: '' };
  }
}

function readFlag(text: string, from: number, escape: string) {
  let word = '';
  let quoted = false;
  let quote: string | undefined;
  let position = from;
  for (; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      quoted = true;
    } else if (quote === undefined && isGoSpace(character)) {
      break;
    } else {
      // an escape at the very end is dropped
      if (character === escape && ++position === text.length) break;
      const point = text.codePointAt(position) ?? 0;
      if (point < 0x80) word += text.charAt(position);
      else {
        word += utf8Units(point);
        if (point > 0xffff) position++;
      }
    }
  }
  return { text: word, quoted, end: position };
}

/** The builder reads flags byte by byte: each byte of a character's UTF-8 becomes a character of its own. */
function utf8Units(point: number): string {
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), tail(0));
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (point >> 18), tail(12), tail(6), tail(0));
}

/** Splits on blanks without looking at quotes (parseStringsWhitespaceDelimited). */
export function splitBlanks(rest: string): string[] {
  return rest === '' ? [] : rest.split(BLANKS);
}

/** Splits into words, keeping quotes and escapes for the later expansion (line_parsers.go parseWords). */
export function parseWords(rest: string, escape: string): string[] {
  const words: string[] = [];
  const characters = [...rest];
  let word = '';
  let started = false;
  let blankAllowed = false;
  let quote: string | undefined;

  const finish = () => {
    if (word !== '' || blankAllowed) words.push(word);
    word = '';
    started = false;
    blankAllowed = false;
  };

  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    const last = index + 1 === characters.length;
    if (quote === undefined && isGoSpace(character)) {
      if (started) finish();
      continue;
    }
    started = true;
    if (character === escape && quote !== "'") {
      if (last) continue;
      word += character + (characters[++index] ?? '');
      continue;
    }
    if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      blankAllowed = true;
    } else if (character === quote) {
      quote = undefined;
    }
    word += character;
  }
  if (started) finish();
  return words;
}

/** One `name=value` of ENV or LABEL, not expanded. */
export interface NameValue {
  readonly name: string;
  readonly value: string;
}

/** Why ENV or LABEL arguments cannot be split into names and values (line_parsers.go parseNameVal). */
export function nameValueError(
  rest: string,
  keyword: string,
  escape: string,
  words: readonly string[] = parseWords(rest, escape),
): string | undefined {
  const first = words[0];
  if (first === undefined) return undefined;
  if (!first.includes('=')) return BLANKS.test(rest) ? undefined : `${keyword} must have two arguments`;
  const word = words.find((one) => !one.includes('='));
  return word === undefined ? undefined : `Syntax error - can't find = in "${word}". Must be of the form: name=value`;
}

/** Reads ENV and LABEL arguments in both forms: `NAME value…` and `NAME=value …` (parseNameVal). */
export function parseNameValues(
  rest: string,
  keyword: string,
  escape: string,
): { pairs: readonly NameValue[]; error?: string } {
  const words = parseWords(rest, escape);
  const first = words[0];
  if (first === undefined) return { pairs: [], error: `${keyword} requires at least one argument` };
  const error = nameValueError(rest, keyword, escape, words);
  if (error !== undefined) return { pairs: [], error };
  if (!first.includes('=')) {
    const blank = BLANKS.exec(rest);
    const end = blank?.index ?? rest.length;
    const name = rest.slice(0, end);
    if (name === '') return { pairs: [], error: `${keyword} names can not be blank` };
    return { pairs: [{ name, value: rest.slice(end + (blank?.[0].length ?? 0)) }] };
  }
  const pairs = words.map((word): NameValue => {
    const equals = word.indexOf('=');
    return { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  if (pairs.some(({ name }) => name === '')) return { pairs: [], error: `${keyword} names can not be blank` };
  return { pairs };
}

/** The JSON form of an instruction, if it is one: an array of strings. */
export interface JsonForm {
  readonly strings?: readonly string[];
  readonly error?: string;
}

/** `[…]` that is valid JSON is the exec form; other text that starts with `[` is the shell form (parseMaybeJSON). */
export function parseJsonForm(rest: string): JsonForm {
  const text = trimSpaceLeft(rest);
  if (!text.startsWith('[')) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return {};
  }
  if (!Array.isArray(parsed)) return {};
  const strings = parsed.filter((one): one is string => typeof one === 'string');
  if (strings.length !== parsed.length) return { error: 'only string type is supported in JSON array' };
  return { strings };
}
