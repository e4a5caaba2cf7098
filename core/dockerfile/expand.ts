import { isGoSpace } from './text';
import { replaceByPattern, trimByPattern } from './shellPattern';

/** How a word is read; the defaults are those of ENV, COPY and the other expanded instructions. */
export interface ExpandOptions {
  /** The escape character of the Dockerfile: `\` or a backtick. */
  readonly escape: string;
  /** Keep quote characters in the result. */
  readonly rawQuotes?: boolean;
  /** Keep escape characters in the result. */
  readonly rawEscapes?: boolean;
  /** Treat quotes as ordinary characters (heredoc bodies). */
  readonly skipQuotes?: boolean;
  /** Leave `$NAME` as written when NAME is not set. */
  readonly skipUnset?: boolean;
}

/** The outcome of an expansion: a value, or the builder's complaint. */
export interface Expansion {
  readonly value: string;
  readonly error?: string;
  /** Variables that were asked for, set or not. */
  readonly used: ReadonlySet<string>;
}

/** The outcome of an expansion that also splits into words. */
export interface WordsExpansion {
  readonly words?: readonly string[];
  readonly error?: string;
}

/** Most words hold nothing that could be expanded. */
const PLAIN_WORD = /^[\w./:@=+,%~ -]{0,1000}$/;
const NONE_USED: ReadonlySet<string> = new Set();

/** Expands variables, quotes and escapes of one word (BuildKit frontend/dockerfile/shell/lex.go ProcessWord). */
export function expandWord(text: string, variables: ReadonlyMap<string, string>, options: ExpandOptions): Expansion {
  if (PLAIN_WORD.test(text)) return { value: text, used: NONE_USED };
  const reader = new WordReader(text, variables, options, false);
  try {
    return { value: reader.read(undefined, options.rawEscapes ?? false).result, used: reader.used };
  } catch (error) {
    if (error instanceof ExpansionError) return { value: '', error: error.message, used: reader.used };
    throw error;
  }
}

/** As {@link expandWord}, then split on white space that is not quoted (ProcessWords). */
export function expandWords(
  text: string,
  variables: ReadonlyMap<string, string>,
  options: ExpandOptions,
): WordsExpansion {
  try {
    return { words: new WordReader(text, variables, options, true).read(undefined, options.rawEscapes ?? false).words };
  } catch (error) {
    if (error instanceof ExpansionError) return { error: error.message };
    throw error;
  }
}

/** Deepest nesting of `${name:-${…}}` that is read; far more than anyone writes. */
const MAX_DEPTH = 500;

/** Longest text that the variables of one word may give; nothing longer could be passed to a process. */
const MAX_LENGTH = 1 << 20;

const tooLong = () => new ExpansionError('the expanded text is too long');

/** Control flow inside this file only: the reader is recursive, callers get values. */
class ExpansionError extends Error {}

/** What Go's regular expressions put for `$name` in a replacement: `$0` is the match, `$$` a dollar. */
function goGroup(group: string, match: string): string {
  if (group === '$$') return '$';
  return group === '$0' || group === '${0}' ? match : '';
}

class WordSplitter {
  private readonly words: string[] = [];
  private current = '';
  private inWord = false;

  /** Without `isUsed` nothing is kept: most callers want the joined text only. */
  constructor(private readonly isUsed: boolean) {}

  /** Adds a text that is split at its white space. */
  addSplit(text: string): void {
    if (this.isUsed) for (const character of text) this.add(character);
  }

  add(character: string): void {
    if (!this.isUsed) return;
    if (!isGoSpace(character)) this.addRaw(character);
    else if (this.inWord && this.current !== '') {
      this.words.push(this.current);
      this.current = '';
      this.inWord = false;
    }
  }

  addRaw(text: string): void {
    if (!this.isUsed) return;
    this.current += text;
    this.inWord = true;
  }

  finish(): string[] {
    if (this.current !== '') this.words.push(this.current);
    this.current = '';
    return this.words;
  }
}

