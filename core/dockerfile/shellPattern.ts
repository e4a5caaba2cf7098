/**
 * The source of a regular expression for a shell pattern (`*`, `?`, escapes), or undefined when the builder would
 * refuse it (BuildKit frontend/dockerfile/shell/lex.go convertShellPatternToRegex).
 */
export function shellPattern(pattern: string, greedy: boolean, anchored: boolean): string | undefined {
  const characters = [...pattern];
  let out = anchored ? '^' : '';
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    // Go's `.` is everything but a line feed
    if (character === '*') out += greedy ? '[^\\n]*' : '[^\\n]*?';
    else if (character === '?') out += '[^\\n]';
    else if (character === '\\') {
      const next = characters[index + 1];
      // `\}` and `\/` end the substitution otherwise: the escape is not a part of the pattern
      if (next === '}' || next === '/') continue;
      if (next !== '*' && next !== '?' && next !== '\\') return undefined;
      out += `\\${next}`;
      index++;
    } else out += character.replace(/[[\]{}.+()|^$/]/, '\\$&');
  }
  return out;
}

/** Most steps that matching a pattern may take. */
const MAX_STEPS = 1e9;

/**
 * Would matching take too long? The builder's regular expressions are linear, JavaScript's try every way to spread a
 * text over the stars of a pattern. Nobody writes such patterns by accident.
 */
export function isTooCostly(pattern: string, value: string): boolean {
  return value.length ** (pattern.split(/\*+/).length - 1) > MAX_STEPS;
}

/** `${name#pattern}` and its kin: removes the matching start (or, with `suffix`, end); `##` and `%%` are greedy. */
export function trimByPattern(value: string, operand: string, suffix: boolean): string | undefined {
  const marker = suffix ? '%' : '#';
  const greedy = operand.startsWith(marker);
  const pattern = greedy ? operand.slice(1) : operand;
  if (isTooCostly(pattern, value)) return undefined;
  if (!suffix) return trimStart(value, pattern, greedy);
  // the shortest match at the end is the leftmost one of the reversed text
  const trimmed = trimStart(reverse(value), reversePattern(pattern), greedy);
  return trimmed === undefined ? undefined : reverse(trimmed);
}

function trimStart(value: string, pattern: string, greedy: boolean): string | undefined {
  const source = shellPattern(pattern, greedy, true);
  if (source === undefined) return undefined;
  const match = new RegExp(source, 'u').exec(value);
  return match === null ? value : value.slice(match[0].length);
}

function reverse(text: string): string {
  return [...text].reverse().join('');
}

/** Reverses a pattern but keeps each escape before the character it protects: `a\*c` becomes `c\*a`. */
function reversePattern(pattern: string): string {
  return (pattern.match(/\\[^]|[^]/gu) ?? []).reverse().join('');
}
