import type { Dialect } from '../generator/dialect.js';
import {
  judgeBuild,
  judgeBuildahBuild,
  judgeClassicBuild,
  removeBuildahImages,
  removeClassicImages,
  removeImage,
  type BuildOptions,
  type JudgeReport,
} from '../judge/index.js';

/** Really builds; a unit test puts something quicker here. */
export type Builder = (options: BuildOptions) => Promise<JudgeReport>;

/** How our command line is told which builder to think of. */
export interface PredictorOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One of the builders that are predicted, as the suites use it. */
export interface BuilderKind {
  readonly dialect: Dialect;
  readonly build: Builder;
  /** What is done at the end of a case with the images that its builds left (`leftovers` of the reports). */
  readonly removeImages: (oldestFirst: readonly string[]) => Promise<void>;
  readonly predictor: () => PredictorOptions;
  /**
   * What a past build took of the context can be told from its cache, by a digest of the content: it makes no difference
   * whether anyone looked at the context in time.
   */
  readonly remembersContent: boolean;
}

export const BUILDKIT: BuilderKind = {
  dialect: 'buildkit',
  build: judgeBuild,
  async removeImages(images) {
    for (const image of images) await removeImage(image);
  },
  predictor: () => ({ args: [], env: {} }),
  remembersContent: false,
};

export const CLASSIC: BuilderKind = {
  dialect: 'classic',
  build: judgeClassicBuild,
  removeImages: removeClassicImages,
  predictor: () => ({ args: [], env: { DOCKER_BUILDKIT: '0' } }),
  remembersContent: true,
};

/** Where the API of the Podman under test listens, as Podman itself would be told. */
export function containerHost(): string | undefined {
  const socket = process.env['LAYER_INSIGHT_PODMAN'];
  return socket === undefined ? process.env['CONTAINER_HOST'] : `unix://${socket}`;
}

export const BUILDAH: BuilderKind = {
  dialect: 'buildah',
  build: judgeBuildahBuild,
  removeImages: removeBuildahImages,
  predictor: () => {
    const host = containerHost();
    return { args: ['--engine', 'podman'], env: host === undefined ? {} : { CONTAINER_HOST: host } };
  },
  remembersContent: true,
};

/**
 * Whether our command line predicts for that builder yet. Until it does, the traps only hold what the builder does;
 * `LAYER_INSIGHT_PREDICTS=classic,buildah` asks for the predictions all the same.
 */
const PREDICTED: Readonly<Record<Dialect, boolean>> = { buildkit: true, classic: false, buildah: false };

export function isPredicted({ dialect }: BuilderKind): boolean {
  return PREDICTED[dialect] || (process.env['LAYER_INSIGHT_PREDICTS'] ?? '').split(',').includes(dialect);
}
