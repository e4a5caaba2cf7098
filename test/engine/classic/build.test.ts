import { describe } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { buildSuite } from '../buildSuite.js';
import { engineForSuite } from '../engine.js';

const engine = await engineForSuite('builds by the command line, classic builder');

describe.skipIf(engine === undefined)('layer-insight build', () => {
  buildSuite({
    ...{ name: 'with the classic builder', base: ensureBaseImage, args: [], env: { DOCKER_BUILDKIT: '0' } },
    program: ['docker', 'build'],
  });
});
