import { negated, NAMED_CLASSES, PERL_CLASSES, unicodeClass, type Ranges } from './goRegexpClasses';

/** Go refuses larger counts (Go src/regexp/syntax/parse.go, the `{` case of parse). */
const MAX_REPEAT = 1000;

/**
 * Compiles the part of Go's regular expressions that moby's ignore patterns can reach: everything but groups, flags and
 * lazy repetition (Go src/regexp/syntax/parse.go with the Perl flags). Undefined where Go refuses the expression.
 *
 * JavaScript's own syntax is no substitute: other escapes (`\Q`, `\z`, `\a`, `\pL`, octal), other class rules (a plain
 * `]` or `{`, `[[:alpha:]]`), another `.`, other repetition (`^{2}`), and other errors.
 */
export function goRegexp(source: string): RegExp | undefined {
  const translated = new Translator(source).translate();
  return translated === undefined ? undefined : new RegExp(translated, 'u');
}

/** A character of the expression, written so that JavaScript reads nothing else into it. */
function literal(rune: number): string {
  return `\\u{${rune.toString(16)}}`;
}

/** Thrown inside this file only: most rules can fail deep inside a class. */
class Refused extends Error {}

class Translator {
  private readonly runes: readonly string[];
  private at = 0;
  /** The alternative being read, one piece for each thing that can be repeated. */
  private pieces: string[] = [];
  private readonly alternatives: string[] = [];

  constructor(source: string) {
    this.runes = [...source];
  }

  translate(): string | undefined {
    try {
      for (let repeated = false; this.at < this.runes.length;) repeated = this.piece(repeated);
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
    return [...this.alternatives, this.pieces.join('')].join('|');
  }

  /**
   * Reads one element and tells whether a repetition came last: two of them in a row are an error. Go would take the
   * second one after an empty `\Q\E`; that is refused here, as JavaScript could need forever for such an expression.
   */
  private piece(afterRepetition: boolean): boolean {
    // the only group, and the only `?` outside a class: moby's own words for `**`
    if (this.take('(.*/)?')) {
      this.pieces.push('(?:[^\\n]*\\/)?');
      return true;
    }
    const count = this.take('*') ? '*' : this.count();
    if (count === undefined) {
      const before = this.pieces.length;
      this.single();
      return afterRepetition && this.pieces.length === before;
    }
    const repeatable = this.pieces.pop();
    if (afterRepetition || repeatable === undefined) throw new Refused();
    this.pieces.push(`(?:${repeatable})${count}`);
    return true;
  }

  private single(): void {
    if (this.take('|')) {
      this.alternatives.push(this.pieces.join(''));
      this.pieces = [];
    } else if (this.take('^')) this.pieces.push('^');
    else if (this.take('$')) this.pieces.push('$');
    else if (this.take('.')) this.pieces.push('[^\\n]');
    else if (this.take('[')) this.pieces.push(this.characterClass());
    else if (this.runes[this.at] === '\\') this.escape();
    else this.pieces.push(literal(this.next()));
  }

  /** `{n}`, `{n,}` or `{n,m}` without leading zeros; any other brace stands for itself. */
  private count(): string | undefined {
    if (this.runes[this.at] !== '{') return undefined;
    const rest = this.runes.slice(this.at).join('');
    const found = /^\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}/.exec(rest);
    if (found === null) return undefined;
    const least = Number(found[1]);
    const most = found[3] === undefined ? least : Number(found[3]);
    if (Math.max(least, most) > MAX_REPEAT || least > most) throw new Refused();
    this.at += found[0].length;
    return found[0];
  }

  private escape(): void {
    if (this.take('\\A')) this.pieces.push('^');
    else if (this.take('\\z')) this.pieces.push('$');
    else if (this.take('\\b')) this.pieces.push('\\b');
    else if (this.take('\\B')) this.pieces.push('\\B');
    else if (this.take('\\Q')) {
      while (this.at < this.runes.length && !this.take('\\E')) this.pieces.push(literal(this.next()));
    } else {
      const set = this.setEscape();
      this.pieces.push(set === undefined ? literal(this.escapedRune()) : `[${set}]`);
    }
  }

