import type { ChainBase, ChainStage, ChainStep, StepPlace } from '../chain/step';
import { parseDockerfile, type Dockerfile, type Stage } from '../dockerfile/dockerfile';
import type { Instruction, StageInstruction } from '../dockerfile/instruction';
import { splitDockerfile } from '../dockerfile/lines';
import { parseWords } from '../dockerfile/words';
import type { Problem } from '../model';
import { formatPlatform, parsePlatform, platformArguments } from '../plan/platform';
import { parseTrigger } from '../plan/stages';
import { expandBuildah } from './expand';
import type { BuildahProbe, BuildahSource } from './probe';
import { StageArgs, type GivenArgs } from './stageArgs';
import { EMPTY_CONFIG, type BuildahConfig } from './config';
import { BuildahDispatch } from './dispatch';
import { mountFrom } from './mount';

/** What Buildah is asked to build. */
export interface BuildahOptions {
  readonly target: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** `os/arch[/variant]` that is built for, and that builds. */
  readonly platform: string;
  /** Configuration of an image as it is named; undefined when it is not known. */
  readonly image: (name: string) => BuildahConfig | undefined;
}

/** What a build with Buildah will do, in order. */
export interface BuildahPlan {
  readonly globals: readonly StepPlace[];
  readonly stages: readonly ChainStage<BuildahProbe>[];
  readonly target: string;
  /** Images as they are named; {@link SCRATCH} where a stage stands on none. */
  readonly images: readonly string[];
  readonly problems: readonly Problem[];
  readonly uncovered?: string;
}

/** Stands for no image. */
export const SCRATCH = 'scratch';

/** Reads a Dockerfile as Buildah executes it (containers/buildah imagebuildah, openshift/imagebuilder). Pure. */
export function planBuildah(text: string, options: BuildahOptions): BuildahPlan {
  const { value: file, problems } = parseDockerfile(text);
  const originals = splitDockerfile(text).value.instructions.map((one) => one.text);
  return new BuildahPlanner(file, problems, originals, options).plan();
}

/** What a stage leaves for those that stand on it. */
interface Left {
  readonly config: BuildahConfig;
  /** Words of all ARG in it and in what it stands on, expanded with arguments alone. */
  readonly args: readonly string[];
}

class BuildahPlanner {
  private readonly images = new Set<string>();
  private readonly problems: Problem[];
  private readonly originalOf = new Map<Instruction, string>();
  private readonly names: string[] = [];
  private readonly left: (Left | undefined)[] = [];
  private readonly given: GivenArgs;
  private heading: ReadonlyMap<string, string> = new Map();
  private uncovered: string | undefined;

  constructor(
    private readonly file: Dockerfile,
    problems: readonly Problem[],
    originals: readonly string[],
    private readonly options: BuildahOptions,
  ) {
    for (const [index, one] of file.instructions.entries()) this.originalOf.set(one, originals[index] ?? one.text);
    // what BuildKit refuses Buildah meets only when it comes to it
    const refused = new Set(file.instructions.flatMap((one) => (one.kind === 'invalid' ? [one.line.start] : [])));
    this.problems = problems.filter(({ code, line }) => code !== 'bad-instruction' || !refused.has(line ?? 0));
    const platform = parsePlatform(options.platform) ?? { os: 'linux', architecture: 'amd64', variant: '' };
    this.given = {
      user: options.buildArgs,
      builtIn: new Map([...platformArguments(platform, platform, '')].filter(([name]) => name !== 'TARGETSTAGE')),
    };
  }

  plan(): BuildahPlan {
    if (this.problems.some(({ code }) => code === 'not-utf8')) {
      this.uncovered = 'the file holds bytes that are not UTF-8';
    }
    const globals = this.globals();
    const { stages } = this.file;
    for (const stage of stages) this.names.push(this.nameOf(stage));
    const target = this.target();
    const needed = this.needed(target);
    const planned = stages.map((stage) => this.stage(stage, needed.has(stage.index)));
    return {
      globals,
      stages: planned,
      target: planned[target]?.label ?? this.options.target,
      images: [...this.images],
      problems: this.problems,
      ...(this.uncovered === undefined ? {} : { uncovered: this.uncovered }),
    };
  }

