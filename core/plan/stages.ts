import type { Dockerfile, Stage } from '../dockerfile/dockerfile';
import { expandWord } from '../dockerfile/expand';
import type { FromInstruction, Instruction, StageInstruction } from '../dockerfile/instruction';
import { splitDockerfile } from '../dockerfile/lines';
import { parseInstruction } from '../dockerfile/parse';
import type { Problem } from '../model';
import { Environment } from './environment';
import type { PlanOptions } from './graph';
import { registryImage } from './images';
import { formatPlatform, parsePlatform, platformArguments, type Platform } from './platform';
import { NamedContexts, type NamedContext } from './namedContexts';
import { normalizeReference } from './reference';
import { mountSource } from './mounts';
import { refusedInstructions } from './stageChecks';

/** What a stage stands on. */
export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: ResolvedStage }
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'invalid'; readonly error: string };

/** Where `COPY --from` and `RUN --mount from=` take files. */
export type SourceStage =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: ResolvedStage }
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'invalid'; readonly error: string };

/** A stage with its names resolved. */
export interface ResolvedStage {
  readonly index: number;
  readonly from: FromInstruction;
  /** Its name, or its index as text. */
  readonly label: string;
  readonly base: StageBase;
  readonly platform: Platform;
  /** `--build-context` puts something else in the place of this stage: its own instructions do not count. */
  readonly replaced: boolean;
  /** Own instructions, ONBUILD triggers of a base stage first. */
  instructions: readonly StageCommand[];
}

/** An instruction of a stage; triggers are marked. */
export interface StageCommand {
  readonly instruction: StageInstruction;
  readonly onbuild: boolean;
}

/** The stage graph. */
export interface StageGraph {
  readonly stages: readonly ResolvedStage[];
  readonly globals: Environment;
  readonly target: ResolvedStage | undefined;
  readonly targetPlatform: Platform;
  readonly reachable: ReadonlySet<ResolvedStage>;
  readonly problems: readonly Problem[];
  /** Instructions that stop the build, whether their stage is needed or not; they are among the problems. */
  readonly refused: ReadonlyMap<StageInstruction, string>;
  /** Resolves the `--from` of a COPY in `stage`: a stage's name or index, or an image. */
  readonly source: (name: string, stage: ResolvedStage) => SourceStage;
  /** Resolves the `from` of a RUN's mount, where a number is no index. */
  readonly namedSource: (name: string, stage: ResolvedStage) => SourceStage;
}

/** Resolves FROM lines, names and the target (frontend/dockerfile/dockerfile2llb/convert.go toDispatchState). */
export function resolveStages(file: Dockerfile, options: PlanOptions): StageGraph {
  const problems: Problem[] = [];
  const build = parsePlatform(options.buildPlatform) ?? { os: 'linux', architecture: 'amd64', variant: '' };
  const targetPlatform = (options.platform === undefined ? undefined : parsePlatform(options.platform, build)) ?? build;
  const lastName = file.stages.at(-1)?.from.name ?? '';
  const globals = globalEnvironment(file, options, build, targetPlatform, options.target || lastName, problems);

  const contexts = new NamedContexts(options.buildContexts);
  const stages: ResolvedStage[] = [];
  const byName = new Map<string, ResolvedStage>();
  for (const stage of file.stages) {
    const resolved = resolveStage(file, stage, { options, globals, byName, contexts, build, targetPlatform, problems });
    stages.push(resolved);
    if (stage.from.name !== '') byName.set(stage.from.name, resolved);
  }

  /** Images that files are taken from are counted like stages, behind the last one (convert.go toCommand). */
  const implicit: SourceStage[] = [];
  const byNameOrIndex = (name: string): SourceStage => {
    if (!/^[+-]?\d+$/.test(name)) return named(name);
    const found = stages[Number(name)];
    if (found !== undefined) return { kind: 'stage', stage: found };
    return implicit[Number(name) - stages.length] ?? { kind: 'invalid', error: `invalid stage index ${name}` };
  };
  const named = (name: string): SourceStage => {
    const found = byName.get(name.toLowerCase());
    if (found !== undefined) return { kind: 'stage', stage: found };
    const context = contexts.find(name);
    if (context !== undefined) return fromContext(context);
    if (name === 'scratch') return { kind: 'scratch' };
    const reference = normalizeReference(name);
    return reference === undefined
      ? { kind: 'invalid', error: `failed to parse stage name "${name}": invalid reference format` }
      : { kind: 'image', reference };
  };
  const source = (name: string, stage: ResolvedStage): SourceStage => earlier(byNameOrIndex(name), name, stage);
  const namedSource = (name: string, stage: ResolvedStage): SourceStage => earlier(named(name), name, stage);
  const refused = refusedInstructions(file, stages, {
    byNameOrIndex,
    byName: named,
    found: (other) => implicit.push(other),
  });
  for (const [{ line }, message] of refused) problems.push({ code: 'bad-instruction', message, line: line.start });

  const target = findTarget(options.target, stages, byName, problems);
  const reachable = target === undefined ? new Set<ResolvedStage>() : reach(target, { source, namedSource });
  return { stages, globals, target, targetPlatform, reachable, problems, refused, source, namedSource };
}

