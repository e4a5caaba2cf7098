import type { Dependence } from './dependence.js';
import { findStage, sourcesOf, splitWords, type DockerfileLines, type InstructionLines } from './dockerfileLines.js';
import type { FoundStep, FoundSteps } from './imageSteps.js';

/** Where the chain of images of a stage stands after an instruction. */
interface State extends Dependence {
  /** Something that can be foretold was executed: all that stands on its new image is executed, too. */
  readonly settled: boolean;
}

const START: State = { output: false, context: false, settled: false };

export interface ChainOptions {
  readonly file: DockerfileLines;
  readonly found: FoundSteps;
  /** Nothing is looked up at all: everything can be foretold. */
  readonly noCache: boolean;
}

/**
 * What the outcome of each step depended on, for builders that look for each image among the children of the one before.
 *
 * COPY from a stage or an image is looked up by the content that it takes, which is in no record: nobody knows it without
 * reading the image, which a build may have to make first. The same goes for what a server answers.
 */
export function chainDependences({ file, found, noCache }: ChainOptions): ReadonlyMap<FoundStep, Dependence> {
  const known = new Map<FoundStep, Dependence>();
  const ends: State[] = [];
  const start: State = { ...START, settled: noCache };
  for (const stage of file.stages) {
    const base = findStage(file, stage.base, stage.index);
    let state = (base && ends[base.index]) ?? start;
    const pass = (instruction: InstructionLines | undefined, step: FoundStep): void => {
      state = instruction ? after(state, instruction, file, stage.index, ends) : { ...state, output: true };
      known.set(step, { output: state.output, context: state.context });
      if (step.outcome === 'executed' && !state.output) state = { ...state, settled: true };
    };
    for (const instruction of stage.instructions) {
      for (const trigger of found.triggers.get(instruction) ?? []) pass(trigger.instruction, trigger);
      const step = found.steps.get(instruction);
      if (step && instruction.keyword !== 'FROM') pass(instruction, step);
    }
    ends[stage.index] = state;
  }
  return known;
}

function after(
  state: State,
  instruction: InstructionLines,
  file: DockerfileLines,
  stageIndex: number,
  ends: readonly State[],
): State {
  const copies = instruction.keyword === 'COPY' || instruction.keyword === 'ADD';
  const names = sourcesOf(instruction);
  const sources = names.flatMap((name) => {
    const stage = findStage(file, name, stageIndex);
    return (stage && ends[stage.index]) ?? [];
  });
  const fetched = instruction.keyword === 'ADD' && /(?:^|[\s["])(?:https?:\/\/|git@)/.test(instruction.rest);
  const taken = (copies && names.length > 0) || fetched || sources.some((one) => one.output);
  const ownContext = (copies && names.length === 0 && !fetched) || mountsContext(instruction);
  return {
    output: state.output || (taken && !state.settled),
    context: state.context || ownContext || sources.some((one) => one.context),
    settled: state.settled,
  };
}

function mountsContext({ keyword, rest }: InstructionLines): boolean {
  if (keyword !== 'RUN') return false;
  return splitWords(rest).some((word) => {
    const parts = /^--mount=(.*)$/.exec(word)?.[1]?.split(',');
    if (parts === undefined || parts.some((part) => part.startsWith('from='))) return false;
    return parts.includes('type=bind') || !parts.some((part) => part.startsWith('type='));
  });
}
