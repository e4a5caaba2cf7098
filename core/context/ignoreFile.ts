import { trimSpace } from '../dockerfile/text';
import { clean } from './goPath';

/**
 * The patterns of a .dockerignore file (moby/patternmatcher ignorefile/ignorefile.go ReadAll), in their order:
 * - a byte order mark is dropped from the first line only, so the text must be decoded with the mark kept;
 * - a line is a comment only when `#` is its first character: a blank before it makes it a pattern;
 * - each pattern is trimmed, cleaned as a path and loses its leading slash, also after the `!` of an exception;
 * - an exception without a pattern stays, for `compileIgnore` to refuse as the builder does.
 *
 * A file with a line of 64 KiB or more is refused: see {@link tooLongLine}.
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

/** Bytes of a line that are too many for the builder's scanner (Go bufio.MaxScanTokenSize). */
const TOO_LONG = 65_536;

/** The first line that is too long for the builder, from 1; undefined when there is none. */
export function tooLongLine(text: string): number | undefined {
  const index = text.split('\n').findIndex((line) => line.length * 3 >= TOO_LONG && utf8Length(line) >= TOO_LONG);
  return index < 0 ? undefined : index + 1;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** `/` alone stays: without it the pattern would be empty, which means something else after `!`. */
function relative(pattern: string): string {
  if (pattern === '') return '';
  const cleaned = clean(pattern);
  return cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
}
