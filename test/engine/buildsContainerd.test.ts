import { afterAll, beforeAll, describe } from 'vitest';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import { DockerContainers } from '../../core/node/run/dockerContainers.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { buildSuite } from './buildSuite.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { runSuite, type RunningEngine } from './runSuite.js';

/** Bytes of a block of the file system. */
const BLOCK = 4096;

if (noOwnEngine !== undefined) console.warn(`skipped: builds and containers on the containerd store: ${noOwnEngine}`);

describe.skipIf(noOwnEngine !== undefined)('on the containerd store', () => {
  let engine: OwnEngine | undefined;
  beforeAll(async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
  });
  afterAll(() => engine?.stop());

  buildSuite({
    ...{ name: 'layer-insight build', base: ensureBaseImage, args: [], env: {} },
    program: ['docker', 'buildx', 'build'],
  });
  runSuite('containers', (): RunningEngine => {
    const choice = { program: 'docker', builder: undefined, env: process.env };
    return {
      ...{ program: 'docker', access: new DockerContainers(choice), disk: new DockerDisk(choice) },
      base: ensureBaseImage,
      // containerd counts what a file takes of the disk (containerd continuity fs/du_unix.go)
      counted: (bytes) => Math.ceil(bytes / BLOCK) * BLOCK,
    };
  });
});