  private globals(): StepPlace[] {
    const places: StepPlace[] = [];
    const args = new StageArgs(this.given, new Map());
    args.allowBuiltIn();
    for (const instruction of this.file.instructions) {
      if (instruction.kind === 'from') break;
      places.push({ ...placeOf(instruction), stage: '', stageIndex: -1 });
      if (instruction.kind !== 'arg') continue;
      for (const { name, value } of instruction.declarations) {
        const word = value === undefined ? name : `${name}=${value}`;
        const { value: expanded, error, open } = expandBuildah(word, args.visible);
        this.uncovered ??= open;
        if (error !== undefined) {
          this.problems.push({ code: 'bad-instruction', message: error, line: instruction.line.start });
        }
        args.declare(expanded);
      }
    }
    this.heading = args.visible;
    return places;
  }

  /** Its name, expanded, or its index as text. */
  private nameOf({ from, index }: Stage): string {
    if (from.name === '') return String(index);
    // the name as it is written: only BuildKit makes it lower case
    const [, written = from.name] = /\s+as\s+(\S+)\s*$/i.exec(this.originalOf.get(from) ?? '') ?? [];
    return expandBuildah(written, this.heading).value;
  }

  private target(): number {
    const { target } = this.options;
    if (target === '') return this.file.stages.length - 1;
    const named = this.names.indexOf(target);
    const index = named >= 0 ? named : /^\d+$/.test(target) ? Number(target) : -1;
    if (index >= 0 && index < this.names.length) return index;
    this.problems.push({ code: 'missing-stage', message: `the target "${target}" was not found in the Dockerfile` });
    return -1;
  }

