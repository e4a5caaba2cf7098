import type { Problem } from '../model';
import { trimEndOf } from './text';

/** The parser directives of a Dockerfile (`# syntax=`, `# escape=`, `# check=`). */
export interface Directives {
  /** With what follows the image's name; also in the form `// syntax=` and as JSON. */
  readonly syntax?: string;
  readonly escape?: string;
  readonly check?: string;
}

type DirectiveName = keyof Directives;

const KNOWN: readonly string[] = ['syntax', 'escape', 'check'];
/** Go's `\s`; JavaScript's has more. */
const isBlank = (character: string): boolean => /[\t\n\f\r ]/.test(character);
const NAME = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=/;

interface Directive {
  readonly name: DirectiveName;
  readonly value: string;
}

/** One line as a directive (BuildKit frontend/dockerfile/parser/directives.go ParseLine). */
function readDirective(line: string, comment: string): Directive | undefined {
  if (!line.startsWith(comment)) return undefined;
  const rest = trimStart(line.slice(comment.length));
  const match = NAME.exec(rest);
  const name = match?.[1]?.toLowerCase();
  if (match === null || name === undefined || !KNOWN.includes(name)) return undefined;
  const written = rest.slice(match[0].length);
  // blanks alone are a value of one blank: the builder's pattern wants a character
  const value = trimStart(trimEndOf(written, isBlank)) || written.slice(-1);
  return value === '' ? undefined : { name: name as DirectiveName, value };
}

function trimStart(text: string): string {
  let start = 0;
  while (start < text.length && isBlank(text.charAt(start))) start++;
  return text.slice(start);
}

/** Reads directives line by line until the first line that is none: here `escape` counts, and what is wrong. */
export class DirectiveReader {
  private done = false;
  private readonly found: Partial<Record<DirectiveName, string>> = {};
  readonly problems: Problem[] = [];

  /** Offers the next line (without line end, leading white space kept off); returns whether it was a directive. */
  offer(line: string, lineNumber: number): boolean {
    if (this.done) return false;
    const directive = readDirective(line, '#');
    if (directive === undefined) {
      this.done = true;
      return false;
    }
    const { name, value } = directive;
    const report = (message: string) => this.problems.push({ code: 'bad-instruction', message, line: lineNumber });
    if (this.found[name] !== undefined) {
      report(`only one ${name} parser directive can be used`);
    } else if (name === 'escape' && value !== '\\' && value !== '`') {
      report(`invalid escape token '${value}': it must be \\ or \``);
    } else this.found[name] = value;
    return true;
  }

  /** The escape character in force so far. */
  get escape(): string {
    return this.found.escape ?? '\\';
  }

  get written(): string | undefined {
    return this.found.escape;
  }
}

/** A directive that decides how the file is read, with its line. */
export interface FoundDirective {
  readonly value: string;
  readonly line: number;
}

/**
 * Finds `syntax` or `check` as the builder does before it reads the file: a first line with `#!` is passed over, white
 * space before `#` is not (parser/directives.go parseDirective).
 */
export function findDirective(name: DirectiveName, source: string): FoundDirective | undefined {
  const { lines, skipped } = headLines(source);
  return (
    findIn(lines, skipped, name, '#') ??
    // frontends of other languages have other comments (DetectSyntax)
    (name === 'syntax' ? (findIn(lines, skipped, name, '//') ?? findInJson(source, skipped)) : undefined)
  );
}

/** Lines that directives are looked for in: none may come twice. */
const MOST_LINES = 8;

function headLines(source: string): { lines: string[]; skipped: number } {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length < MOST_LINES;) {
    const end = text.indexOf('\n', start);
    lines.push(text.slice(start, end < 0 ? text.length : end));
    start = end < 0 ? text.length : end + 1;
  }
  return lines[0]?.startsWith('#!') === true ? { lines: lines.slice(1), skipped: 1 } : { lines, skipped: 0 };
}

function findIn(lines: readonly string[], skipped: number, name: string, comment: string): FoundDirective | undefined {
  const seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const directive = readDirective(line, comment);
    if (directive === undefined || seen.has(directive.name)) return undefined;
    seen.add(directive.name);
    if (directive.name !== name) continue;
    // a frontend gets its whole command line, the checker the first word
    const [word = ''] = directive.value.split(' ');
    return { value: name === 'syntax' ? directive.value : word, line: index + 1 + skipped };
  }
  return undefined;
}

/** The whole file is a JSON object with a member `syntax`. */
function findInJson(source: string, skipped: number): FoundDirective | undefined {
  const text = skipped === 0 ? source.replace(/^\uFEFF/, '') : source.slice(source.indexOf('\n') + 1);
  if (!/^[\t\n\r ]*\{/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('syntax' in parsed)) return undefined;
    return typeof parsed.syntax === 'string' ? { value: parsed.syntax, line: 1 + skipped } : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with the value of `check` (BuildKit frontend/dockerfile/linter/linter.go ParseLintOptions). */
export function checkError(value: string): string | undefined {
  for (const option of checkOptions(value)) {
    const [name, text] = option;
    if (text === undefined || !['skip', 'experimental', 'error'].includes(name.trim())) {
      return `invalid check option "${text === undefined ? name : name.trim()}"`;
    }
    if (name.trim() === 'error' && !/^(?:[01tTfF]|true|TRUE|True|false|FALSE|False)$/.test(text.trim())) {
      return `invalid check option "${name}=${text}": it must be true or false`;
    }
  }
  return undefined;
}

/** Does `check` make every warning stop the build? */
export function checkStopsAtWarnings(value: string): boolean {
  return checkOptions(value).some(([name, text = '']) => name.trim() === 'error' && /^[1tT]/.test(text.trim()));
}

/** Options with their values; at most three are told apart. */
function checkOptions(value: string): (readonly [string, string?])[] {
  if (value.trim() === '') return [];
  const parts = value.trim().split(';');
  const options = parts.length > 3 ? [...parts.slice(0, 2), parts.slice(2).join(';')] : parts;
  return options.map((option) => {
    const equals = option.indexOf('=');
    return equals < 0 ? [option] : [option.slice(0, equals), option.slice(equals + 1)];
  });
}
