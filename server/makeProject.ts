import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Remotes } from '../core/evidence/remotes';
import type { BuilderInfo, Reason } from '../core/model';
import { BuildRefs } from '../core/node/engines/buildRefs';
import { evidenceParts } from '../core/node/engines/evidenceParts';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import { hostPlatform } from '../core/node/hostPlatform';
import { sha256 } from '../core/node/sha256';
import { PLAIN_REQUEST, type BuildRequest } from '../core/plan/graph';
import { predictProject, type ProjectInput, type ProjectPrediction } from '../core/predict/project';
import { evidenceWithout, type TakenAway } from '../core/predict/without';
import type { CommitBaseline } from './commitBaseline';
import type { ContextSession } from './contexts';
import type { BuildChoices } from './protocol';
import type { DockerfileSettings } from './settings';

/** What one prediction of an open Dockerfile is made from. */
export interface ProjectParts {
  readonly text: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly request: BuildRequest;
  /** Undefined without trust. */
  readonly context: ContextSession | undefined;
  /** What the engine said; undefined where none is asked, or it has not answered yet. */
  readonly result: EvidenceResult | undefined;
  /** A commit that counts as the last build. */
  readonly baseline: CommitBaseline | undefined;
  /** Why there is no evidence where no engine is asked. */
  readonly noEvidence: Reason;
  readonly remotes: Remotes | undefined;
  readonly downgrades: ProjectInput['downgrades'];
  readonly others: ProjectInput['context']['others'];
  /** Patterns that the ignore file might have as well. */
  readonly morePatterns?: readonly string[];
  /** What the engine would not have any more. */
  readonly taken?: TakenAway | undefined;
}

const NO_BUILDER: BuilderInfo = { kind: 'none', name: '', engineVersion: null, buildkitVersion: null };

/** Predicts an open Dockerfile against its engine, or against a commit once that is read. Reads nothing. */
export function makeProject(parts: ProjectParts): ProjectPrediction {
  const { text, dockerfile, request, context, result, baseline, remotes, downgrades, others } = parts;
  const problems = [
    ...(context?.rules?.problems ?? []),
    ...(context?.index.problems ?? []),
    ...(baseline?.problems ?? []),
  ];
  const asked = { text, dockerfile, request, sha256 };
  const patterns = [...(context?.rules?.patterns ?? []), ...(parts.morePatterns ?? [])];
  const isLookedAt = context !== undefined && context.scans > 0;
  if (baseline !== undefined && isLookedAt) {
    const files = { path: context.root, tree: context.index.tree, patterns, problems };
    const made = baseline.predict({ ...asked, platform: hostPlatform(), context: files });
    if (made !== undefined) return made;
  }
  const noEvidence = baseline?.reason ?? parts.noEvidence;
  return predictProject({
    ...{ ...asked, remotes, downgrades, defaultPlatform: hostPlatform() },
    baseline: baseline === undefined ? 'engine' : `git:${baseline.ref}`,
    ...(result === undefined
      ? { evidence: undefined, builder: NO_BUILDER, noEvidence }
      : partsWithout(result, parts.taken)),
    context: {
      path: context?.root ?? dirname(dockerfile),
      tree: isLookedAt ? context.index.tree : undefined,
      ...{ patterns, problems, others },
    },
  });
}

function partsWithout(result: EvidenceResult, taken: TakenAway | undefined): ReturnType<typeof evidenceParts> {
  const known = evidenceParts(result);
  return taken === undefined ? known : evidenceWithout(known, taken, sha256);
}

/** What is built: the settings, and what was chosen beyond them. */
export function requestOf(settings: DockerfileSettings, chosen: BuildChoices | undefined): BuildRequest {
  const buildArgs = new Map([...settings.buildArgs, ...Object.entries(chosen?.buildArgs ?? {})]);
  const { target = settings.target, platform } = chosen ?? {};
  const plain = { ...PLAIN_REQUEST, target, buildArgs, pull: settings.pull };
  return platform === undefined ? plain : { ...plain, platform };
}

/** The build context: what was chosen, the setting, else that of the last build of this Dockerfile, else its folder. */
export function contextFolder(
  { context }: DockerfileSettings,
  dockerfile: string,
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
  chosen?: string,
): string {
  const own = dirname(dockerfile);
  const base = folders.find((one) => dockerfile.startsWith(join(one, '/'))) ?? own;
  const usual = () => (context === '' ? (new BuildRefs(env).latestContext(dockerfile) ?? own) : resolve(base, context));
  const folder = chosen ?? usual();
  try {
    return realpathSync(folder);
  } catch {
    return folder; // the scan says that it cannot be read
  }
}
