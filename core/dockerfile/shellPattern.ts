/** One element of a pattern: a character, any one (`?`), or any number of them (`*`). */
type Token = { readonly kind: 'character'; readonly character: string } | { readonly kind: 'any' | 'star' };

/**
 * A shell pattern (`*`, `?`, escapes) as the builder uses it in substitutions (BuildKit frontend/dockerfile/shell/lex.go
 * convertShellPatternToRegex). The builder makes a regular expression of it, which in Go takes linear time; one of
 * JavaScript would try every way to spread a text over the stars. So this goes over the text itself, and remembers
 * where it was in vain.
 */
export class ShellPattern {
  private constructor(
    private readonly tokens: readonly Token[],
    private readonly greedy: boolean,
  ) {}

  /** Undefined when the builder would refuse it: only `*`, `?`, `\`, `}` and `/` can be escaped. */
  static parse(pattern: string, greedy: boolean): ShellPattern | undefined {
    const characters = [...pattern];
    const tokens: Token[] = [];
    for (let index = 0; index < characters.length; index++) {
      const character = characters[index] ?? '';
      if (character === '*') {
        // several stars are one
        if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
      } else if (character === '?') tokens.push({ kind: 'any' });
      else if (character === '\\') {
        const next = characters[index + 1];
        // `\}` and `\/` end the substitution otherwise: the escape is not a part of the pattern
        if (next === '}' || next === '/') continue;
        if (next !== '*' && next !== '?' && next !== '\\') return undefined;
        tokens.push({ kind: 'character', character: next });
        index++;
      } else tokens.push({ kind: 'character', character });
    }
    return new ShellPattern(tokens, greedy);
  }

  /** A search in a text; where a match fails is remembered from one start to the next. */
  in(text: string): PatternSearch {
    return new PatternSearch(this.tokens, this.greedy, [...text]);
  }
}

/** A match: indexes of characters (code points), the end exclusive. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
}

/** Finds a pattern in one text. */
export class PatternSearch {
  /** By token and place: from there the rest of the pattern does not match. */
  private readonly failed: Uint8Array;
  /** By place: where its line ends, as Go's `.` is everything but a line feed. */
  private readonly lineEnds: Uint32Array;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly greedy: boolean,
    readonly characters: readonly string[],
  ) {
    const { length } = characters;
    this.failed = new Uint8Array((tokens.length + 1) * (length + 1));
    this.lineEnds = new Uint32Array(length + 1).fill(length);
    for (let place = length - 1; place >= 0; place--) {
      this.lineEnds[place] = characters[place] === '\n' ? place : (this.lineEnds[place + 1] ?? length);
    }
  }

  /** The first match that starts at `from` or later. */
  find(from: number): PatternMatch | undefined {
    for (let start = from; start <= this.characters.length; start++) {
      const end = this.matchAt(start);
      if (end !== undefined) return { start, end };
    }
    return undefined;
  }

  /** Where the match that starts here ends. */
  matchAt(start: number): number | undefined {
    return this.match(0, start);
  }

  private match(token: number, place: number): number | undefined {
    const marks: number[] = [];
    let end: number | undefined;
    for (let at = place, next = token; ; next++) {
      const mark = next * (this.characters.length + 1) + at;
      if (this.failed[mark] === 1) break;
      marks.push(mark);
      const wanted = this.tokens[next];
      if (wanted === undefined) return at;
      if (wanted.kind === 'star') {
        end = this.matchStar(next, at);
        if (end !== undefined) return end;
        break;
      }
      const character = this.characters[at];
      const fits = wanted.kind === 'character' ? character === wanted.character : character !== '\n';
      if (character === undefined || !fits) break;
      at++;
    }
    for (const mark of marks) this.failed[mark] = 1;
    return end;
  }

  private matchStar(token: number, place: number): number | undefined {
    const row = token * (this.characters.length + 1);
    const last = this.lineEnds[place] ?? place;
    // where it failed before it fails from every later place of the line
    let stop = place;
    while (stop <= last && this.failed[row + stop] !== 1) stop++;
    for (let step = 0; step < stop - place; step++) {
      const end = this.match(token + 1, this.greedy ? stop - 1 - step : place + step);
      if (end !== undefined) return end;
    }
    this.failed.fill(1, row + place, row + stop);
    return undefined;
  }
}

/** Most places that are remembered for one search; no real text comes near. Bytes. */
const MOST_PLACES = 50_000_000;

/** Stars of a pattern: each may be a call within that of the one before. */
const MOST_STARS = 1000;

/** Would a search need too much memory? Values may be made as long as the memory allows. */
function isTooLarge(pattern: string, value: string): boolean {
  return (pattern.length + 1) * (value.length + 1) > MOST_PLACES || pattern.split('*').length > MOST_STARS;
}

/** `${name#pattern}` and its kin: removes the matching start (or, with `suffix`, end); `##` and `%%` are greedy. */
export function trimByPattern(value: string, operand: string, suffix: boolean): string | undefined {
  const marker = suffix ? '%' : '#';
  const greedy = operand.startsWith(marker);
  const pattern = greedy ? operand.slice(1) : operand;
  if (isTooLarge(pattern, value)) return undefined;
  if (!suffix) return trimStart(value, pattern, greedy);
  // the shortest match at the end is the leftmost one of the reversed text
  const trimmed = trimStart(reverse(value), reversePattern(pattern), greedy);
  return trimmed === undefined ? undefined : reverse(trimmed);
}

function trimStart(value: string, pattern: string, greedy: boolean): string | undefined {
  const search = ShellPattern.parse(pattern, greedy)?.in(value);
  if (search === undefined) return undefined;
  const end = search.matchAt(0);
  return end === undefined ? value : search.characters.slice(end).join('');
}

/**
 * `${name/pattern/replacement}`, with `all` the one with two slashes. `insert` gives what takes the place of a match.
 * Undefined when the builder would refuse the pattern. As Go's regexp.ReplaceAll, an empty match right behind another
 * match does not count.
 */
export function replaceByPattern(
  value: string,
  pattern: string,
  all: boolean,
  insert: (match: string) => string,
): string | undefined {
  const search = isTooLarge(pattern, value) ? undefined : ShellPattern.parse(pattern, true)?.in(value);
  if (search === undefined) return undefined;
  const { characters } = search;
  const parts: string[] = [];
  let copied = 0;
  for (let from = 0; from <= characters.length;) {
    const match = search.find(from);
    if (match === undefined) break;
    const { start, end } = match;
    parts.push(characters.slice(copied, start).join(''));
    if (end > copied || start === 0) parts.push(insert(characters.slice(start, end).join('')));
    copied = end;
    if (!all) break;
    from = end > from ? end : from + 1;
  }
  return parts.join('') + characters.slice(copied).join('');
}

function reverse(text: string): string {
  return [...text].reverse().join('');
}

/** Reverses a pattern but keeps each escape before the character it protects: `a\*c` becomes `c\*a`. */
function reversePattern(pattern: string): string {
  return (pattern.match(/\\[^]|[^]/gu) ?? []).reverse().join('');
}
