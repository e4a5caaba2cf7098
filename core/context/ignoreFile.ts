import { clean } from './goPath';

/**
 * Go's `unicode.IsSpace` (Go src/unicode/graphic.go). JavaScript's `trim` is another set: without U+0085, and with the
 * byte order mark.
 */
const GO_SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const SPACE_AROUND = new RegExp(`^${GO_SPACE}+|${GO_SPACE}+$`, 'gu');

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return text.replace(SPACE_AROUND, '');
}

/**
 * The patterns of a .dockerignore file (moby/patternmatcher ignorefile/ignorefile.go ReadAll), in their order:
 * - a byte order mark is dropped from the first line only, so the text must be decoded with the mark kept;
 * - a line is a comment only when `#` is its first character: a blank before it makes it a pattern;
 * - each pattern is trimmed, cleaned as a path and loses its leading slash, also after the `!` of an exception;
 * - an exception without a pattern stays, for `compileIgnore` to refuse as the builder does.
 *
 * Left out: the builder refuses a file with a line of 64 KiB or more.
 */
export function readIgnoreFile(text: string): string[] {
  const patterns: string[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    if (line.startsWith('#')) continue;
    const trimmed = trimSpace(line);
    if (trimmed === '') continue;
    const exception = trimmed.startsWith('!');
    const pattern = relative(exception ? trimSpace(trimmed.slice(1)) : trimmed);
    patterns.push(exception ? `!${pattern}` : pattern);
  }
  return patterns;
}

/** `/` alone stays: without it the pattern would be empty, which means something else after `!`. */
function relative(pattern: string): string {
  if (pattern === '') return '';
  const cleaned = clean(pattern);
  return cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
}
