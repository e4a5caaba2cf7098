import type { BuildahConfig } from '../buildah/config';
import type { WantedDigest } from '../buildah/contextCopies';
import { noBuildahEvidence, type BuildahEvidence } from '../buildah/imageStore';
import {
  buildahFileCost,
  buildahImages,
  predictBuildahProject,
  takenByBuildah,
  type BuildahProject,
} from '../buildah/project';
import type { ChainBasis } from '../chain/basis';
import { noClassicEvidence, type ClassicEvidence } from '../classic/imageStore';
import {
  classicFileCost,
  classicImages,
  predictClassicProject,
  takenPaths,
  wantedSums,
  type ClassicProject,
} from '../classic/project';
import type { StepConfig } from '../classic/stepConfig';
import type { ContextNode, ContextTree } from '../context/tree';
import type { Evidence } from '../evidence/evidence';
import { withFailedBuilds } from '../evidence/failedBuilds';
import type { ImportedCache } from '../evidence/importedCache';
import type { Sha256 } from '../evidence/facts';
import type { Downgrades } from '../ledger/accuracy';
import { wantedOf, type Remotes, type Wanted } from '../evidence/remotes';
import type { BuilderInfo, Prediction, Problem, Reason } from '../model';
import { planBuildkit } from '../plan/buildkit';
import type { BuildRequest, Plan, PlanOptions } from '../plan/graph';
import { IndexedContext } from './contextView';
import { UNREAD_CONTEXT } from './content';
import { copiedFiles, type CopiedFiles } from './copiedFiles';
import { fileCost, type FileCost } from './editCost';
import type { Evaluation } from './evaluate';
import { NO_EVIDENCE, predictEvaluated } from './predict';
import { earlierImages } from './sources';

/** Everything that a prediction of one Dockerfile follows from. */
export interface ProjectInput {
  readonly text: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly request: BuildRequest;
  /** `os/arch[/variant]` to assume without an engine. */
  readonly defaultPlatform: string;
  readonly context: {
    /** Real absolute path. */
    readonly path: string;
    /** Undefined when its files may not be or were not looked at. */
    readonly tree: ContextTree | undefined;
    readonly patterns: readonly string[];
    readonly problems: readonly Problem[];
    /** What is remembered of other build contexts, by their paths. */
    readonly others: ReadonlyMap<string, ContextTree>;
  };
  /** Undefined when there is none: then `noEvidence` says why. */
  readonly evidence: Evidence | undefined;
  /** Set where the classic builder is meant: what its engine keeps. */
  readonly classic?: ClassicEvidence | undefined;
  /** Set where Buildah is meant: what its store keeps. */
  readonly buildah?: BuildahEvidence | undefined;
  readonly builder: BuilderInfo;
  readonly noEvidence?: Reason;
  readonly baseline: string;
  /** What was found in the caches that the build imports; undefined: nobody looked. */
  readonly imported?: readonly ImportedCache[];
  /** What the network said; undefined: it may not be asked, or was not. */
  readonly remotes?: Remotes | undefined;
  readonly sha256: Sha256;
  /** Classes of verdicts that past builds contradicted (core/ledger). */
  readonly downgrades?: Downgrades | undefined;
}

/** What a prediction asked of the build context. */
export interface AskedContext {
  /** Files whose content would make the answer certain: read them and predict again. */
  readonly wanted: ReadonlySet<ContextNode>;
  /** What the checksum of a wanted file begins with, where one of that kind is wanted. */
  readonly headers: ReadonlyMap<ContextNode, string>;
  /** Digests of archives of files that would make it certain. */
  readonly digests: readonly WantedDigest[];
  /** Other build contexts of which it would help to know what is remembered. */
  readonly wantedContexts: ReadonlySet<string>;
  /** Every path that the build takes from the context. */
  readonly taken: () => Set<ContextNode>;
}

/** What a prediction for BuildKit was made from. */
export interface BuildkitBasis {
  readonly plan: Plan;
  readonly options: PlanOptions;
  /** One for each vertex of the plan. */
  readonly evaluations: readonly Evaluation[];
  /** With what was recognised of failed builds. */
  readonly evidence: Evidence | undefined;
}

