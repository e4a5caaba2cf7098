import type { Dockerfile } from '../dockerfile/dockerfile';
import type { Instruction, StageInstruction } from '../dockerfile/instruction';
import { parseDockerfile } from '../dockerfile/dockerfile';
import type { Problem } from '../model';
import type { Plan, PlanOptions, PlanStep } from './graph';
import { namedContextVertex } from './lowerCopy';
import { asksRegistry, imageFor } from './images';
import { StageLowering } from './lower';
import { StageState } from './stageState';
import { platformOf, resolveStages, type ResolvedStage, type StageGraph } from './stages';
import { VertexStore, type State } from './vertices';

/**
 * Lowers a Dockerfile to the graph that BuildKit's frontend would build (frontend/dockerfile/dockerfile2llb/convert.go),
 * verified for BuildKit 0.25. Pure; milliseconds.
 */
export function planBuildkit(text: string, options: PlanOptions): Plan {
  const { value: file, problems: parseProblems } = parseDockerfile(text);
  return new BuildkitPlanner(file, parseProblems, options).plan();
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
    const checks = [this.file.directives.check, this.options.buildArgs.get('BUILDKIT_DOCKERFILE_CHECK')];
    if (checks.some((check) => check?.includes('error=true') === true)) {
      return 'warnings of the checker may stop the build (check error=true)';
    }
    const [option] = this.options.uncoveredOptions;
    return option === undefined ? undefined : `${option} is not predicted yet`;
  }

  private lowerStage(stage: ResolvedStage): void {
    const reachable = this.graph.reachable.has(stage);
    const image = stage.base.kind === 'image' ? { image: stage.base.reference, platform: platformOf(stage) } : {};
    this.steps.push(this.step(stage.from, stage, { ...image, ...failure(stage.base) }));
    if (!reachable || stage.replaced) {
      // a stage that is not needed is not evaluated: nothing in it can fail the build or count
      for (const { instruction, onbuild } of stage.instructions) {
        if (!onbuild) this.steps.push({ ...this.step(instruction, stage, {}), reachable: false });
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
      const lowered = lowering.lower(instruction);
      if (lowered.failure !== undefined && instruction.kind !== 'invalid') {
        this.problems.push({ code: 'bad-instruction', message: lowered.failure, line: instruction.line.start });
      }
      this.steps.push(this.step(instruction, stage, { ...lowered, ...(onbuild ? { origin: 'onbuild' } : {}) }));
    }
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
    if (info === undefined) state.uncovered = `${base.reference} is not on this engine for ${platformOf(stage)}`;
    else if (asksRegistry(this.options, base.reference)) {
      state.uncovered = `--pull: the registry decides which image ${base.reference} is`;
    }
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
