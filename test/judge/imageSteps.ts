import type { Dependence } from './dependence.js';
import type { DockerfileLines, InstructionLines } from './dockerfileLines.js';
import type { JudgedLine, Outcome } from './lines.js';

/**
 * For builders that make an image after every instruction and keep no records beside these images: what their log said
 * of each instruction becomes the judge's lines.
 */

/** What the log said of one instruction or one trigger of ONBUILD. */
export interface FoundStep {
  readonly outcome: 'cached' | 'executed' | 'failed' | 'unknown';
  /** Id of the image after it, as the log prints it; undefined when the log does not. */
  readonly image: string | undefined;
}

/** A trigger of ONBUILD that a FROM ran. */
export interface FoundTrigger extends FoundStep {
  /** The instruction behind ONBUILD; undefined when nobody could say. */
  readonly instruction: InstructionLines | undefined;
}

export interface FoundSteps {
  readonly steps: ReadonlyMap<InstructionLines, FoundStep>;
  /** By the FROM that ran them. */
  readonly triggers: ReadonlyMap<InstructionLines, readonly FoundTrigger[]>;
}

export interface ImageStepsInput {
  readonly file: DockerfileLines;
  readonly succeeded: boolean;
  readonly found: FoundSteps;
  /** Undefined: reading the file does not tell. */
  readonly stageNeeded: (stageIndex: number) => boolean | undefined;
  /** Of instructions and triggers; empty for a failed build. */
  readonly dependences: ReadonlyMap<FoundStep, Dependence>;
  /** Bytes of the layer of each image, by the id that the log prints. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function judgeImageSteps(input: ImageStepsInput): JudgedLine[] {
  return input.file.instructions.flatMap((instruction) => {
    const found = input.found.steps.get(instruction);
    if (instruction.keyword !== 'FROM') return [line(input, instruction, outcomeOf(input, instruction), found)];
    const triggers = input.found.triggers.get(instruction) ?? [];
    const blamed = found?.outcome === 'failed' && triggers.length === 0;
    return [
      line(input, instruction, blamed ? 'failed' : 'not-judged', undefined),
      ...triggers.map((trigger) => ({
        ...line(input, instruction, trigger.outcome, trigger),
        origin: 'onbuild' as const,
        instruction: trigger.instruction?.keyword ?? 'FROM',
        text: trigger.instruction?.rest ?? '',
      })),
    ];
  });
}

function outcomeOf({ found, stageNeeded, succeeded }: ImageStepsInput, one: InstructionLines): Outcome {
  if (one.stageIndex < 0) return 'not-judged'; // ARG before FROM
  const step = found.steps.get(one);
  if (step) return step.outcome;
  if (stageNeeded(one.stageIndex) === false) return 'not-needed';
  return succeeded ? 'unknown' : 'not-reached';
}

function line(
  input: ImageStepsInput,
  instruction: InstructionLines,
  outcome: Outcome,
  found: FoundStep | undefined,
): JudgedLine {
  const { image } = found ?? {};
  return {
    line: { start: instruction.start, end: instruction.end },
    stageIndex: instruction.stageIndex,
    instruction: instruction.keyword,
    text: instruction.rest,
    outcome,
    stageNeeded: instruction.stageIndex < 0 ? undefined : input.stageNeeded(instruction.stageIndex),
    durationMs: null,
    layerBytes: (image === undefined ? undefined : input.sizes.get(image)) ?? null,
    // what an earlier stage of the same build made is there when a later one looks for it: that can be foretold
    merged: false,
    origin: undefined,
    dependence: found && input.dependences.get(found),
    step: image,
  };
}