/** A prediction with what follows from how it was made. */
export interface ProjectPrediction {
  readonly prediction: Prediction;
  /** The images that it stands on, as the evidence knows them. */
  readonly images: readonly string[];
  /** Undefined without an index. */
  readonly context: AskedContext | undefined;
  /** What a change of a file makes the builder execute; the path is relative to the build context, with `/`. */
  readonly costOf: (path: string) => FileCost | undefined;
  /** What the instruction at a place of the prediction's steps would copy into its layer now. */
  readonly copied: (step: number) => CopiedFiles;
  /** Undefined for other builders. */
  readonly buildkit?: BuildkitBasis;
  /** For builders whose images are their cache: what a later build can be compared with, computed when asked for. */
  readonly chain?: () => ChainBasis;
}

/** What is known of images while it is found out which are needed. */
export type KnownImages =
  | { readonly kind: 'buildkit'; readonly image: PlanOptions['image'] }
  | { readonly kind: 'classic'; readonly config: (name: string) => StepConfig | undefined }
  | { readonly kind: 'buildah'; readonly config: (name: string) => BuildahConfig | undefined };

/** The oldest BuildKit whose cache keys are made by the rules that are implemented. */
const OLDEST_BUILDKIT = [0, 13] as const;

/** Plans and predicts one Dockerfile: a pure function of its input. */
export function predictProject(input: ProjectInput): ProjectPrediction {
  if (input.classic !== undefined) return ofClassic(predictClassicProject(input, input.classic), input.context.tree);
  if (input.buildah !== undefined) return ofBuildah(predictBuildahProject(input, input.buildah), input.context.tree);
  const unasked = predictUnasked(input);
  if (unasked !== undefined) return unasked;
  const { request, evidence: noted } = input;
  const options = optionsOf(input);
  const plan = planBuildkit(input.text, options);
  const evidence = noted && withFailedBuilds(noted, plan, input.sha256);
  const { path, tree, patterns, problems, others } = input.context;
  const { builds = [], clockOffset = 0, clockMargin = 0, contextCopies: copies = [] } = evidence ?? {};
  const release = releaseOf(evidence?.builder.buildkitVersion);
  const hashesPaths = release === undefined ? undefined : release[0] > 0 || release[1] >= 26;
  const clock = { clockOffset, clockMargin };
  const { dockerfile } = input;
  const context =
    tree === undefined
      ? undefined
      : new IndexedContext({ tree, path, dockerfile, patterns, builds, ...clock, others, copies, hashesPaths });
  const { noEvidence } = input;
  const made = predictEvaluated({
    dockerfile,
    contextPath: path,
    plan,
    options,
    context: context ?? UNREAD_CONTEXT,
    evidence,
    builder: input.builder,
    ...(noEvidence === undefined ? {} : { noEvidence }),
    baseline: input.baseline,
    imported: input.imported ?? request.cacheFrom.map((name) => ({ name, keys: undefined })),
    problems,
    sha256: input.sha256,
    downgrades: input.downgrades,
  });
  const { prediction, evaluations } = made;
  return {
    ...{ prediction, images: plan.images, buildkit: { plan, options, evaluations, evidence } },
    context: context && askedOf(context),
    costOf: (path) => context && fileCost(plan, prediction, context, path),
    copied: (step) => copiedFiles(plan, step, context),
  };
}

/**
 * What can be said where a builder of image chains is meant and could not be asked: BuildKit's rules are not its rules,
 * which instructions are steps to begin with. Undefined for other builders.
 */
function predictUnasked(input: ProjectInput): ProjectPrediction | undefined {
  const { builder, defaultPlatform, evidence, context } = input;
  if (evidence !== undefined) return undefined;
  const reason = input.noEvidence ?? NO_EVIDENCE;
  switch (builder.kind) {
    case 'classic': {
      const nothing = noClassicEvidence(builder, defaultPlatform);
      return nothingWanted(ofClassic(predictClassicProject(input, nothing, reason), context.tree));
    }
    case 'buildah': {
      const nothing = noBuildahEvidence(builder, defaultPlatform);
      return nothingWanted(ofBuildah(predictBuildahProject(input, nothing, reason), context.tree));
    }
    default:
      return undefined;
  }
}

