import type { ContextPlan } from './contextFiles.js';
import { argumentValue, type DockerfilePlan } from './dockerfile.js';
import { changeFlags } from './flags.js';
import { imageCacheMutation } from './mutateImages.js';
import { blockMutation } from './mutateBlocks.js';
import { fileMutation } from './mutateFiles.js';
import type { Mutation, Project } from './project.js';
import { mutated } from './project.js';
import type { Random } from './random.js';

export interface MutationSource {
  readonly random: Random;
  readonly context: ContextPlan;
  readonly dockerfile: DockerfilePlan;
  /** Every state so far, the newest last. */
  readonly history: readonly Project[];
}

/** Something that happens to a project between two builds, chosen at random. */
export function generateMutation(source: MutationSource): Mutation {
  const { random, history } = source;
  const project = history.at(-1);
  if (!project) return { kind: 'nothing' };
  // A build without cache is followed by a normal one.
  if (project.noCache) return { kind: 'no-cache', noCache: false };
  const choice = random.weighted<() => Mutation | undefined>([
    [3, () => ({ kind: 'nothing' })],
    [24, () => fileMutation(source, project)],
    [14, () => blockMutation(source, project)],
    [3, () => buildArg(source, project)],
    [3.5, () => flags(source, project)],
    [2, () => target(source, project)],
    [0.7, () => ({ kind: 'no-cache', noCache: true })],
    [6, () => revert(random, history)],
    [3, () => twoAtOnce(source, project)],
    [source.dockerfile.around.grammar.imageCache ? 25 : 0, () => imageCacheMutation(source, project)],
  ]);
  return choice() ?? { kind: 'nothing' };
}

function twoAtOnce(source: MutationSource, project: Project): Mutation | undefined {
  const first = source.random.chance(0.6) ? fileMutation(source, project) : blockMutation(source, project);
  const between = first && mutated(project, first);
  const second =
    between && (source.random.chance(0.6) ? fileMutation(source, between) : blockMutation(source, between));
  return first && second && { kind: 'several', mutations: [first, second], why: 'two at once' };
}

function flags({ random, dockerfile }: MutationSource, project: Project): Mutation {
  return { kind: 'flags', ...changeFlags(random, project.flags, dockerfile.targets, dockerfile.around.grammar) };
}

function buildArg({ random, dockerfile }: MutationSource, project: Project): Mutation {
  const more = dockerfile.around.grammar.imageCache ? ['HTTP_PROXY', 'no_proxy', 'TARGETARCH'] : [];
  const name = random.pick([...dockerfile.argNames, 'UNDECLARED', 'http_proxy', 'SOURCE_DATE_EPOCH', ...more]);
  const remove = project.buildArgs[name] !== undefined && random.chance(0.4);
  return { kind: 'build-arg', name, value: remove ? undefined : argumentValue(random, name) };
}

function target({ random, dockerfile }: MutationSource, project: Project): Mutation | undefined {
  const names = [undefined, ...dockerfile.targets].filter((name) => name !== project.target);
  return names.length === 0 ? undefined : { kind: 'target', target: names[random.int(0, names.length - 1)] };
}

function revert(random: Random, history: readonly Project[]): Mutation | undefined {
  if (history.length < 2) return undefined;
  const steps = random.int(1, Math.min(3, history.length - 1));
  const to = history.at(-1 - steps);
  return to && { kind: 'revert', to: { ...to, noCache: false }, steps };
}
