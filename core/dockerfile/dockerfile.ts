import type { Outcome, Problem } from '../model';
import type { Directives } from './directives';
import type { ArgInstruction, FromInstruction, Instruction, StageInstruction } from './instruction';
import { splitDockerfile } from './lines';
import { parseInstruction } from './parse';

/** One build stage: its FROM and what follows. */
export interface Stage {
  readonly index: number;
  readonly from: FromInstruction;
  readonly instructions: readonly StageInstruction[];
}

/** The model of a Dockerfile: what the planners work on. */
export interface Dockerfile {
  readonly directives: Directives;
  readonly escape: string;
  /** Every instruction, in file order. */
  readonly instructions: readonly Instruction[];
  /** ARG instructions before the first FROM. */
  readonly globalArguments: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
}

/** What bytes that are not UTF-8 are read as. */
const NOT_UTF8 = '\uFFFD';
const NOT_UTF8_MESSAGE =
  'bytes here are not UTF-8: the builder refuses a command with them, and the rest is not predicted. Save the file as UTF-8';
/** Instructions whose text the builder takes as it is. */
const VERBATIM = ['RUN', 'ONBUILD'];

/**
 * Reads a Dockerfile. Bad instructions stay in the model (`kind: 'invalid'`) and are listed as problems: the builder
 * parses the whole file before its first step, so each of them fails the build.
 */
export function parseDockerfile(text: string): Outcome<Dockerfile> {
  const { value: split, problems: lineProblems } = splitDockerfile(text);
  const instructions = split.instructions.map((raw) => parseInstruction(raw, split.escape));
  const problems: Problem[] = [...lineProblems];
  const globalArguments: ArgInstruction[] = [];
  const stages: { index: number; from: FromInstruction; instructions: StageInstruction[] }[] = [];

  const report = (instruction: Instruction, message: string) =>
    problems.push({ code: 'bad-instruction', message, line: instruction.line.start });

  for (const [index, { keyword, text: one, line }] of instructions.entries()) {
    const bodies = split.instructions[index]?.heredocs ?? [];
    // elsewhere the expansion of variables replaces such bytes in the same way
    const isTaken = VERBATIM.includes(keyword) && one.includes(NOT_UTF8);
    if (isTaken || bodies.some(({ content }) => content.includes(NOT_UTF8))) {
      problems.push({ code: 'not-utf8', message: NOT_UTF8_MESSAGE, line: line.start });
    }
  }
  for (const instruction of instructions) {
    if (instruction.kind === 'invalid') report(instruction, instruction.error);
    if (instruction.kind === 'from') {
      stages.push({ index: stages.length, from: instruction, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.kind === 'arg') globalArguments.push(instruction);
    else if (instruction.kind !== 'invalid') report(instruction, 'no build stage in current context');
  }
  if (stages.length === 0 && !problems.some(({ code }) => code === 'bad-instruction')) {
    problems.push({ code: 'bad-instruction', message: 'dockerfile contains no stages to build', line: 1 });
  }
  return {
    value: { directives: split.directives, escape: split.escape, instructions, globalArguments, stages },
    problems,
  };
}
