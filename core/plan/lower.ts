import { clean } from '../context/goPath';
import type { Dockerfile } from '../dockerfile/dockerfile';
import { expandWord } from '../dockerfile/expand';
import type { ArgInstruction, EnvInstruction, StageInstruction, WorkdirInstruction } from '../dockerfile/instruction';
import type { PlanOptions } from './graph';
import { CopyLowering } from './lowerCopy';
import { RunLowering } from './lowerRun';
import { absolutePath } from './paths';
import type { StageState } from './stageState';
import type { ResolvedStage, StageGraph } from './stages';
import { parseOwner, type State, type VertexStore } from './vertices';

/** What an instruction became: a vertex, nothing, or the reason why the build stops at it. */
export interface Lowered {
  readonly vertex?: number;
  readonly failure?: string;
}

/** What lowering needs from the whole build. */
export interface LoweringScope {
  readonly file: Dockerfile;
  readonly options: PlanOptions;
  readonly graph: StageGraph;
  readonly imageState: (reference: string) => State;
  readonly stageState: (stage: ResolvedStage) => State;
}

/** ARG names that never reach the environment (dockerfile2llb/convert.go nonEnvArgs). */
const NOT_IN_ENVIRONMENT = ['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'];

/** Lowers the instructions of one stage, in order. */
export class StageLowering {
  private readonly copies: CopyLowering;
  private readonly runs: RunLowering;

  constructor(
    stage: ResolvedStage,
    private readonly state: StageState,
    private readonly store: VertexStore,
    private readonly scope: LoweringScope,
  ) {
    const { options } = scope;
    const ignoreCache =
      options.noCache ||
      (stage.from.name !== '' && options.noCacheFilter.some((filter) => filter.toLowerCase() === stage.from.name));
    this.copies = new CopyLowering(stage, state, store, scope, ignoreCache);
    this.runs = new RunLowering(stage, state, store, scope, ignoreCache);
  }

  lower(instruction: StageInstruction): Lowered {
    switch (instruction.kind) {
      case 'run':
        return this.runs.lower(instruction);
      case 'copy':
        return this.copies.lower(instruction);
      case 'workdir':
        return this.workdir(instruction);
      case 'env':
        return this.env(instruction);
      case 'arg':
        return this.arg(instruction);
      case 'user': {
        const user = this.expand(instruction.user);
        if (user.error !== undefined) return { failure: user.error };
        this.state.user = user.value;
        return {};
      }
      case 'shell':
        this.state.shell = instruction.shell;
        return {};
      case 'metadata': {
        const error = instruction.expanded.map((word) => this.expand(word).error).find((one) => one !== undefined);
        return error === undefined ? {} : { failure: error };
      }
      case 'onbuild':
        return {};
      case 'invalid':
        return { failure: instruction.error };
    }
  }

  private expand(word: string) {
    return expandWord(word, this.state.environment.map, { escape: this.scope.file.escape });
  }

  /** All values of one ENV see the environment before it. */
  private env(instruction: EnvInstruction): Lowered {
    const pairs: [string, string][] = [];
    for (const { name, value } of instruction.pairs) {
      const key = this.expand(name);
      const expanded = this.expand(value);
      const error = key.error ?? expanded.error;
      if (error !== undefined) return { failure: error };
      pairs.push([key.value, expanded.value]);
    }
    for (const [name, value] of pairs) {
      this.state.environment.set(name, value, { kind: 'variable', line: instruction.line.start });
      this.state.imageEnvironment.set(name, value);
    }
    return {};
  }

  private arg(instruction: ArgInstruction): Lowered {
    const { buildArgs } = this.scope.options;
    for (const { name, value } of instruction.declarations) {
      let result = buildArgs.get(name);
      if (result === undefined && value !== undefined) {
        const expanded = this.expand(value);
        if (expanded.error !== undefined) return { failure: expanded.error };
        result = expanded.value;
      }
      result ??= this.scope.graph.globals.map.get(name);
      if (result === undefined || NOT_IN_ENVIRONMENT.includes(name)) continue;
      this.state.environment.set(name, result, { kind: 'argument', line: instruction.line.start });
    }
    return {};
  }

  /** Every WORKDIR but `/` is a step, also when the folder exists. */
  private workdir(instruction: WorkdirInstruction): Lowered {
    const path = this.expand(instruction.path);
    if (path.error !== undefined) return { failure: path.error };
    const { state } = this;
    state.workingDir = absolutePath(state.workingDir, path.value);
    state.cwd = state.workingDir;
    if (state.workingDir === '/') return {};
    const timestamp = epochNanoseconds(this.scope.options.buildArgs.get('SOURCE_DATE_EPOCH') ?? '');
    if (timestamp === undefined) return { failure: 'invalid SOURCE_DATE_EPOCH' };
    const vertex = this.store.mkdir(
      state.state,
      {
        kind: 'mkdir',
        path: clean(state.workingDir),
        mode: 0o755,
        makeParents: true,
        owner: parseOwner(state.user),
        timestamp,
      },
      state.uncovered === undefined ? {} : { uncovered: state.uncovered },
    );
    state.state = vertex;
    return { vertex };
  }
}

/** Nanoseconds of a time in seconds, as the operation carries it; `-1` for none, undefined when it is no number. */
function epochNanoseconds(seconds: string): string | undefined {
  if (seconds === '') return '-1';
  const match = /^([+-]?)(\d+)$/.exec(seconds);
  if (match === null) return undefined;
  const nanoseconds = BigInt(match[2] ?? '') * 1_000_000_000n;
  return String(match[1] === '-' ? -nanoseconds : nanoseconds);
}
