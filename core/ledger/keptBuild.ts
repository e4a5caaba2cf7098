import type { ContextTree } from '../context/tree';
import type { Sha256 } from '../evidence/facts';
import type { PastBuild } from '../evidence/pastBuild';
import { opKey } from '../llb/opKey';
import { spanOf, type Clock } from '../predict/contextTimes';
import type { Comparison, NotedPrediction } from './ledger';
import { takeManifest, type Manifest } from './manifest';

/** What is kept of one build that was observed. */
export interface KeptBuild {
  readonly build: PastBuild;
  /** Undefined when the build took nothing from its context, or nobody knows when. */
  readonly manifest?: Manifest;
  /** The prediction that was made for it. */
  readonly noted?: NotedPrediction;
  readonly comparison?: Comparison;
}

/** The manifest of the context of a build, from what is remembered of its folder. */
export function manifestOf(build: PastBuild, tree: ContextTree, clock: Clock, sha256: Sha256): Manifest | undefined {
  const context = sha256(opKey({ kind: 'local', name: 'context', exclude: [] }));
  const exclude = build.steps.find(({ opDigest }) => opDigest === context)?.exclude;
  const span = spanOf(build, clock);
  return exclude === undefined || span === undefined ? undefined : takeManifest(tree, exclude, span);
}
