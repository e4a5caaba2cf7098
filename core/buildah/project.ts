import type { ChainBasis } from '../chain/basis';
import { chainFileCost } from '../chain/fileCost';
import { withoutVariables } from '../chain/unasked';
import type { ContextNode, ContextTree } from '../context/tree';
import type { Prediction, Reason } from '../model';
import type { BuildRequest } from '../plan/graph';
import type { FileCost } from '../predict/editCost';
import type { ProjectInput } from '../predict/project';
import { buildahBasis } from './chainBasis';
import { ContextCopies } from './contextCopies';
import type { BuildahEvidence } from './imageStore';
import { EMPTY_CONFIG, type BuildahConfig } from './config';
import { planBuildah, type BuildahPlan } from './plan';
import { predictBuildah } from './predict';
import type { BuildahCopy } from './probe';

/** A prediction for Buildah, with what it was made from. */
export interface BuildahProject {
  readonly prediction: Prediction;
  /** What a later build can be compared with; computed when it is asked for. */
  readonly chain: () => ChainBasis;
  readonly plan: BuildahPlan;
  readonly copies: ContextCopies | undefined;
}

/** Plans and predicts one Dockerfile for Buildah, asked or not: a pure function of its input. */
export function predictBuildahProject(
  input: ProjectInput,
  evidence: BuildahEvidence,
  unasked?: Reason,
): BuildahProject {
  const { request, dockerfile, context, text, sha256 } = input;
  const { target, buildArgs } = request;
  const { platform, named } = evidence;
  const isAsked = unasked === undefined;
  const image = (name: string) => (isAsked ? named.get(name)?.config : EMPTY_CONFIG);
  const planned = planBuildah(text, { target, buildArgs, platform, image });
  const plan = isAsked ? planned : { ...planned, stages: withoutVariables(planned.stages) };
  const { tree, patterns, path } = context;
  const copies = tree && new ContextCopies(tree, patterns, sha256);
  const made = predictBuildah({
    ...{ dockerfile, plan, evidence, unasked, copies, tree, contextPath: path },
    noCache: request.noCache,
    uncovered: plan.uncovered ?? uncoveredOption(request, evidence),
    baseline: input.baseline,
    problems: context.problems,
    downgrades: input.downgrades,
  });
  const chain = (): ChainBasis => buildahBasis(plan, made, evidence, copies, input.sha256);
  return { prediction: made.prediction, plan, copies, chain };
}

/** Images that a Dockerfile names in what a build of it with Buildah comes to, as far as they follow from those known. */
export function buildahImages(
  text: string,
  { target, buildArgs }: BuildRequest,
  platform: string,
  known: (name: string) => BuildahConfig | undefined,
): readonly string[] {
  return planBuildah(text, { target, buildArgs, platform, image: known }).images;
}

/** Every path that the steps of a plan take from the build context. */
export function takenByBuildah({ plan, copies }: BuildahProject): Set<ContextNode> {
  const taken = new Set<ContextNode>();
  for (const copy of contextCopies(plan)) for (const node of copies?.taken(copy) ?? []) taken.add(node);
  return taken;
}

/** What a change of a file makes the builder execute; the path is relative to the build context, with `/`. */
export function buildahFileCost(project: BuildahProject, tree: ContextTree, path: string): FileCost {
  const { plan, copies, prediction } = project;
  const node = tree.node(path);
  return chainFileCost(plan.stages, plan.globals.length, prediction.steps, ({ copy }) => {
    if (node === undefined || copies === undefined || copy?.from.kind !== 'context') return false;
    return [...copies.taken(copy)].includes(node);
  });
}

function* contextCopies(plan: BuildahPlan): Generator<BuildahCopy> {
  for (const step of plan.stages.flatMap(({ steps }) => steps)) {
    const copy = step.kind === 'step' ? step.probe.copy : undefined;
    if (copy?.from.kind === 'context') yield copy;
  }
}

/** Options that may decide what is cached, and are not followed. */
function uncoveredOption(request: BuildRequest, { platform }: BuildahEvidence): string | undefined {
  const { cacheFrom, pull, buildContexts, uncoveredOptions } = request;
  if (cacheFrom.length > 0) return '--cache-from of Buildah is not predicted';
  if (pull) return '--pull: the registry decides which images these are';
  if (buildContexts.size > 0) return '--build-context of Buildah is not predicted';
  if (request.platform !== undefined && request.platform !== platform) return '--platform of Buildah is not predicted';
  const [option] = uncoveredOptions;
  return option === undefined ? undefined : `${option} is not predicted`;
}