/** No content would make it certain, and no later build can be compared with it. */
function nothingWanted({ prediction, images, context, costOf, copied }: ProjectPrediction): ProjectPrediction {
  const nothing = { wanted: new Set<ContextNode>(), headers: NO_HEADERS, digests: [] };
  return { prediction, images, costOf, copied, context: context && { ...context, ...nothing } };
}

const NOT_LISTED: CopiedFiles = { kind: 'unknown', why: 'the files of a copy are listed for BuildKit only' };
const NO_HEADERS: ReadonlyMap<ContextNode, string> = new Map();

function askedOf(context: IndexedContext): AskedContext {
  const { wanted, wantedContexts } = context;
  return { wanted, wantedContexts, headers: NO_HEADERS, digests: [], taken: () => context.taken() };
}

function ofClassic(project: ClassicProject, tree: ContextTree | undefined): ProjectPrediction {
  const { prediction, plan, sums, chain } = project;
  const headers = wantedSums(sums);
  const asked = { wanted: new Set(headers.keys()), headers, digests: [], wantedContexts: new Set<string>() };
  return {
    ...{ prediction, images: plan.images, chain },
    context: tree && { ...asked, taken: () => takenPaths(project) },
    costOf: (path) => tree && classicFileCost(project, tree, path),
    copied: () => NOT_LISTED,
  };
}

function ofBuildah(project: BuildahProject, tree: ContextTree | undefined): ProjectPrediction {
  const { prediction, plan, copies, chain } = project;
  const wanted: ReadonlySet<ContextNode> = copies?.wantedNodes ?? new Set();
  const digests = [...(copies?.wanted.values() ?? [])];
  const asked = { wanted, headers: NO_HEADERS, digests, wantedContexts: new Set<string>() };
  return {
    ...{ prediction, images: plan.images, chain },
    context: tree && { ...asked, taken: () => takenByBuildah(project) },
    costOf: (path) => tree && buildahFileCost(project, tree, path),
    copied: () => NOT_LISTED,
  };
}

/** What a build would ask the network for, as far as it follows from what is known so far. */
export function networkNeeds(input: PlannedInput & Pick<ProjectInput, 'text'>): Wanted {
  const { evidence } = input;
  const options = optionsOf(input);
  const wanted = wantedOf(planBuildkit(input.text, options), options);
  const earlier = evidence === undefined ? [] : earlierImages(wanted.images, options, evidence);
  return { ...wanted, images: [...wanted.images, ...earlier] };
}

type PlannedInput = Pick<ProjectInput, 'request' | 'evidence' | 'defaultPlatform' | 'remotes'>;

function optionsOf({ request, evidence, defaultPlatform, remotes }: PlannedInput): PlanOptions {
  return {
    ...request,
    buildPlatform: evidence?.platform ?? defaultPlatform,
    image: (reference) => evidence?.images.get(reference),
    mergesLayers: evidence?.store === 'containerd',
    frontend: releaseOf(evidence?.builder.buildkitVersion),
    uncoveredOptions: [...request.uncoveredOptions, ...uncoveredEngine(evidence)],
    remotes,
  };
}

/** Images that a Dockerfile stands on, as the evidence names them, as far as they follow from what is known of them. */
export function imagesOf(text: string, request: BuildRequest, platform: string, known: KnownImages): readonly string[] {
  if (known.kind === 'classic') return classicImages(text, request, known.config);
  if (known.kind === 'buildah') return buildahImages(text, request, platform, known.config);
  const unknown = { mergesLayers: false, frontend: undefined };
  return planBuildkit(text, { ...request, ...unknown, buildPlatform: platform, image: known.image }).images;
}

/** `0.25.2` as `[0, 25]`. */
function releaseOf(version: string | null | undefined): readonly [number, number] | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

function uncoveredEngine(evidence: Evidence | undefined): string[] {
  const version = evidence?.builder.buildkitVersion;
  const release = releaseOf(version);
  if (release === undefined) return [];
  const [major, minor] = release;
  const [oldestMajor, oldestMinor] = OLDEST_BUILDKIT;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor) ? [`BuildKit ${version ?? ''}`] : [];
}
