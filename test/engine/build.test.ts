import { describe } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { buildSuite } from './buildSuite.js';
import { engineForSuite } from './engine.js';

const engine = await engineForSuite('builds by the command line');

describe.skipIf(engine === undefined)('layer-insight build', () => {
  buildSuite({
    ...{ name: 'with BuildKit', base: ensureBaseImage, args: [], env: {} },
    program: ['docker', 'buildx', 'build'],
  });
});
