import { dirname } from 'node:path';
import { describe } from 'vitest';
import { PodmanDisk } from '../../core/node/disk/podmanDisk.js';
import { PodmanContainers } from '../../core/node/run/podmanContainers.js';
import { runSuite } from '../engine/runSuite.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { builderForSuite } from './suite.js';

const installed = await builderForSuite('containers of Podman');

describe.skipIf(installed === undefined)(`containers on ${installed ?? 'no Podman'}`, () => {
  runSuite('of Podman', () => {
    const program = podmanProgram();
    // ours calls it by its name
    const env = { ...process.env, PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}` };
    const base = () => ensurePodmanBaseImage(program);
    return { program, access: new PodmanContainers(env), disk: new PodmanDisk(env), base };
  });
});
