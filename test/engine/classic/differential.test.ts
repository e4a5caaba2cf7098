import { ensureBaseImage } from '../../hosts/baseImage.js';
import { CLASSIC } from '../builders.js';
import { chosenSeeds, describeRuns } from '../differentialRuns.js';
import { engineForSuite } from '../engine.js';

const title = 'predictions against the classic builder';

describeRuns({
  title,
  kind: CLASSIC,
  provideBase: ensureBaseImage,
  builder: await engineForSuite(title),
  builds: Number(process.env['LAYER_INSIGHT_CLASSIC_BUILDS'] ?? 300),
  seeds: chosenSeeds('classic-1'),
});
