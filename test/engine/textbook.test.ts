import { describe } from 'vitest';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import { DockerContainers } from '../../core/node/run/dockerContainers.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { engineForSuite } from './engine.js';
import { runSuite } from './runSuite.js';

const engine = await engineForSuite('containers');
const choice = { program: 'docker', builder: undefined, env: process.env };

describe.skipIf(engine === undefined)(`containers on ${engine ?? 'no engine'}`, () => {
  runSuite('of Docker', () => ({
    ...{ program: 'docker', access: new DockerContainers(choice), disk: new DockerDisk(choice) },
    base: ensureBaseImage,
  }));
});
