/** Code points, both ends included, ascending. */
export type Ranges = readonly (readonly [low: number, high: number])[];

const DIGIT: Ranges = [[0x30, 0x39]];
const UPPER: Ranges = [[0x41, 0x5a]];
const LOWER: Ranges = [[0x61, 0x7a]];
const WORD: Ranges = [...DIGIT, ...UPPER, [0x5f, 0x5f], ...LOWER];

/** `\d`, `\s` and `\w` (Go src/regexp/syntax/perl_groups.go): ASCII only, and `\s` without the vertical tab. */
export const PERL_CLASSES: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  ['d', DIGIT],
  ['s', [...span(0x09, 0x0a), ...span(0x0c, 0x0d), ...span(0x20, 0x20)]],
  ['w', WORD],
]);

/** `[:name:]` inside a class (Go src/regexp/syntax/perl_groups.go). */
export const NAMED_CLASSES: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  ['alnum', [...DIGIT, ...UPPER, ...LOWER]],
  ['alpha', [...UPPER, ...LOWER]],
  ['ascii', span(0x00, 0x7f)],
  ['blank', [...span(0x09, 0x09), ...span(0x20, 0x20)]],
  ['cntrl', [...span(0x00, 0x1f), ...span(0x7f, 0x7f)]],
  ['digit', DIGIT],
  ['graph', span(0x21, 0x7e)],
  ['lower', LOWER],
  ['print', span(0x20, 0x7e)],
  ['punct', [...span(0x21, 0x2f), ...span(0x3a, 0x40), ...span(0x5b, 0x60), ...span(0x7b, 0x7e)]],
  ['space', [...span(0x09, 0x0d), ...span(0x20, 0x20)]],
  ['upper', UPPER],
  ['word', WORD],
  ['xdigit', [...DIGIT, ...span(0x41, 0x46), ...span(0x61, 0x66)]],
]);

function span(low: number, high: number): Ranges {
  return [[low, high]];
}

/** Every other code point. */
export function negated(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (next < low) others.push([next, low - 1]);
    next = high + 1;
  }
  return [...others, [next, 0x10ffff]];
}

/** Go's own list (Go src/unicode/tables.go, before the long names of Go 1.25). */
const CATEGORY = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;
/** JavaScript also knows scripts by a code of four letters, and Go does not: these are names. */
const SHORT_SCRIPTS = new Set(['Ahom', 'Cham', 'Kawi', 'Lisu', 'Modi', 'Newa', 'Thai', 'Toto']);

/** The members of `\p{name}`, or of `\P{name}`, for a class in JavaScript; undefined when Go knows no such name. */
export function unicodeClass(name: string, negate: boolean): string | undefined {
  if (name === 'Any') return negate ? '' : '\\u{0}-\\u{10ffff}';
  // Go leaves the code points that are not assigned out of C
  if (name === 'C') return negate ? '\\P{C}\\p{Cn}' : '\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}';
  const letter = negate ? 'P' : 'p';
  if (CATEGORY.test(name)) return `\\${letter}{${name}}`;
  if (!/^[A-Za-z_]+$/.test(name) || (name.length === 4 && !SHORT_SCRIPTS.has(name))) return undefined;
  const script = `\\${letter}{Script=${name}}`;
  try {
    new RegExp(script, 'u');
    return script;
  } catch {
    return undefined;
  }
}
