import type { PastBuild } from '../evidence/pastBuild';
import type { KeptBuild } from './keptBuild';
import type { KeptChain } from './keptChain';
import { RULES } from './rules';

/** What a wrong prediction can be reproduced from: no contents, no values, no name of a folder outside of the context. */
export interface Reproduction extends KeptBuild {
  readonly schemaVersion: 1;
  readonly rules: number;
  /** The builds before it that are remembered: what the prediction was made from. */
  readonly before: readonly PastBuild[];
}

/** The same for a builder whose images are its cache: of the images there is only what the prediction noted of them. */
export interface ChainReproduction extends KeptChain {
  readonly schemaVersion: 1;
  readonly rules: number;
}

/** Stands for the folder of the build context. */
const CONTEXT = '/context';
const DOCKERFILE = `${CONTEXT}/Dockerfile`;

/** The reproduction of one build with the prediction that was made for it. */
export function reproductionOf(kept: KeptBuild, builds: readonly PastBuild[]): Reproduction {
  const { build, manifest, noted, comparison } = kept;
  const before = builds.filter(
    (other) => other.completedAt <= build.createdAt && other.contextPath === build.contextPath,
  );
  return {
    schemaVersion: 1,
    rules: RULES,
    ...(comparison === undefined ? {} : { comparison }),
    ...(noted === undefined ? {} : { noted: { ...noted, context: CONTEXT, dockerfile: DOCKERFILE } }),
    build: anywhere(build),
    ...(manifest === undefined ? {} : { manifest }),
    before: before.map(anywhere),
  };
}

/** The reproduction of a build whose images were its cache. */
export function chainReproductionOf(kept: KeptChain): ChainReproduction {
  const noted = { ...kept.noted, context: CONTEXT, dockerfile: DOCKERFILE };
  return { schemaVersion: 1, rules: RULES, ...kept, noted };
}

function anywhere(build: PastBuild): PastBuild {
  return {
    ...build,
    ...(build.contextPath === undefined ? {} : { contextPath: CONTEXT }),
    ...(build.dockerfilePath === undefined ? {} : { dockerfilePath: DOCKERFILE }),
  };
}
