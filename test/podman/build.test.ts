import { describe } from 'vitest';
import { BUILDAH } from '../engine/builders.js';
import { buildSuite } from '../engine/buildSuite.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { builderForSuite } from './suite.js';

const version = await builderForSuite('builds by the command line, Podman');

describe.skipIf(version === undefined)('layer-insight build', () => {
  const base = (): Promise<string> => ensurePodmanBaseImage(podmanProgram());
  const { args, env } = BUILDAH.predictor();
  const program = [podmanProgram(), 'build'];
  buildSuite({ ...{ name: 'with Podman', base, args, program }, env: { CONTAINER_HOST: undefined } });
  // as where Podman has a machine of its own
  buildSuite({ ...{ name: "with Podman's service", base, args, env, program }, isService: true });
});
