import type { ChainBasis } from '../chain/basis';
import { chainFileCost } from '../chain/fileCost';
import { withoutVariables } from '../chain/unasked';
import type { ContextNode, ContextTree } from '../context/tree';
import type { Prediction, Reason } from '../model';
import type { FileCost } from '../predict/editCost';
import type { ProjectInput } from '../predict/project';
import type { BuildRequest } from '../plan/graph';
import { classicBasis } from './chainBasis';
import { ContextSums } from './contextSums';
import type { ClassicEvidence } from './imageStore';
import { planClassic, type ClassicPlan } from './plan';
import { predictClassic } from './predict';
import { SentContext } from './sentContext';
import { EMPTY_CONFIG, type StepConfig } from './stepConfig';

/** A prediction for the classic builder, with what it was made from. */
export interface ClassicProject {
  readonly prediction: Prediction;
  /** What a later build can be compared with; computed when it is asked for. */
  readonly chain: () => ChainBasis;
  readonly plan: ClassicPlan;
  readonly sums: ContextSums | undefined;
}

/** Plans and predicts one Dockerfile for the classic builder, asked or not: a pure function of its input. */
export function predictClassicProject(
  input: ProjectInput,
  evidence: ClassicEvidence,
  unasked?: Reason,
): ClassicProject {
  const { request, dockerfile, context } = input;
  const planned = planFor(input.text, request, evidence, unasked === undefined ? undefined : EMPTY_CONFIG);
  const plan = unasked === undefined ? planned : { ...planned, stages: withoutVariables(planned.stages) };
  const sums = sumsOf(input, evidence);
  const made = predictClassic({
    ...{ dockerfile, plan, evidence, unasked, sums, tree: context.tree, contextPath: context.path },
    noCache: request.noCache,
    uncovered: plan.uncovered ?? uncoveredOption(request, evidence),
    baseline: input.baseline,
    problems: context.problems,
    downgrades: input.downgrades,
  });
  const chain = (): ChainBasis => classicBasis(plan, made, evidence, sums, input.sha256);
  return { prediction: made.prediction, plan, sums, chain };
}

/** Images that a Dockerfile names in what a classic build of it comes to, as far as they follow from those known. */
export function classicImages(
  text: string,
  request: BuildRequest,
  known: (name: string) => StepConfig | undefined,
): readonly string[] {
  const { target, buildArgs } = request;
  return planClassic(text, { target, buildArgs, image: known, engine: undefined }).images;
}

/** Files of the build context that have to be read, with what their checksums begin with. */
export function wantedSums(sums: ContextSums | undefined): ReadonlyMap<ContextNode, string> {
  return new Map([...(sums?.wanted.values() ?? [])].map(({ node, header }) => [node, header]));
}

/** Every path that the steps of a plan take from the build context. */
export function takenPaths({ plan, sums }: ClassicProject): Set<ContextNode> {
  const taken = new Set<ContextNode>();
  for (const sources of contextSources(plan)) for (const node of sums?.taken(sources) ?? []) taken.add(node);
  return taken;
}

/** What a change of a file makes the builder execute; the path is relative to the build context, with `/`. */
export function classicFileCost(project: ClassicProject, tree: ContextTree, path: string): FileCost {
  const { plan, sums, prediction } = project;
  const node = tree.node(path);
  return chainFileCost(plan.stages, plan.globals.length, prediction.steps, ({ copy }) => {
    if (node === undefined || sums === undefined || copy?.from.kind !== 'context') return false;
    return [...sums.taken(copy.sources)].includes(node);
  });
}

function* contextSources(plan: ClassicPlan): Generator<readonly string[]> {
  for (const step of plan.stages.flatMap(({ steps }) => steps)) {
    const copy = step.kind === 'step' ? step.probe.copy : undefined;
    if (copy?.from.kind === 'context') yield copy.sources;
  }
}

/** `otherwise`: what images are taken to be configured as that are not known. */
function planFor(
  text: string,
  { target, buildArgs }: BuildRequest,
  evidence: ClassicEvidence,
  otherwise: StepConfig | undefined,
): ClassicPlan {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(evidence.builder.engineVersion ?? '') ?? [];
  return planClassic(text, {
    target,
    buildArgs: new Map([...evidence.proxies, ...buildArgs]),
    image: (name) => evidence.named.get(name)?.config ?? otherwise,
    engine: major === undefined ? undefined : [Number(major), Number(minor)],
  });
}

function sumsOf({ context, dockerfile, sha256 }: ProjectInput, { typeBits }: ClassicEvidence): ContextSums | undefined {
  const { tree, path, patterns } = context;
  if (tree === undefined) return undefined;
  const isInside = dockerfile.startsWith(`${path}/`);
  const sees = new SentContext(patterns, isInside ? dockerfile.slice(path.length + 1) : undefined);
  return new ContextSums({ tree, sees, typeBits, sha256 });
}

/** Options that may decide what is cached, and are not followed. */
function uncoveredOption(request: BuildRequest, { platform }: ClassicEvidence): string | undefined {
  const { cacheFrom, pull, buildContexts, uncoveredOptions } = request;
  if (cacheFrom.length > 0) return '--cache-from of the classic builder is not predicted';
  if (pull) return '--pull: the registry decides which images these are';
  if (buildContexts.size > 0) return 'the classic builder has no --build-context';
  if (request.platform !== undefined && request.platform !== platform)
    return '--platform of the classic builder is not predicted';
  const [option] = uncoveredOptions;
  return option === undefined ? undefined : `${option} is not predicted`;
}
