import { describe } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { run } from '../../judge/run.js';
import { describeChainExplanations } from '../chain/explainSuite.js';
import { engineForSuite } from '../engine.js';

const CLASSIC = { DOCKER_BUILDKIT: '0' };
const engine = await engineForSuite('differences of builds with the classic builder');
const base = engine === undefined ? '' : await ensureBaseImage();

describe.skipIf(engine === undefined)('the first difference of two builds with the classic builder', () => {
  describeChainExplanations({
    ...{ name: 'classic', base, args: [], env: CLASSIC, changedRun: 'instruction-changed' },
    build: (context, args) => run('docker', ['build', ...args, context], { env: CLASSIC, timeoutMs: 60_000 }),
  });
});
