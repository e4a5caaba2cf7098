import type { ChainStage, ChainStep, StepPlace } from '../chain/step';
import { parseDockerfile, type Dockerfile, type Stage } from '../dockerfile/dockerfile';
import { expandWord } from '../dockerfile/expand';
import type { CopyInstruction, Instruction, StageInstruction } from '../dockerfile/instruction';
import type { Problem } from '../model';
import { parseTrigger } from '../plan/stages';
import { BuildArgs } from './buildArgs';
import { StageDispatch } from './dispatch';
import type { ClassicProbe, CopySource } from './probe';
import { EMPTY_CONFIG, type StepConfig } from './stepConfig';

/** What the classic builder is asked to build. */
export interface ClassicOptions {
  /** Name of the last stage to build; empty for all. */
  readonly target: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Configuration of an image as it is named; undefined when it is not known. */
  readonly image: (name: string) => StepConfig | undefined;
  /** Release of the engine, `[28, 5]`; undefined when it is not known. */
  readonly engine: readonly [major: number, minor: number] | undefined;
}

/** What a classic build will do, in order. */
export interface ClassicPlan {
  readonly globals: readonly StepPlace[];
  readonly stages: readonly ChainStage<ClassicProbe>[];
  readonly target: string;
  /** Images as they are named, in FROM and `--from` of the stages that are built. */
  readonly images: readonly string[];
  readonly problems: readonly Problem[];
  /** A reason why the whole build is not predicted exactly. */
  readonly uncovered?: string;
}

/** Reads a Dockerfile as the classic builder dispatches it (moby builder/dockerfile). Pure. */
export function planClassic(text: string, options: ClassicOptions): ClassicPlan {
  const { value: file, problems } = parseDockerfile(text);
  return new ClassicPlanner(file, problems, options).plan();
}

/** The engine release with the vendored parser whose flags are known here; older ones refuse what it takes. */
const OLDEST_KNOWN = 23;

class ClassicPlanner {
  private readonly images = new Set<string>();
  private readonly problems: Problem[];
  private readonly args: BuildArgs;
  private readonly configs: (StepConfig | undefined)[] = [];
  private uncovered: string | undefined;

  constructor(
    private readonly file: Dockerfile,
    problems: readonly Problem[],
    private readonly options: ClassicOptions,
  ) {
    this.problems = [...problems];
    this.args = new BuildArgs(options.buildArgs);
  }

  plan(): ClassicPlan {
    if (this.problems.some(({ code }) => code === 'not-utf8')) {
      this.uncovered = 'the file holds bytes that are not UTF-8';
    }
    const globals = this.globals();
    const { target } = this.options;
    // builder/dockerfile/builder.go build: everything up to the target, needed or not
    const last =
      target === '' ? Infinity : this.file.stages.findIndex(({ from }) => from.name === target.toLowerCase());
    if (last < 0) this.problems.push({ code: 'missing-stage', message: `target stage "${target}" could not be found` });
    const stages = this.file.stages.map((stage) => this.stage(stage, stage.index <= last));
    const final = last === Infinity ? stages.at(-1) : stages[last];
    return {
      globals,
      stages,
      target: final?.label ?? target,
      images: [...this.images],
      problems: this.problems,
      ...(this.uncovered === undefined ? {} : { uncovered: this.uncovered }),
    };
  }

  private globals(): StepPlace[] {
    const places: StepPlace[] = [];
    const { escape } = this.file;
    for (const instruction of this.file.instructions) {
      if (instruction.kind === 'from') break;
      places.push({ ...placeOf(instruction), stage: '', stageIndex: -1 });
      if (instruction.kind !== 'arg') continue;
      for (const { name, value } of instruction.declarations) {
        const known = this.args.visible([]);
        const expanded = value === undefined ? undefined : expandWord(value, known, { escape });
        if (expanded?.error !== undefined) {
          this.problems.push({ code: 'bad-instruction', message: expanded.error, line: instruction.line.start });
        }
        this.args.addMeta(expandWord(name, known, { escape }).value, expanded?.value);
      }
    }
    return places;
  }

