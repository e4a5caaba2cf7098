import { checkError, checkStopsAtWarnings, findDirective } from '../dockerfile/directives';
import type { Dockerfile } from '../dockerfile/dockerfile';
import type { Instruction, StageInstruction } from '../dockerfile/instruction';
import { parseDockerfile } from '../dockerfile/dockerfile';
import type { Problem } from '../model';
import type { Plan, PlanOptions, PlanStep } from './graph';
import { namedContextVertex } from './lowerCopy';
import { imageFor, undecidedImage } from './images';
import { StageLowering, type Lowered } from './lower';
import { foreignPlan } from './frontend';
import { metadataFailure } from './metadata';
import { StageState } from './stageState';
import { platformOf, resolveStages, type ResolvedStage, type StageGraph } from './stages';
import { unusualFlagFailure } from './unusualFlags';
import { VertexStore, type State } from './vertices';

/**
 * Lowers a Dockerfile to the graph that BuildKit's frontend would build (frontend/dockerfile/dockerfile2llb/convert.go),
 * verified for BuildKit 0.25. Pure; milliseconds.
 */
export function planBuildkit(text: string, options: PlanOptions): Plan {
  const { value: file, problems: parseProblems } = parseDockerfile(text);
  const plan = new BuildkitPlanner(file, [...checkProblems(text, options), ...parseProblems], options).plan();
  return foreignPlan(plan, text, options) ?? plan;
}

/** An option of the checker that is none stops the build (dockerfile2llb/convert.go newRuleLinter). */
function checkProblems(text: string, { buildArgs }: PlanOptions): Problem[] {
  const given = buildArgs.get('BUILDKIT_DOCKERFILE_CHECK');
  const found = given === undefined ? findDirective('check', text) : { value: given, line: undefined };
  const message = found === undefined ? undefined : checkError(found.value);
  if (message === undefined) return [];
  return [{ code: 'bad-instruction', message, ...(found?.line === undefined ? {} : { line: found.line }) }];
}

class BuildkitPlanner {
  private readonly graph: StageGraph;
  private readonly store = new VertexStore();
  private readonly states = new Map<ResolvedStage, StageState>();
  private readonly steps: PlanStep[] = [];
  private readonly images = new Set<string>();
  private readonly problems: Problem[];

  constructor(
    private readonly file: Dockerfile,
    problems: readonly Problem[],
    private readonly options: PlanOptions,
  ) {
    this.graph = resolveStages(file, options);
    this.problems = [...problems, ...this.graph.problems];
  }

  plan(): Plan {
    for (const instruction of this.file.instructions) {
      if (instruction.kind === 'from') break;
      this.steps.push(this.step(instruction, undefined, {}));
    }
    for (const stage of this.graph.stages) this.lowerStage(stage);
    const { target } = this.graph;
    const uncovered = this.uncovered();
    return {
      vertices: this.store.vertices,
      steps: this.steps,
      root: target === undefined ? undefined : this.states.get(target)?.state,
      target: target?.label ?? this.options.target,
      images: [...this.images],
      problems: this.problems,
      ...(uncovered === undefined ? {} : { uncovered }),
    };
  }

  private uncovered(): string | undefined {
    const { syntax } = this.file.directives;
    if (syntax !== undefined) return `the frontend image ${syntax} (# syntax) decides how this file is read`;
    if (this.options.buildArgs.has('BUILDKIT_SYNTAX')) return 'BUILDKIT_SYNTAX chooses another frontend image';
    const check = this.options.buildArgs.get('BUILDKIT_DOCKERFILE_CHECK') ?? this.file.directives.check;
    if (check !== undefined && checkStopsAtWarnings(check)) {
      return 'warnings of the checker may stop the build (check error=true)';
    }
    if (this.problems.some(({ code }) => code === 'not-utf8')) return 'the file holds bytes that are not UTF-8';
    const [option] = this.options.uncoveredOptions;
    return option === undefined ? undefined : `${option} is not predicted yet`;
  }

