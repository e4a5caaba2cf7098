import type { ContextTree } from '../context/tree';
import type { ChainBuild } from './compareChain';
import { takeManifest, type Manifest } from './manifest';

/** What is kept of one build whose images were its cache. */
export interface KeptChain extends ChainBuild {
  /** What the build context was from the prediction until the first new image; undefined when nobody looked. */
  readonly manifest?: Manifest;
}

/**
 * What is kept of a build, with the manifest of its context. When it began is not told: it was after the prediction, and
 * the context was sent before the first image was made.
 */
export function keptChainOf(
  build: ChainBuild,
  tree: ContextTree | undefined,
  { clockOffset, clockMargin }: { readonly clockOffset: number; readonly clockMargin: number },
): KeptChain {
  if (tree === undefined) return build;
  const { madeAt, patterns } = build.noted;
  // a tick early as the times of files may be: nobody begins a build so soon after a prediction
  const span = { start: madeAt, end: build.startedAt - clockOffset + clockMargin };
  return { ...build, manifest: takeManifest(tree, patterns, span) };
}