/**
 * A stage must come before the one that uses it. Only an ONBUILD trigger can take files from its own stage, as far as
 * that is done by then; elsewhere this is a circle.
 */
function earlier(source: SourceStage, name: string, stage: ResolvedStage): SourceStage {
  if (source.kind !== 'stage' || source.stage.index <= stage.index) return source;
  return { kind: 'invalid', error: `stage "${name}" needs to be defined before the stage that uses it` };
}

function fromContext(context: NamedContext): StageBase & SourceStage {
  return context.kind === 'image' ? context : { kind: 'context', name: context.name };
}

interface Scope {
  readonly contexts: NamedContexts;
  readonly options: PlanOptions;
  readonly build: Platform;
  readonly globals: Environment;
  readonly byName: ReadonlyMap<string, ResolvedStage>;
  readonly targetPlatform: Platform;
  readonly problems: Problem[];
}

function resolveStage(file: Dockerfile, stage: Stage, scope: Scope): ResolvedStage {
  const { from } = stage;
  const replacement = from.name === '' ? undefined : scope.contexts.find(from.name);
  const base = replacement === undefined ? resolveBase(file, from, scope) : fromContext(replacement);
  const report = (message: string) => scope.problems.push({ code: 'bad-instruction', message, line: from.line.start });
  if (base.kind === 'invalid') report(base.error);
  // the builder asks for a build context of every stage's name, so that it must be one of an image (dockerui NamedContext)
  if (from.name !== '' && !isReserved(from.name) && normalizeReference(from.name) === undefined) {
    report(`the stage name "${from.name}" is not a valid image name, which the builder wants: rename it`);
  }
  let platform = base.kind === 'stage' ? base.stage.platform : scope.targetPlatform;
  if (from.platform !== '') {
    const text = expandWord(from.platform, scope.globals.map, { escape: file.escape });
    const parsed = text.error === undefined ? parsePlatform(text.value, scope.build) : undefined;
    if (parsed !== undefined) {
      // a stage on another stage has that one's platform, an empty one that of the build
      if (base.kind === 'image') platform = parsed;
    } else {
      report(text.error ?? platformError(from.platform, text.value));
    }
  }
  const own = stage.instructions.map((instruction) => ({ instruction, onbuild: false }));
  const triggers = triggersOf(base, from, platform, scope.options);
  const label = from.name === '' ? String(stage.index) : from.name;
  const replaced = replacement !== undefined;
  return { index: stage.index, from, label, base, platform, replaced, instructions: [...triggers, ...own] };
}

/** Names that no build context can have. */
function isReserved(name: string): boolean {
  return name === 'scratch' || name === 'context';
}

function platformError(written: string, value: string): string {
  if (value === '') return `empty platform value from expression ${written}`;
  return `failed to parse platform "${value}": write it as os/architecture, like linux/amd64`;
}

function resolveBase(file: Dockerfile, from: FromInstruction, scope: Scope): StageBase {
  const expanded = expandWord(from.base, scope.globals.map, { escape: file.escape });
  if (expanded.error !== undefined) return { kind: 'invalid', error: expanded.error };
  if (expanded.value === '') return { kind: 'invalid', error: `base name (${from.base}) should not be blank` };
  const stage = scope.byName.get(expanded.value);
  if (stage !== undefined) return { kind: 'stage', stage };
  const context = scope.contexts.find(expanded.value);
  if (context !== undefined) return fromContext(context);
  if (expanded.value === 'scratch') return { kind: 'scratch' };
  const reference = normalizeReference(expanded.value);
  if (reference === undefined) {
    return { kind: 'invalid', error: `failed to parse stage name "${expanded.value}": invalid reference format` };
  }
  return { kind: 'image', reference };
}

