import type { LineRange, Outcome, Problem } from '../model';
import { DirectiveReader, findDirective, type Directives } from './directives';
import { heredocsOfLine, type Heredoc, type HeredocStart } from './heredoc';
import { trimEndOf, trimSpaceLeft } from './text';
import { parseJsonForm, splitCommand } from './words';

/** One instruction as the builder's parser sees it, before its own syntax is looked at. */
export interface RawInstruction {
  /** Continuation lines joined, comments and empty continuation lines dropped. */
  readonly text: string;
  readonly line: LineRange;
  readonly heredocs: readonly Heredoc[];
}

/** A Dockerfile split into instructions. */
export interface SplitDockerfile {
  readonly instructions: readonly RawInstruction[];
  readonly directives: Directives;
  /** The escape character: `\` or a backtick. */
  readonly escape: string;
}

/** Longest line BuildKit's scanner accepts, in bytes (Go bufio.MaxScanTokenSize). */
const MAX_LINE_BYTES = 65536;

interface Continuation {
  readonly text: string;
  readonly ended: boolean;
}

/**
 * Splits the text of a Dockerfile into instructions with BuildKit's rules (frontend/dockerfile/parser/parser.go Parse):
 * the escape character must be the last non-blank of its line and not follow another one; nothing is inserted where
 * lines are joined; comment lines and empty lines inside a continuation vanish; heredoc bodies follow their line.
 */
export function splitDockerfile(source: string): Outcome<SplitDockerfile> {
  const lines = source.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const directives = new DirectiveReader();
  const problems: Problem[] = [];
  const instructions: RawInstruction[] = [];
  let next = 0;

  const join = (line: string): Continuation => joinable(line, directives.escape);

  while (next < lines.length) {
    const startLine = next + 1;
    checkLength(lines[next] ?? '', startLine, problems);
    let line = trimLineEnd(lines[next] ?? '');
    if (next === 0 && line.startsWith('\uFEFF')) line = line.slice(1);
    line = trimSpaceLeft(line);
    directives.offer(line, startLine);
    next++;
    let part = join(isComment(line) ? '' : line);
    if (part.ended && part.text === '') continue;

    let text = part.text;
    while (!part.ended && next < lines.length) {
      checkLength(lines[next] ?? '', next + 1, problems);
      const continued = trimLineEnd(lines[next] ?? '');
      next++;
      if (isComment(continued) || trimSpaceLeft(continued) === '') continue;
      part = join(continued);
      text += part.text;
    }

    const heredocs: Heredoc[] = [];
    if (text.includes('<<') && canContainHeredoc(text, directives.escape)) {
      for (const start of heredocsOfLine(text)) {
        const body = readHeredocBody(lines, next, start, problems);
        next = body.next;
        if (!body.terminated) {
          problems.push({
            code: 'bad-instruction',
            message: `unterminated heredoc: no line "${start.name}" follows`,
            line: startLine,
          });
        }
        heredocs.push({ ...start, content: body.content });
      }
    }
    instructions.push({ text, line: { start: startLine, end: next }, heredocs });
  }

  problems.push(...directives.problems);
  if (instructions.length === 0) {
    const message = source === '' ? 'the Dockerfile cannot be empty' : 'file with no instructions';
    problems.push({ code: 'bad-instruction', message, line: Math.max(1, lines.length) });
  }
  return { value: { instructions, directives: directivesOf(source, directives), escape: directives.escape }, problems };
}

function directivesOf(source: string, { written: escape }: DirectiveReader): Directives {
  const syntax = findDirective('syntax', source)?.value;
  const check = findDirective('check', source)?.value;
  return {
    ...(syntax === undefined ? {} : { syntax }),
    ...(escape === undefined ? {} : { escape }),
    ...(check === undefined ? {} : { check }),
  };
}

const HEREDOC_KEYWORDS = ['ADD', 'COPY', 'RUN'];

/** JSON forms and other instructions take `<<` literally. */
function canContainHeredoc(text: string, escape: string): boolean {
  let command = splitCommand(text, escape);
  if (command.keyword === 'ONBUILD') command = splitCommand(command.rest, escape);
  return HEREDOC_KEYWORDS.includes(command.keyword) && parseJsonForm(command.rest).strings === undefined;
}

function readHeredocBody(lines: readonly string[], from: number, { name, chomp }: HeredocStart, problems: Problem[]) {
  let content = '';
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? '';
    checkLength(line, index + 1, problems);
    const bare = trimLineEnd(line);
    if ((chomp ? bare.replace(/^\t+/, '') : bare) === name) {
      return { content, next: index + 1, terminated: true };
    }
    content += line;
  }
  return { content, next: lines.length, terminated: false };
}

function joinable(line: string, escape: string): Continuation {
  const stripped = trimEndOf(line, (character) => character === ' ' || character === '\t');
  const continues = stripped.endsWith(escape) && stripped.at(-2) !== escape;
  return continues ? { text: stripped.slice(0, -1), ended: false } : { text: line, ended: true };
}

/** The line end counts, but for its line feed. */
function checkLength(written: string, lineNumber: number, problems: Problem[]): void {
  const line = written.endsWith('\n') ? written.slice(0, -1) : written;
  // three bytes at most per UTF-16 unit: the exact count is needed only near the limit
  if (line.length * 3 < MAX_LINE_BYTES) return;
  let bytes = 0;
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  if (bytes >= MAX_LINE_BYTES) {
    problems.push({
      code: 'bad-instruction',
      message: `dockerfile line greater than max allowed size of ${MAX_LINE_BYTES - 1}`,
      line: lineNumber,
    });
  }
}

function trimLineEnd(line: string): string {
  return trimEndOf(line, (character) => character === '\r' || character === '\n');
}

function isComment(line: string): boolean {
  return trimSpaceLeft(line).startsWith('#');
}