  private lowerStage(stage: ResolvedStage): void {
    const reachable = this.graph.reachable.has(stage);
    const image = stage.base.kind === 'image' ? { image: stage.base.reference, platform: platformOf(stage) } : {};
    this.steps.push(this.step(stage.from, stage, { ...image, ...failure(stage.base) }));
    if (!reachable || stage.replaced) {
      // a stage that is not needed is not evaluated: what its instructions do cannot fail the build, and does not count
      for (const { instruction, onbuild } of stage.instructions) {
        if (onbuild) continue;
        const failure = this.refusal(instruction);
        this.steps.push({ ...this.step(instruction, stage, failure), reachable: false });
      }
      if (reachable) this.states.set(stage, this.initialState(stage));
      return;
    }
    const state = this.initialState(stage);
    this.states.set(stage, state);
    const lowering = new StageLowering(stage, state, this.store, {
      file: this.file,
      options: this.options,
      graph: this.graph,
      // an image that files are taken from is one of the build's platform, whatever the stage's own is
      imageState: (reference) => this.imageVertex(reference, { platform: this.graph.targetPlatform }),
      stageState: (other) => this.states.get(other)?.state,
    });
    for (const { instruction, onbuild } of stage.instructions) {
      const lowered = this.lower(instruction, lowering, state);
      // the others that fail are among the problems already
      if (lowered.failure !== undefined && (onbuild || this.isAccepted(instruction))) {
        this.problems.push({ code: 'bad-instruction', message: lowered.failure, line: instruction.line.start });
      }
      const atRun = this.holdsNul(lowered.vertex) ? { failure: 'a NUL byte cannot be in a command or a path' } : {};
      const origin = onbuild ? ({ origin: 'onbuild' } as const) : {};
      this.steps.push(this.step(instruction, stage, { ...atRun, ...lowered, ...origin }));
    }
  }

  private lower(instruction: StageInstruction, lowering: StageLowering, state: StageState): Lowered {
    const refused = this.graph.refused.get(instruction);
    if (refused !== undefined) return { failure: refused };
    const { escape } = this.file;
    const lowered = lowering.lower(instruction);
    if (lowered.failure !== undefined || instruction.kind !== 'metadata') return lowered;
    const failure = metadataFailure(instruction, state.environment.map, { escape });
    return failure === undefined ? lowered : { failure };
  }

  /** Then the step is begun, and fails every time: no program and no path can have one. */
  private holdsNul(vertex: number | undefined): boolean {
    const op = this.store.vertices[vertex ?? -1]?.op;
    if (op?.kind === 'exec') return [...op.args, ...op.env].some((text) => text.includes('\0'));
    return (
      op?.kind === 'file' && op.actions.some(({ action }) => action.kind === 'mkdir' && action.path.includes('\0'))
    );
  }

  private isAccepted(instruction: StageInstruction): boolean {
    return instruction.kind !== 'invalid' && !this.graph.refused.has(instruction);
  }

  /** What is refused even in a stage that is not needed. */
  private refusal(instruction: StageInstruction): { failure?: string } {
    const known = this.graph.refused.get(instruction);
    if (known !== undefined) return { failure: known };
    const failure = unusualFlagFailure(instruction, { options: this.options, file: this.file });
    if (failure === undefined) return {};
    this.problems.push({ code: 'bad-instruction', message: failure, line: instruction.line.start });
    return { failure };
  }

  private initialState(stage: ResolvedStage): StageState {
    const { base } = stage;
    if (base.kind === 'stage') {
      const state = this.states.get(base.stage);
      if (state !== undefined) return StageState.onStage(state);
    }
    if (base.kind === 'context') {
      const state = StageState.onScratch();
      state.state = namedContextVertex(this.store, base.name);
      return state;
    }
    if (base.kind !== 'image') return StageState.onScratch();
    const info = imageFor(this.options, base.reference, platformOf(stage));
    const state = StageState.onImage(this.imageVertex(base.reference, stage), info);
    state.uncovered = undecidedImage(this.options, base.reference, platformOf(stage));
    return state;
  }

  /** The vertex of an image; an image without layers is an empty root. */
  private imageVertex(reference: string, stage: Pick<ResolvedStage, 'platform'>): State {
    this.images.add(reference);
    const info = imageFor(this.options, reference, platformOf(stage));
    if (info?.chainId === '') return undefined;
    return this.store.add({ kind: 'image', ref: reference, platform: platformOf(stage) }, []);
  }

  private step(
    instruction: Instruction | StageInstruction,
    stage: ResolvedStage | undefined,
    extra: Pick<PlanStep, 'vertex' | 'image' | 'platform' | 'failure' | 'origin'>,
  ): PlanStep {
    const invalid = instruction.kind === 'invalid' ? { failure: instruction.error } : {};
    return {
      line: instruction.line,
      stage: stage?.label ?? '',
      stageIndex: stage?.index ?? -1,
      instruction: instruction.keyword,
      text: instruction.text,
      reachable: stage === undefined || this.graph.reachable.has(stage),
      ...invalid,
      ...extra,
    };
  }
}

function failure(base: ResolvedStage['base']): { failure?: string } {
  return base.kind === 'invalid' ? { failure: base.error } : {};
}