/** The ONBUILD triggers that an image or a stage leaves for the stages built on it. */
function triggersOf(base: StageBase, from: FromInstruction, platform: Platform, options: PlanOptions): StageCommand[] {
  if (base.kind === 'image') {
    const info = registryImage(options, base.reference, formatPlatform(platform)) ?? options.image(base.reference);
    return parseTriggers(info?.onbuild ?? [], from);
  }
  if (base.kind !== 'stage') return [];
  const triggers = base.stage.instructions
    .map(({ instruction }) => instruction)
    .filter((instruction) => instruction.kind === 'onbuild')
    .map((instruction) => instruction.trigger);
  return parseTriggers(triggers, from);
}

/** Parses ONBUILD triggers at the place of their FROM; each is a file of its own, so its escape is the backslash. */
function parseTriggers(triggers: readonly string[], from: FromInstruction): StageCommand[] {
  return triggers.map((trigger) => ({ instruction: parseTrigger(trigger, from), onbuild: true }));
}

/** The instruction of a trigger, at the place of the FROM that runs it. */
export function parseTrigger(trigger: string, { line }: FromInstruction): StageInstruction {
  const { value, problems } = splitDockerfile(trigger);
  const [raw, second] = value.instructions;
  const invalid = (error: string): StageInstruction => ({
    kind: 'invalid',
    line,
    keyword: 'ONBUILD',
    text: trigger,
    error: `ONBUILD ${trigger}: ${error}`,
  });
  const [problem] = problems;
  if (raw === undefined || second !== undefined || problem !== undefined) {
    return invalid(problem?.message ?? 'onbuild trigger should be a single expression');
  }
  const instruction: Instruction = parseInstruction({ ...raw, line }, '\\');
  return instruction.kind === 'from' ? invalid('FROM cannot be a trigger') : instruction;
}

function globalEnvironment(
  file: Dockerfile,
  options: PlanOptions,
  build: Platform,
  target: Platform,
  stage: string,
  problems: Problem[],
): Environment {
  const globals = new Environment();
  for (const [name, value] of platformArguments(build, target, stage)) {
    globals.set(name, options.buildArgs.get(name) ?? value);
  }
  for (const instruction of file.globalArguments) {
    for (const { name, value } of instruction.declarations) {
      const given = options.buildArgs.get(name);
      if (given !== undefined) globals.set(name, given);
      else if (value !== undefined) {
        const expanded = expandWord(value, globals.map, { escape: file.escape });
        if (expanded.error === undefined) globals.set(name, expanded.value);
        else problems.push({ code: 'bad-instruction', message: expanded.error, line: instruction.line.start });
      }
    }
  }
  return globals;
}

function findTarget(
  target: string,
  stages: readonly ResolvedStage[],
  byName: ReadonlyMap<string, ResolvedStage>,
  problems: Problem[],
): ResolvedStage | undefined {
  if (target === '') return stages.at(-1);
  const found = byName.get(target.toLowerCase());
  if (found === undefined) {
    problems.push({ code: 'missing-stage', message: `target stage "${target}" could not be found` });
  }
  return found;
}

type Sources = Pick<StageGraph, 'source' | 'namedSource'>;

function reach(target: ResolvedStage, sources: Sources): Set<ResolvedStage> {
  const reached = new Set<ResolvedStage>();
  // without recursion: a file may have very many stages
  const left = [target];
  for (let stage = left.pop(); stage !== undefined; stage = left.pop()) {
    if (reached.has(stage)) continue;
    reached.add(stage);
    if (stage.base.kind === 'stage') left.push(stage.base.stage);
    for (const from of sourcesOf(stage, sources)) if (from.kind === 'stage') left.push(from.stage);
  }
  return reached;
}

function sourcesOf(stage: ResolvedStage, { source, namedSource }: Sources): SourceStage[] {
  if (stage.replaced) return [];
  return stage.instructions.flatMap(({ instruction }) => {
    if (instruction.kind === 'copy') return instruction.from === '' ? [] : [source(instruction.from, stage)];
    if (instruction.kind !== 'run') return [];
    // without `from` a mount needs the stage that is named scratch, if there is one (convert_runmount.go detectRunMount)
    return instruction.mounts.map((text) => namedSource(mountSource(text) || 'scratch', stage));
  });
}

/** The platform as the operations carry it. */
export function platformOf(stage: Pick<ResolvedStage, 'platform'>): string {
  return formatPlatform(stage.platform);
}
