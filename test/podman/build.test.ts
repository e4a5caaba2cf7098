import { describe } from 'vitest';
import { BUILDAH } from '../engine/builders.js';
import { buildSuite } from '../engine/buildSuite.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { builderForSuite } from './suite.js';

const version = await builderForSuite('builds by the command line, Podman');

describe.skipIf(version === undefined)('layer-insight build', () => {
  const { args, env } = BUILDAH.predictor();
  buildSuite({
    ...{ name: 'with Podman', base: () => ensurePodmanBaseImage(podmanProgram()), args, env },
    program: [podmanProgram(), 'build'],
    leavesCommands: true,
  });
});
