import { goMatch } from '../context/goMatch';
import { isGoSpace } from '../dockerfile/text';

/** A word with its variables put in, or why the build ends at it. */
export interface Expanded {
  readonly value: string;
  readonly error?: string;
  /** Set where the rules are not followed exactly. */
  readonly open?: string;
}

/** Longest value that patterns are tried on: Buildah tries all beginnings or ends of it. */
const LONGEST = 300;
/** The same where all parts of it are tried. */
const LONGEST_REPLACED = 100;

/** Words in words in words. */
const DEEPEST = 100;

/** Control flow inside this file only. */
class Refused extends Error {}
class NotFollowed extends Error {}

/** Expands variables, quotes and escapes of one word (openshift/imagebuilder shell_parser.go ProcessWord). */
export function expandBuildah(word: string, variables: ReadonlyMap<string, string>): Expanded {
  try {
    return { value: new WordReader(word, variables).read([]) };
  } catch (error) {
    if (error instanceof Refused) return { value: '', error: error.message };
    if (error instanceof NotFollowed) return { value: '', open: error.message };
    throw error;
  }
}

class WordReader {
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;
  /** Where the last part ended. */
  private stop = '';

  constructor(
    private readonly word: string,
    private readonly variables: ReadonlyMap<string, string>,
  ) {
    this.characters = Array.from(word);
  }

  /** Reads up to one of these characters, or to the end where there are none. */
  read(stops: readonly string[]): string {
    let result = '';
    while (this.at < this.characters.length) {
      const character = this.peek();
      if (stops.includes(character)) {
        this.at++;
        this.stop = character;
        return result;
      }
      if (character === "'") result += this.singleQuoted();
      else if (character === '"') result += this.doubleQuoted();
      else if (character === '$') result += this.dollar();
      else {
        this.at++;
        if (character !== '\\') result += character;
        else if (this.at < this.characters.length) result += this.next();
      }
    }
    if (stops.length > 0) throw new Refused(`unexpected end of ${this.word}: ${stops.join(' or ')} is missing`);
    return result;
  }

  private peek(): string {
    return this.characters[this.at] ?? '';
  }

  private next(): string {
    return this.characters[this.at++] ?? '';
  }

  private singleQuoted(): string {
    this.at++;
    const end = this.characters.indexOf("'", this.at);
    if (end < 0) throw new Refused(`unexpected end of ${this.word}: a single quote is missing`);
    const text = this.characters.slice(this.at, end).join('');
    this.at = end + 1;
    return text;
  }

  private doubleQuoted(): string {
    this.at++;
    let result = '';
    for (;;) {
      if (this.at >= this.characters.length) {
        throw new Refused(`unexpected end of ${this.word}: a double quote is missing`);
      }
      const character = this.peek();
      if (character === '"') {
        this.at++;
        return result;
      }
      if (character === '$') {
        result += this.dollar();
        continue;
      }
      this.at++;
      if (character === '\\') {
        const escaped = this.peek();
        if (escaped === '') continue;
        result += ['"', '$', '\\'].includes(escaped) ? this.next() : character;
      } else result += character;
    }
  }

  private dollar(): string {
    if (++this.depth > DEEPEST) throw new NotFollowed('a word holds words too deep');
    const value = this.variable();
    this.depth--;
    return value;
  }

  private variable(): string {
    this.at++;
    if (this.peek() !== '{') {
      const name = this.name();
      return name === '' ? '$' : this.valueOf(name);
    }
    this.at++;
    const name = this.name();
    const character = this.peek();
    switch (character) {
      case '}':
        this.at++;
        return this.valueOf(name);
      case ':':
        this.at++;
        return this.modified(name, this.next());
      case '#':
      case '%':
        return this.stripped(name, character);
      case '/':
        return this.replaced(name);
      default:
        throw new Refused(`Missing ':' or '#' or '%' or '/' in substitution: ${this.word}`);
    }
  }

  private modified(name: string, modifier: string): string {
    const word = this.read(['}']);
    const value = this.valueOf(name);
    switch (modifier) {
      case '+':
        return value === '' ? '' : word;
      case '-':
        return value === '' ? word : value;
      case '?':
        if (value === '' && word === '') throw new Refused(`${name} is not allowed to be unset`);
        return value === '' ? word : value;
      default:
        throw new Refused(`Unsupported modifier (${modifier}) in substitution: ${this.word}`);
    }
  }

  /** What is tried stops one short of the whole value, as it does there. */
  private stripped(name: string, kind: '#' | '%'): string {
    this.at++;
    const isGreedy = this.peek() === kind;
    if (isGreedy) this.at++;
    const pattern = this.read(['}']);
    const value = this.plain(name);
    if (pattern === '') throw new Refused(`${name}${kind}: nothing to remove`);
    const ends = Array.from({ length: value.length }, (_, index) => index);
    const short = ends.slice(0, -1);
    if (kind === '#') {
      const order = isGreedy ? [...ends].reverse() : short;
      const end = order.find((index) => goMatch(pattern, value.slice(0, index)) === true);
      return end === undefined ? value : value.slice(end);
    }
    const order = isGreedy ? short : [...ends].reverse();
    const start = order.find((index) => goMatch(pattern, value.slice(index)) === true);
    return start === undefined ? value : value.slice(0, start);
  }

  private replaced(name: string): string {
    this.at++;
    const kind = this.peek();
    const isSpecial = kind === '/' || kind === '#' || kind === '%';
    if (isSpecial) this.at++;
    const pattern = this.read(['/', '}']);
    const hasReplacement = this.stop === '/';
    if (pattern === '') throw new Refused(`${name}/: no pattern to replace`);
    const replacement = hasReplacement ? this.read(['}']) : '';
    let value = this.plain(name, LONGEST_REPLACED);
    for (let start = 0; start < value.length; start++) {
      if (kind === '#' && start !== 0) break;
      const end = this.longest(pattern, value, start, kind === '%');
      if (end === undefined) continue;
      value = value.slice(0, start) + replacement + value.slice(end);
      if (kind !== '/') return value;
      start += replacement.length - 1;
      if (value.length > LONGEST_REPLACED) throw new NotFollowed(`${this.word} becomes very long`);
    }
    return value;
  }

  private longest(pattern: string, value: string, start: number, toEnd: boolean): number | undefined {
    for (let end = value.length; end > start; end--) {
      if (goMatch(pattern, value.slice(start, end)) === true) return end;
      if (toEnd) return undefined;
    }
    return undefined;
  }

  /** A value that patterns are tried on: byte by byte, so that only plain text is followed. */
  private plain(name: string, longest = LONGEST): string {
    const value = this.valueOf(name);
    if (value.length > longest) throw new NotFollowed(`the value of ${name} is very long`);
    // what is not ASCII has several bytes
    if (Array.from(value).some((character) => (character.codePointAt(0) ?? 0) > 0x7f))
      throw new NotFollowed(`the value of ${name} is not plain ASCII`);
    return value;
  }

  /** Letters, digits and `_`; a digit at the beginning is a name by itself. */
  private name(): string {
    let name = '';
    while (this.at < this.characters.length) {
      const character = this.peek();
      if (name === '' && /\p{Nd}/u.test(character)) return this.next();
      if (!/[\p{L}\p{Nd}_]/u.test(character) || isGoSpace(character)) break;
      name += this.next();
    }
    return name;
  }

  private valueOf(name: string): string {
    return this.variables.get(name) ?? '';
  }
}