class WordReader {
  private readonly characters: string[];
  private position = 0;
  private depth = 0;
  private length = 0;
  private rawEscapes: boolean;
  readonly used = new Set<string>();

  constructor(
    text: string,
    private readonly variables: ReadonlyMap<string, string>,
    private readonly options: ExpandOptions,
    private readonly splits: boolean,
  ) {
    this.characters = [...text];
    // the builder's scanner takes a byte order mark off the start of every word
    if (this.characters[0] === '\uFEFF') this.position = 1;
    this.rawEscapes = options.rawEscapes ?? false;
  }

  /** Reads up to `stop` (or the end) and returns the joined result and its words. */
  read(stop: string | undefined, rawEscapes: boolean): { result: string; words: string[] } {
    const outer = this.rawEscapes;
    this.rawEscapes = rawEscapes;
    if (++this.depth > MAX_DEPTH) throw new ExpansionError('substitutions are nested too deeply');
    try {
      return this.readUntil(stop);
    } finally {
      this.depth--;
      this.rawEscapes = outer;
    }
  }

  private readUntil(stop: string | undefined): { result: string; words: string[] } {
    let result = '';
    const words = new WordSplitter(this.splits);
    for (;;) {
      const character = this.peek();
      if (character === undefined) break;
      if (character === stop) {
        this.next();
        return { result, words: words.finish() };
      }
      const special = this.readSpecial(character);
      if (special !== undefined) {
        result += special;
        if (character === '$') words.addSplit(special);
        else words.addRaw(special);
        continue;
      }
      this.next();
      if (character !== this.options.escape) {
        words.add(character);
        result += character;
        continue;
      }
      if (this.rawEscapes) {
        words.addRaw(character);
        result += character;
      }
      const escaped = this.next();
      if (escaped === undefined) break;
      words.addRaw(escaped);
      result += escaped;
    }
    if (stop !== undefined) {
      throw new ExpansionError(`unexpected end of statement while looking for matching ${stop}`);
    }
    return { result, words: words.finish() };
  }

  private readSpecial(character: string): string | undefined {
    if (character === '$') return this.readDollar();
    if (character === '<') return this.readPossibleHeredoc();
    if (this.options.skipQuotes === true) return undefined;
    if (character === "'") return this.readSingleQuoted();
    if (character === '"') return this.readDoubleQuoted();
    return undefined;
  }

  private readSingleQuoted(): string {
    const quote = this.options.rawQuotes === true ? "'" : '';
    this.next();
    let result = '';
    for (;;) {
      const character = this.next();
      if (character === undefined) {
        throw new ExpansionError('unexpected end of statement while looking for matching single-quote');
      }
      if (character === "'") return quote + result + quote;
      result += character;
    }
  }

