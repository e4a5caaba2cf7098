import { BUILDAH } from '../engine/builders.js';
import { chosenSeeds, describeRuns } from '../engine/differentialRuns.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { builderForSuite } from './suite.js';

const title = 'predictions against Podman';

describeRuns({
  title,
  kind: BUILDAH,
  provideBase: () => ensurePodmanBaseImage(podmanProgram()),
  builder: await builderForSuite(title),
  builds: Number(process.env['LAYER_INSIGHT_BUILDAH_BUILDS'] ?? 300),
  seeds: chosenSeeds('buildah-1'),
});
