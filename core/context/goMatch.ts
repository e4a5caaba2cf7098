/** What Go says of a malformed pattern (path/filepath ErrBadPattern). */
export const BAD_PATTERN = 'syntax error in pattern';

interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

/** A code point, `?`, or a class. */
type Term = number | 'any' | CharacterClass;

/** Terms in a row, with or without a `*` before them; only the last chunk can be without terms, or malformed. */
interface Chunk {
  readonly star: boolean;
  readonly terms: readonly Term[] | undefined;
}

const SLASH = 0x2f;
const REPLACEMENT = 0xfffd;
/** A cell inside a longer UTF-8 sequence: see {@link cellsOf}. */
const INSIDE = -1;

/**
 * Go's `filepath.Match` on Unix (Go src/path/filepath/match.go): does the shell pattern match the whole name? Undefined
 * where Go reports a malformed pattern. Since Go 1.16 that is whenever it comes to a malformed chunk, even one that it
 * already knows not to match; but, unlike `path.Match`, it does not look at the chunks after one that does not match.
 * So `a[` is an error for every name, and `a*[` only for names that start with an `a`.
 *
 * `*` and `?` do not match `/`, but a class does. A name that is not valid UTF-8 cannot be told from one with U+FFFD.
 */
export function goMatch(pattern: string, name: string): boolean | undefined {
  const chunks = parsePattern(pattern);
  const cells = cellsOf(name);
  let at = 0;
  for (const [index, { star, terms }] of chunks.entries()) {
    if (terms === undefined) return undefined;
    if (terms.length === 0) return !cells.includes(SLASH, at);
    const last = index === chunks.length - 1;
    // Go settles for the first place where a chunk fits, and never comes back to try a later one
    let end = endOf(terms, cells, at);
    while (end === undefined || (last && end < cells.length)) {
      if (!star || at >= cells.length || cells[at] === SLASH) return false;
      end = endOf(terms, cells, ++at);
    }
    at = end;
  }
  return at === cells.length;
}

/**
 * One cell for each UTF-8 byte: the code point in the first one, {@link INSIDE} in the others. Go's `*` swallows bytes,
 * so that what follows it may start inside a character and sees each byte left of it as U+FFFD: `*??` matches `€`.
 */
function cellsOf(name: string): number[] {
  const cells: number[] = [];
  for (const character of name) {
    const rune = character.codePointAt(0) ?? 0;
    cells.push(rune);
    for (let more = width(rune); more > 1; more--) cells.push(INSIDE);
  }
  return cells;
}

function width(rune: number): number {
  return rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
}

/** Where the terms end when they start at a cell; undefined when they do not match there. */
function endOf(terms: readonly Term[], cells: readonly number[], start: number): number | undefined {
  let at = start;
  for (const term of terms) {
    const cell = cells[at];
    if (cell === undefined || !matches(term, cell)) return undefined;
    at += width(cell);
  }
  return at;
}

function matches(term: Term, cell: number): boolean {
  // compared byte by byte, so never equal inside a character
  if (typeof term === 'number') return term === cell;
  if (term === 'any') return cell !== SLASH;
  const rune = cell === INSIDE ? REPLACEMENT : cell;
  return term.ranges.some(([low, high]) => low <= rune && rune <= high) !== term.negated;
}

function parsePattern(pattern: string): Chunk[] {
  const reader = { runes: Array.from(pattern, (character) => character.codePointAt(0) ?? 0), at: 0 };
  const chunks: Chunk[] = [];
  while (reader.at < reader.runes.length) {
    const star = take(reader, '*');
    while (take(reader, '*'));
    const terms = readTerms(reader);
    chunks.push({ star, terms });
    if (terms === undefined) break;
  }
  return chunks;
}

/** Undefined when malformed: an escape without a character, or a class that is empty, not closed or ill-formed. */
function readTerms(reader: Reader): Term[] | undefined {
  const terms: Term[] = [];
  while (reader.at < reader.runes.length && !follows(reader, '*')) {
    const term = readTerm(reader);
    if (term === undefined) return undefined;
    terms.push(term);
  }
  return terms;
}

interface Reader {
  readonly runes: readonly number[];
  at: number;
}

function follows(reader: Reader, character: string): boolean {
  return reader.runes[reader.at] === character.codePointAt(0);
}

function take(reader: Reader, character: string): boolean {
  if (!follows(reader, character)) return false;
  reader.at++;
  return true;
}

function readTerm(reader: Reader): Term | undefined {
  if (take(reader, '?')) return 'any';
  if (take(reader, '[')) return readClass(reader);
  take(reader, '\\');
  return reader.runes[reader.at++];
}

function readClass(reader: Reader): CharacterClass | undefined {
  const negated = take(reader, '^');
  const ranges: [number, number][] = [];
  while (ranges.length === 0 || !take(reader, ']')) {
    const low = readClassRune(reader);
    const high = low !== undefined && take(reader, '-') ? readClassRune(reader) : low;
    if (low === undefined || high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return { negated, ranges };
}

/** A `-` or `]` that is not escaped never stands for itself, not even in the first place. */
function readClassRune(reader: Reader): number | undefined {
  if (follows(reader, '-') || follows(reader, ']')) return undefined;
  take(reader, '\\');
  return reader.runes[reader.at++];
}