  private readDoubleQuoted(): string {
    const quote = this.options.rawQuotes === true ? '"' : '';
    this.next();
    let result = '';
    for (;;) {
      const character = this.peek();
      if (character === undefined) {
        throw new ExpansionError('unexpected end of statement while looking for matching double-quote');
      }
      if (character === '$') {
        result += this.readDollar();
        continue;
      }
      this.next();
      if (character === '"') return quote + result + quote;
      if (character !== this.options.escape) {
        result += character;
        continue;
      }
      if (this.rawEscapes) result += character;
      const escaped = this.peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === '$' || escaped === this.options.escape) {
        this.next();
        result += escaped;
      } else {
        result += character;
      }
    }
  }

  private readPossibleHeredoc(): string {
    this.next();
    if (this.peek() !== '<') return '<';
    this.next();
    let space = '';
    for (let next = this.peek(); next === ' ' || next === '\t' || next === '\r'; next = this.peek()) {
      space += next;
      this.next();
    }
    return `<<${space}`;
  }

  private readDollar(): string {
    this.next();
    if (this.peek() !== '{') {
      const name = this.readName();
      if (name === '') return '$';
      const value = this.lookUp(name);
      return value ?? (this.options.skipUnset === true ? `$${name}` : '');
    }
    this.next();
    const first = this.peek();
    if (first === undefined) throw new ExpansionError("syntax error: missing '}'");
    if (first === '{' || first === '}' || first === ':') throw new ExpansionError('syntax error: bad substitution');
    const name = this.readName();
    const operator = this.next();
    if (operator === '}') {
      const value = this.lookUp(name);
      return value ?? (this.options.skipUnset === true ? `\${${name}}` : '');
    }
    if (operator === '/') return this.readReplacement(name);
    return this.readModifier(name, operator);
  }

  private readModifier(name: string, first: string | undefined): string {
    const nullIsUnset = first === ':';
    const operator = nullIsUnset ? this.next() : first;
    const shown = `${nullIsUnset ? ':' : ''}${operator ?? ''}`;
    const isTrim = operator === '#' || operator === '%';
    const isKnown = operator !== undefined && '+-?#%'.includes(operator);
    const unsupported = () => new ExpansionError(`unsupported modifier (${shown}) in substitution`);
    if ((!isKnown && !nullIsUnset) || (nullIsUnset && isTrim)) throw unsupported();
    const word = this.read('}', isTrim).result;
    const value = this.lookUp(name);
    if (this.options.skipUnset === true && value === undefined) return `\${${name}${shown}${word}}`;
    // `${name:1:2}` is refused only where the name has to be known: not when the line is searched for heredocs
    if (!isKnown) throw unsupported();
    const missing = value === undefined || (nullIsUnset && value === '');
    switch (operator) {
      case '-':
        return missing ? word : value;
      case '+':
        return missing ? '' : word;
      case '?':
        if (!missing) return value;
        throw new ExpansionError(
          `${name}: ${word === '' ? `is not allowed to be ${value === undefined ? 'unset' : 'empty'}` : word}`,
        );
      default: {
        const trimmed = trimByPattern(value ?? '', word, operator === '%');
        if (trimmed === undefined) throw new ExpansionError(`invalid pattern (${word}) in substitution`);
        return trimmed;
      }
    }
  }

  private readReplacement(name: string): string {
    const all = this.peek() === '/';
    if (all) this.next();
    const pattern = this.read('/', true).result;
    const replacement = this.read('}', true).result;
    const value = this.lookUp(name);
    if (this.options.skipUnset === true && value === undefined) return `\${${name}/${pattern}/${replacement}}`;
    if ((value ?? '').length * replacement.length > MAX_LENGTH) throw tooLong();
    // BuildKit uses Go's ReplaceAllString for `//`, where $1 and ${name} in the replacement mean groups: there are none
    const insert = (match: string): string =>
      all ? replacement.replace(/\$(?:\$|\w+|\{\w*\})/g, (group) => goGroup(group, match)) : replacement;
    const replaced = replaceByPattern(value ?? '', pattern, all, insert);
    if (replaced === undefined) throw new ExpansionError(`invalid pattern (${pattern}) in substitution`);
    return replaced;
  }

  private readName(): string {
    let name = '';
    for (;;) {
      const character = this.peek();
      if (character === undefined) return name;
      if (name === '') {
        if (/\p{Nd}/u.test(character)) return this.readWhile(/\p{Nd}/u);
        if ('@*#?-$!0'.includes(character)) {
          this.next();
          return character;
        }
      }
      if (!/[\p{L}\p{Nd}_]/u.test(character)) return name;
      name += character;
      this.next();
    }
  }

  private readWhile(pattern: RegExp): string {
    let text = '';
    for (let character = this.peek(); character !== undefined && pattern.test(character); character = this.peek()) {
      text += character;
      this.next();
    }
    return text;
  }

  private lookUp(name: string): string | undefined {
    this.used.add(name);
    const value = this.variables.get(name);
    this.length += value?.length ?? 0;
    if (this.length > MAX_LENGTH) throw tooLong();
    return value;
  }

  private peek(): string | undefined {
    return this.characters[this.position];
  }

  private next(): string | undefined {
    return this.characters[this.position++];
  }
}
