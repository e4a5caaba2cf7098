import { findDirective } from '../dockerfile/directives';
import { parseDockerfile } from '../dockerfile/dockerfile';
import type { LineRange } from '../model';

/** A Dockerfile that ends with one instruction, or why there is none. */
export type CutDockerfile =
  { readonly text: string; /** The last instruction. */ readonly line: LineRange } | { readonly reason: string };

/** The frontend whose language this is. */
const OWN_SYNTAX = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/**
 * The Dockerfile up to the end of the instruction on a line. What is left is byte for byte as it was, and its last stage
 * is what a build without a target makes: so the steps, and what is cached of them, are those of the whole file.
 *
 * @param line 1-based
 */
export function cutAtLine(text: string, line: number): CutDockerfile {
  const syntax = findDirective('syntax', text)?.value;
  if (syntax !== undefined && !OWN_SYNTAX.test(syntax)) {
    return { reason: `The language of this file is that of ${syntax}: where its instructions end is not known.` };
  }
  const { instructions } = parseDockerfile(text).value;
  const index = instructions.findIndex((one) => one.line.start <= line && line <= one.line.end);
  const last = instructions[index];
  if (last === undefined) return { reason: `There is no instruction on line ${line}.` };
  const until = instructions.slice(0, index + 1);
  if (!until.some(({ kind }) => kind === 'from')) {
    return { reason: `Line ${line} stands before the first FROM: there is nothing to build yet.` };
  }
  const invalid = until.find(({ kind }) => kind === 'invalid');
  if (invalid !== undefined) return { reason: `Line ${invalid.line.start} is no instruction: mend it first.` };
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return { text: lines.slice(0, last.line.end).join(''), line: last.line };
}
