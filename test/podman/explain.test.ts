import { describe } from 'vitest';
import { BUILDAH } from '../engine/builders.js';
import { describeChainExplanations } from '../engine/chain/explainSuite.js';
import { podmanProgram } from '../judge/index.js';
import { run } from '../judge/run.js';
import { BASE_IMAGE } from './podman.js';
import { builderForSuite } from './suite.js';

const version = await builderForSuite('differences of builds with Buildah');

describe.skipIf(version === undefined)('the first difference of two builds with Buildah', () => {
  const { args, env } = BUILDAH.predictor();
  describeChainExplanations({
    ...{ name: 'buildah', base: BASE_IMAGE, args, env, changedRun: 'never-built' },
    build: (context, more) => run(podmanProgram(), ['build', ...more, context], { timeoutMs: 60_000 }),
  });
});