  /** The target and all that it needs; others are skipped (imagebuildah/executor.go markDependencyStagesForTarget). */
  private needed(target: number): ReadonlySet<number> {
    const needed = new Set<number>();
    const left = [target];
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      const stage = this.file.stages[index];
      if (stage === undefined || needed.has(index)) continue;
      needed.add(index);
      const base = this.base(stage);
      if (base.kind === 'stage') left.push(base.index);
      for (const one of stage.instructions) {
        const froms = one.kind === 'copy' ? [one.from] : one.kind === 'run' ? one.mounts.map(mountFrom) : [];
        for (const from of froms) {
          const source = from === '' ? undefined : this.source(from, index);
          if (source?.kind === 'stage') left.push(source.index);
        }
      }
    }
    return needed;
  }

  private stage(stage: Stage, needed: boolean): ChainStage<BuildahProbe> {
    const { from, index } = stage;
    const label = this.names[index] ?? String(index);
    const place: StepPlace = { ...placeOf(from), stage: label, stageIndex: index };
    const at = (instruction: StageInstruction): StepPlace => ({ ...place, ...placeOf(instruction) });
    const base = this.base(stage);
    const open = (message: string): ChainStage<BuildahProbe> => {
      const steps = stage.instructions.map((one) => ({ ...at(one), kind: 'open' as const, message }));
      return { index, label, from: place, base, steps, needed };
    };
    if (!needed) return open('not needed');
    if (from.platform !== '' && !this.isOwnPlatform(from.platform)) {
      this.uncovered ??= 'FROM --platform of another platform is not predicted for Buildah';
    }
    if (base.kind === 'image') this.images.add(base.name);
    if (base.kind === 'scratch') this.images.add(SCRATCH);
    const under = base.kind === 'stage' ? this.left[base.index] : undefined;
    const config =
      base.kind === 'image' ? this.options.image(base.name) : base.kind === 'stage' ? under?.config : EMPTY_CONFIG;
    if (config === undefined) {
      return open(`${base.kind === 'image' ? base.name : label} is not in this store: the build will fetch it`);
    }
    const args = new StageArgs(this.given, this.heading);
    // looked up by the name as it is written
    const inherited = from.base.includes('$') ? [] : (under?.args ?? []);
    for (const word of inherited) args.declare(word);
    const dispatch = new BuildahDispatch(config, args, {
      escape: this.file.escape,
      source: (name) => this.source(name, index),
      original: (one) => this.originalOf.get(one),
    });
    const triggers = config.onbuild.map((trigger) => {
      const instruction = parseTrigger(trigger, from);
      this.originalOf.set(instruction, trigger);
      return instruction;
    });
    const steps: ChainStep<BuildahProbe>[] = [
      ...triggers.map((one) => ({ ...at(one), origin: 'onbuild' as const, ...dispatch.dispatch(one) })),
      ...stage.instructions.map((one) => ({ ...at(one), ...dispatch.dispatch(one) })),
    ];
    // an image of the OCI format, which is what is made, keeps no triggers
    this.left[index] = { config: { ...dispatch.config, onbuild: [] }, args: [...inherited, ...this.passedOn(stage)] };
    return { index, label, from: place, base, steps, needed };
  }

  /** Words of the ARG of a stage as those that stand on it get them (openshift/imagebuilder builder.go NewStages). */
  private passedOn({ instructions }: Stage): string[] {
    const known = new Map([...this.given.builtIn, ...this.heading]);
    const passed: string[] = [];
    for (const one of instructions) {
      if (one.kind !== 'arg') continue;
      const original = (this.originalOf.get(one) ?? '').replace(/^\s*arg\s+/i, '');
      for (const word of parseWords(original, this.file.escape)) {
        const { value, error, open } = expandBuildah(word, known);
        this.uncovered ??= open;
        if (error !== undefined) {
          this.problems.push({ code: 'bad-instruction', message: error, line: one.line.start });
        }
        passed.push(value);
        const equals = value.indexOf('=');
        // without a value it is empty here, whatever stands before the first FROM
        known.set(equals < 0 ? value : value.slice(0, equals), equals < 0 ? '' : value.slice(equals + 1));
      }
    }
    return passed;
  }

  private isOwnPlatform(written: string): boolean {
    const { value } = expandBuildah(written, new Map([...this.given.builtIn, ...this.heading]));
    const platform = parsePlatform(value);
    const own = parsePlatform(this.options.platform);
    return platform !== undefined && own !== undefined && formatPlatform(platform) === formatPlatform(own);
  }

  private base({ from, index }: Stage): ChainBase {
    const known = new Map([...this.given.builtIn, ...this.heading]);
    const { value: name, error, open } = expandBuildah(from.base, known);
    this.uncovered ??= open;
    if (error !== undefined) return { kind: 'failure', message: error };
    if (name === '') return { kind: 'failure', message: `the base name ${from.base} is empty` };
    const stage = this.names.slice(0, index).lastIndexOf(name);
    if (stage >= 0) return { kind: 'stage', index: stage };
    return name === 'scratch' ? { kind: 'scratch' } : { kind: 'image', name };
  }

  private source(written: string, current: number): BuildahSource {
    const { value: name } = expandBuildah(written, this.heading);
    const earlier = this.names.slice(0, current);
    const named = earlier.lastIndexOf(name);
    if (named >= 0) return { kind: 'stage', index: named };
    if (/^\d+$/.test(name) && Number(name) < current) return { kind: 'stage', index: Number(name) };
    this.images.add(name);
    return { kind: 'image', name };
  }
}

function placeOf(instruction: Instruction): Pick<StepPlace, 'line' | 'instruction' | 'text'> {
  return { line: instruction.line, instruction: instruction.keyword, text: instruction.text };
}