  /** `[` is read: the rest of a class. `-` may stand anywhere, `]` in the first place. */
  private characterClass(): string {
    const sign = this.take('^') ? '^' : '';
    let members = '';
    for (let first = true; first || !this.take(']'); first = false) {
      const set = this.namedClass() ?? this.setEscape();
      if (set !== undefined) {
        members += set;
        continue;
      }
      const low = this.classRune();
      // `[a-]` is an `a` or a `-`
      const range = this.runes[this.at] === '-' && this.at + 1 < this.runes.length && this.runes[this.at + 1] !== ']';
      if (range) this.at++;
      const high = range ? this.classRune() : low;
      if (high < low) throw new Refused();
      members += `${literal(low)}-${literal(high)}`;
    }
    return `[${sign}${members}]`;
  }

  private classRune(): number {
    return this.runes[this.at] === '\\' ? this.escapedRune() : this.next();
  }

  /** `[:name:]`; without `:]` anywhere after it the bracket stands for itself. */
  private namedClass(): string | undefined {
    if (this.runes[this.at] !== '[' || this.runes[this.at + 1] !== ':') return undefined;
    const rest = this.runes.slice(this.at + 2).join('');
    const end = rest.indexOf(':]');
    if (end < 0) return undefined;
    const name = rest.slice(0, end);
    const ranges = NAMED_CLASSES.get(name.replace(/^\^/, ''));
    if (ranges === undefined) throw new Refused();
    this.at += [...name].length + 4;
    return members(name.startsWith('^') ? negated(ranges) : ranges);
  }

  /** The members of `\d`, `\W`, `\pL`, `\P{Greek}` and the like; undefined when no such thing follows. */
  private setEscape(): string | undefined {
    if (this.runes[this.at] !== '\\') return undefined;
    const letter = this.runes[this.at + 1] ?? '';
    const perl = PERL_CLASSES.get(letter.toLowerCase());
    if (perl !== undefined) {
      this.at += 2;
      return members(letter === letter.toLowerCase() ? perl : negated(perl));
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    this.at += 2;
    let name = this.runes[this.at++] ?? '';
    if (name === '{') {
      const end = this.runes.indexOf('}', this.at);
      if (end < 0) throw new Refused();
      name = this.runes.slice(this.at, end).join('');
      this.at = end + 1;
    }
    const found = unicodeClass(name.replace(/^\^/, ''), (letter === 'P') !== name.startsWith('^'));
    if (found === undefined) throw new Refused();
    return found;
  }

  /** A backslash and what it makes of the characters after it. */
  private escapedRune(): number {
    this.at++;
    const letter = this.runes[this.at] ?? '';
    // from U+0007 on, without the backspace
    const control = 'a-tnvfr'.indexOf(letter);
    const octal = this.match(/^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/);
    if (octal !== undefined) return Number.parseInt(octal, 8);
    const hex = this.match(/^x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\})/);
    if (hex !== undefined) {
      const rune = Number.parseInt(hex.replace(/[x{}]/g, ''), 16);
      if (rune > 0x10ffff) throw new Refused();
      return rune;
    }
    if (letter !== '' && letter !== '-' && control >= 0) {
      this.at++;
      return 7 + control;
    }
    // any other letter or digit is reserved, and so is what is not ASCII
    if (/^[0-9A-Za-z]?$/.test(letter) || letter > '\u007f') throw new Refused();
    return this.next();
  }

  private match(expression: RegExp): string | undefined {
    const found = expression.exec(this.runes.slice(this.at).join(''))?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private take(text: string): boolean {
    for (let index = 0; index < text.length; index++) if (this.runes[this.at + index] !== text[index]) return false;
    this.at += text.length;
    return true;
  }

  private next(): number {
    const rune = this.runes[this.at++]?.codePointAt(0);
    if (rune === undefined) throw new Refused();
    return rune;
  }
}

function members(ranges: Ranges): string {
  return ranges.map(([low, high]) => `${literal(low)}-${literal(high)}`).join('');
}
