import type { Sha256 } from '../evidence/facts';
import type { BuilderInfo, PredictedStep, Prediction, Problem } from '../model';
import { planBuildkit } from '../plan/buildkit';
import type { BuildRequest, ImageInfo, PlanOptions } from '../plan/graph';
import { IndexedContext } from '../predict/contextView';
import { copiedFiles, type CopiedFiles } from '../predict/copiedFiles';
import { fileCost, type FileCost } from '../predict/editCost';
import { predict } from '../predict/predict';
import type { ContextNode, ContextTree } from '../context/tree';
import { commitEvidence } from './commitBuild';
import { CommitContext, type CommitFiles } from './commitContext';

/** What a commit has for a build. */
export interface Commit {
  /** As the user wrote it: `main`, `HEAD~1`, `v1.2`. */
  readonly ref: string;
  /** Its Dockerfile; undefined when it has none at this path. */
  readonly dockerfile: string | undefined;
  readonly files: CommitFiles;
  readonly problems: readonly Problem[];
}

/** Everything that a prediction against a commit follows from. */
export interface CommitProjectInput {
  readonly commit: Commit;
  readonly text: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly request: BuildRequest;
  /** `os/arch[/variant]` to build for unless something else is asked. */
  readonly platform: string;
  readonly context: {
    /** Real absolute path. */
    readonly path: string;
    readonly tree: ContextTree;
    readonly patterns: readonly string[];
    readonly problems: readonly Problem[];
  };
  readonly sha256: Sha256;
}

/** A prediction, with the files (here or in the commit) whose content would make it certain. */
export interface CommitPrediction {
  readonly prediction: Prediction;
  readonly wanted: ReadonlySet<ContextNode>;
  /** What a change of a file makes the builder execute; the path is relative to the build context, with `/`. */
  readonly costOf: (path: string) => FileCost;
  /** What the instruction at a place of the prediction's steps would copy into its layer now. */
  readonly copied: (step: number) => CopiedFiles;
  /** Every path that the build takes from the context now. */
  readonly taken: () => Set<ContextNode>;
}

/** The builder that is assumed: BuildKit of any version, as nobody is asked. */
const ASSUMED: BuilderInfo = { kind: 'buildkit', name: '', engineVersion: null, buildkitVersion: null };

/**
 * Predicts what a build of this working tree would execute for a builder that has the build of a commit in its cache,
 * whole, and no other. Base images are taken to be what they were. A pure function of its input.
 */
export function predictAgainstCommit(input: CommitProjectInput): CommitPrediction {
  const { commit, context, sha256, request } = input;
  const images = new AssumedImages(input.platform, sha256);
  const options: PlanOptions = {
    ...request,
    buildPlatform: input.platform,
    image: (reference) => images.get(reference),
    mergesLayers: false,
    frontend: undefined,
  };
  const before = commit.dockerfile === undefined ? undefined : planBuildkit(commit.dockerfile, options);
  // another name may be that of the same image
  if (before !== undefined) images.close();
  const plan = planBuildkit(input.text, options);
  const evidence = commitEvidence(
    {
      plan: before,
      contextPath: context.path,
      patterns: commit.files.patterns,
      images: images.known,
      platform: input.platform,
      builder: ASSUMED,
    },
    sha256,
  );
  const measure = new IndexedContext({
    ...{ tree: context.tree, path: context.path, dockerfile: input.dockerfile, patterns: context.patterns },
    ...{ builds: [], clockOffset: 0, clockMargin: 0, others: new Map(), copies: [], hashesPaths: undefined },
  });
  const view = new CommitContext({ tree: context.tree, patterns: context.patterns }, commit.files, measure);
  const prediction = predict({
    dockerfile: input.dockerfile,
    contextPath: context.path,
    ...{ plan, options, context: view, evidence, builder: ASSUMED, sha256 },
    baseline: `git:${commit.ref}`,
    imported: request.cacheFrom.map((name) => ({ name, keys: undefined })),
    problems: [...commit.problems, ...context.problems],
  });
  const steps = prediction.steps.map((step) => inWordsOf(step, commit));
  const told = { ...prediction, steps, summary: { ...prediction.summary, estimatedMs: 0 } };
  return {
    prediction: told,
    wanted: new Set([...measure.wanted, ...view.wanted]),
    costOf: (path) => fileCost(plan, told, measure, path),
    copied: (step) => copiedFiles(plan, step, measure),
    taken: () => measure.taken(),
  };
}

/** Of a commit nobody knows how long its steps took, and nothing is "still kept". */
function inWordsOf(step: PredictedStep, { ref, dockerfile }: Commit): PredictedStep {
  const told = { ...step, lastDurationMs: null };
  const { code } = step.reason;
  const say = (message: string): PredictedStep => ({ ...told, reason: { ...step.reason, message } });
  if (code === 'same-as-build') return say(`the same at ${ref}`);
  if (code === 'image-present') return say(`taken to be the image that it was at ${ref}`);
  if (code === 'image-not-local') return say(`on another image than at ${ref}: only a registry tells its layers`);
  if (code !== 'never-built') return told;
  return say(dockerfile === undefined ? `${ref} has no such Dockerfile` : `not at ${ref}`);
}

/** Nobody is asked what a name means: it stands for the same image then and now, of which no more is known. */
class AssumedImages {
  readonly known = new Map<string, ImageInfo>();
  private isClosed = false;

  constructor(
    private readonly platform: string,
    private readonly sha256: Sha256,
  ) {}

  /** Of names that were not asked for until now nothing is known. */
  close(): void {
    this.isClosed = true;
  }

  get(reference: string): ImageInfo | undefined {
    let info = this.known.get(reference);
    if (info === undefined && !this.isClosed) {
      info = {
        chainId: `sha256:${this.sha256(reference)}`,
        ...{ digests: [], env: [], workingDir: '', user: '', shell: [], onbuild: [], bytes: null },
        platform: this.platform,
      };
      this.known.set(reference, info);
    }
    return info;
  }
}
