import type { ContextTree } from '../context/tree';
import type { ChainBuild } from './compareChain';
import { takeManifest, type Manifest } from './manifest';

/** What is kept of one build whose images were its cache. */
export interface KeptChain extends ChainBuild {
  /** What the build context was from the prediction until the first new image; undefined when nobody looked. */
  readonly manifest?: Manifest;
}

/**
 * Did a build take its files from the context that the prediction was made for? One of another folder with the same
 * Dockerfile leaves images of the same texts, with other contents: where nothing was written in the context between the
 * prediction and the build, other contents are those of another folder.
 */
export function isOfContext({ noted, seen = [], manifest }: KeptChain): boolean {
  if (manifest === undefined || manifest.unknown.length > 0) return true;
  return seen.every(({ stage, index, text }) => {
    const step = noted.stages[stage]?.steps[index];
    const takes = step?.facts?.takes !== undefined;
    return !takes || step.texts.length === 0 || step.texts.includes(text);
  });
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
