/** Go's `unicode.IsSpace`; JavaScript's `\s` differs at U+0085 and U+FEFF. */
const GO_SPACE = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const ONE = new RegExp(`^[${GO_SPACE}]$`);

/** Is this one character white space for Go's `unicode.IsSpace`? */
export function isGoSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  // nearly all characters are these, and a file may have millions
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return ONE.test(character);
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return trimEndOf(trimSpaceLeft(text), isGoSpace);
}

/** Go's `strings.TrimLeftFunc(text, unicode.IsSpace)`. */
export function trimSpaceLeft(text: string): string {
  let start = 0;
  while (start < text.length && isGoSpace(text.charAt(start))) start++;
  return text.slice(start);
}

/** Takes characters off the end; in linear time, which a regular expression that ends in `+$` is not. */
export function trimEndOf(text: string, isTrimmed: (character: string) => boolean): string {
  let end = text.length;
  while (end > 0 && isTrimmed(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