  private stage(stage: Stage, needed: boolean): ChainStage<ClassicProbe> {
    const { from, index } = stage;
    const label = from.name === '' ? String(index) : from.name;
    const place: StepPlace = { ...placeOf(from), stage: label, stageIndex: index };
    const at = (instruction: StageInstruction): StepPlace => ({ ...place, ...placeOf(instruction) });
    const base = this.base(stage);
    if (!needed) {
      const steps = stage.instructions.map((one) => ({ ...at(one), kind: 'open' as const, message: 'not needed' }));
      return { index, label, from: place, base, steps, needed };
    }
    if (base.kind === 'image') this.images.add(base.name);
    const config =
      base.kind === 'image'
        ? this.options.image(base.name)
        : base.kind === 'stage'
          ? this.configs[base.index]
          : EMPTY_CONFIG;
    if (config === undefined) {
      const name = base.kind === 'image' ? base.name : label;
      const message = `${name} is not on this engine: the build will fetch it`;
      this.configs[index] = undefined;
      const steps = stage.instructions.map((one) => ({ ...at(one), kind: 'open' as const, message }));
      return { index, label, from: place, base, steps, needed };
    }
    const dispatch = new StageDispatch(config, this.args.forStage(), {
      escape: this.file.escape,
      engine: this.options.engine,
      source: (name) => this.source(name, index),
    });
    const triggers = config.onbuild.map((trigger) => parseTrigger(trigger, from));
    const steps: ChainStep<ClassicProbe>[] = [
      ...triggers.map((one) => ({ ...at(one), origin: 'onbuild' as const, ...this.dispatch(one, dispatch) })),
      ...stage.instructions.map((one) => ({ ...at(one), ...this.dispatch(one, dispatch) })),
    ];
    this.configs[index] = dispatch.config;
    return { index, label, from: place, base, steps, needed };
  }

  private dispatch(instruction: StageInstruction, dispatch: StageDispatch) {
    if (instruction.kind === 'copy') this.coverCopy(instruction);
    const [major = OLDEST_KNOWN] = this.options.engine ?? [];
    if (instruction.kind === 'run' && instruction.heredocs.length > 0 && major < OLDEST_KNOWN) {
      this.uncovered ??= 'here-documents on engines before 23 are not predicted';
    }
    return dispatch.dispatch(instruction);
  }

  /** Flags that depend on how the engine's parser was built, or on its release. */
  private coverCopy(copy: CopyInstruction): void {
    const flag = copy.parents
      ? '--parents'
      : copy.exclude.length > 0
        ? '--exclude'
        : copy.unpack !== undefined
          ? '--unpack'
          : copy.keepGitDir !== undefined
            ? '--keep-git-dir'
            : undefined;
    if (flag !== undefined) this.uncovered ??= `what the classic builder makes of ${flag} is not predicted`;
    const [major = OLDEST_KNOWN] = this.options.engine ?? [];
    const isNew = copy.link || copy.checksum !== '' || copy.documents.length > 0;
    if (isNew && major < OLDEST_KNOWN) this.uncovered ??= 'flags that engines before 23 do not know are not predicted';
  }

  private base({ from, index }: Stage): ChainStage<ClassicProbe>['base'] {
    const { escape, stages } = this.file;
    const earlier = stages.slice(0, index);
    if (from.name !== '' && earlier.some((one) => one.from.name === from.name)) {
      return { kind: 'failure', message: `${from.name} stage name already used` };
    }
    const known = this.args.metaValues();
    if (from.platform !== '') {
      const platform = expandWord(from.platform, known, { escape });
      if (platform.error !== undefined) return { kind: 'failure', message: platform.error };
      if (platform.value === '') {
        return { kind: 'failure', message: `the classic builder knows no ${from.platform}: no platform is left` };
      }
      this.uncovered ??= 'FROM --platform is not predicted for the classic builder';
    }
    const name = expandWord(from.base, known, { escape });
    if (name.error !== undefined) return { kind: 'failure', message: name.error };
    if (name.value === '') return { kind: 'failure', message: `base name (${from.base}) should not be blank` };
    const stage = earlier.find((one) => one.from.name !== '' && one.from.name === name.value.toLowerCase());
    if (stage !== undefined) return { kind: 'stage', index: stage.index };
    return name.value === 'scratch' ? { kind: 'scratch' } : { kind: 'image', name: name.value };
  }

  /** What `COPY --from` names (builder/dockerfile/evaluator.go stagesBuildResults.get). */
  private source(name: string, current: number): CopySource | { readonly failure: string } {
    const earlier = this.file.stages.slice(0, current);
    const named = earlier.find(({ from }) => from.name !== '' && from.name === name.toLowerCase());
    if (named !== undefined) return { kind: 'stage', index: named.index };
    if (/^[+-]?\d+$/.test(name)) {
      const index = Number(name);
      if (index === current) return { failure: `invalid from flag value ${name}: refers to current build stage` };
      if (index < 0 || index > current) return { failure: `invalid from flag value ${name}: index out of bounds` };
      return { kind: 'stage', index };
    }
    this.images.add(name);
    return { kind: 'image', name };
  }
}

function placeOf(instruction: Instruction): Pick<StepPlace, 'line' | 'instruction' | 'text'> {
  return { line: instruction.line, instruction: instruction.keyword, text: instruction.text };
}
