import type { Dependence } from './dependence.js';
import { Dependences } from './dependence.js';
import type { DockerfileLines, InstructionLines } from './dockerfileLines.js';
import { neededStages } from './dockerfileLines.js';
import { mapByName } from './failedBuild.js';
import type { VertexResult } from './outcome.js';
import { vertexOutcomes } from './outcome.js';
import type { Progress } from './progress.js';
import type { Provenance, ProvenanceStep } from './provenance.js';

/**
 * What the builder did for an instruction:
 * - `cached`, `executed`, `failed`: its vertex was taken from the cache, run, or ended the build;
 * - `not-needed`: the target does not need its stage;
 * - `no-step`: the builder has nothing to do for it (metadata, `WORKDIR /`);
 * - `not-reached`: the build failed before or beside it;
 * - `not-judged`: FROM;
 * - `unknown`: the records of a failed build do not say.
 */
export type Outcome =
  'cached' | 'executed' | 'failed' | 'not-needed' | 'no-step' | 'not-reached' | 'not-judged' | 'unknown';

export interface JudgedLine {
  /** 1-based, inclusive. */
  readonly line: { readonly start: number; readonly end: number };
  readonly stageIndex: number;
  /** Upper case. */
  readonly instruction: string;
  readonly text: string;
  readonly outcome: Outcome;
  /** False when the target does not need the stage; undefined when reading the file does not tell. */
  readonly stageNeeded: boolean | undefined;
  /** What the vertex took, in milliseconds; null without a vertex that ran. */
  readonly durationMs: number | null;
  /** Bytes of the regular files of its layer; null when the step is in no exported image. */
  readonly layerBytes: number | null;
  /**
   * Cached only because another step of this very build, with the same operation on the same inputs, was executed:
   * neither `cached` nor `rebuild` is a wrong forecast for it.
   */
  readonly merged: boolean;
  /** Set for the steps that ONBUILD of a base image runs; they have the line of their FROM. */
  readonly origin: 'onbuild' | undefined;
  /** What its outcome depended on; undefined without a step or for a failed build. */
  readonly dependence: Dependence | undefined;
  /** Step id in the provenance; undefined for a failed build or without a step. */
  readonly step: string | undefined;
}

export interface JudgeInput {
  readonly file: DockerfileLines;
  readonly progress: Progress;
  /** Undefined exactly when the build failed. */
  readonly provenance: Provenance | undefined;
  readonly succeeded: boolean;
  readonly target: string | undefined;
}

const STEP_KEYWORDS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

function line(
  instruction: InstructionLines,
  outcome: Outcome,
  stageNeeded: boolean | undefined,
  more: Partial<JudgedLine> = {},
): JudgedLine {
  return {
    line: { start: instruction.start, end: instruction.end },
    stageIndex: instruction.stageIndex,
    instruction: instruction.keyword,
    text: instruction.rest,
    outcome,
    stageNeeded,
    durationMs: null,
    layerBytes: null,
    merged: false,
    origin: undefined,
    dependence: undefined,
    step: undefined,
    ...more,
  };
}

/** Judges every instruction of the file. */
export function judgeLines(input: JudgeInput): JudgedLine[] {
  const results = vertexOutcomes(input.progress.vertices, input.succeeded);
  const needed = neededStages(input.file, input.target);
  const stageNeeded = (one: InstructionLines): boolean | undefined =>
    one.stageIndex < 0 ? undefined : needed?.has(one.stageIndex);
  return input.provenance
    ? judgeSucceeded(input.file, input.provenance, results, stageNeeded)
    : judgeFailed(input, results, stageNeeded);
}

interface StepResult {
  readonly step: ProvenanceStep;
  readonly result: VertexResult;
}

function judgeSucceeded(
  file: DockerfileLines,
  provenance: Provenance,
  results: ReadonlyMap<string, VertexResult>,
  stageNeeded: (one: InstructionLines) => boolean | undefined,
): JudgedLine[] {
  const steps: StepResult[] = [];
  for (const [digest, id] of provenance.stepOfVertex) {
    const step = provenance.steps.get(id);
    const result = results.get(digest);
    if (step && result && (step.kind === 'exec' || step.kind === 'file')) steps.push({ step, result });
  }
  // in the order of the graph: steps of one line (ONBUILD) follow each other
  const order = [...provenance.steps.keys()];
  steps.sort((a, b) => order.indexOf(a.step.id) - order.indexOf(b.step.id));
  const dependence = new Dependences(provenance, steps);
  const executed = new Set(steps.filter((one) => one.result.outcome === 'executed').map((one) => one.step.operation));
  return file.instructions.flatMap((instruction) => {
    const own = steps.filter(({ step }) =>
      step.lines.some((number) => number >= instruction.start && number <= instruction.end),
    );
    const judged = own.map(({ step, result }) =>
      line(instruction, result.outcome, stageNeeded(instruction), {
        durationMs: result.durationMs,
        merged: result.outcome === 'cached' && executed.has(step.operation),
        origin: instruction.keyword === 'FROM' ? 'onbuild' : undefined,
        dependence: dependence.of(step.id),
        step: step.id,
      }),
    );
    if (instruction.keyword === 'FROM') return [line(instruction, 'not-judged', stageNeeded(instruction)), ...judged];
    if (judged.length > 0) return judged;
    return [line(instruction, withoutVertex(instruction, stageNeeded(instruction)), stageNeeded(instruction))];
  });
}

/** A needed RUN, COPY or ADD always has a vertex, so without one it was not needed; only `WORKDIR /` has none. */
function withoutVertex(instruction: InstructionLines, needed: boolean | undefined): Outcome {
  if (!STEP_KEYWORDS.has(instruction.keyword)) return 'no-step';
  if (instruction.keyword !== 'WORKDIR') return 'not-needed';
  return needed === undefined ? 'unknown' : needed ? 'no-step' : 'not-needed';
}

function judgeFailed(
  input: JudgeInput,
  results: ReadonlyMap<string, VertexResult>,
  stageNeeded: (one: InstructionLines) => boolean | undefined,
): JudgedLine[] {
  const { file, progress } = input;
  const mapped = mapByName(file, progress.vertices);
  const blamed = (one: InstructionLines): boolean =>
    progress.errorLines.some((number) => number >= one.start && number <= one.end);
  // The builder stopped while it read the file: no instruction was reached at all.
  const lowered = [...progress.vertices.values()].some(
    (vertex) => vertex.name.startsWith('[') && !isInternal(vertex.name),
  );
  return file.instructions.map((instruction) => {
    const needed = stageNeeded(instruction);
    const vertex = mapped.get(instruction);
    const result = vertex && vertex !== 'no-step' ? results.get(vertex.digest) : undefined;
    if (blamed(instruction)) return line(instruction, 'failed', needed, { durationMs: result?.durationMs ?? null });
    if (instruction.keyword === 'FROM') return line(instruction, 'not-judged', needed);
    if (vertex === 'no-step' || !STEP_KEYWORDS.has(instruction.keyword)) return line(instruction, 'no-step', needed);
    if (result) return line(instruction, result.outcome, needed, { durationMs: result.durationMs });
    if (needed === false) return line(instruction, 'not-needed', needed);
    return line(instruction, lowered ? 'unknown' : 'not-reached', needed);
  });
}

function isInternal(name: string): boolean {
  return name.startsWith('[internal]');
}
