import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import type { DiskReport, ReclaimItem } from '../../core/model/index.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { hostsFolder } from '../hosts/paths.mjs';
import { duOf, systemDf, type Measured } from '../judge/diskUsage.js';
import { engineCommand } from '../judge/imageFiles.js';
import { startOwnEngine, type OwnEngine } from './ownEngine.js';

/** An engine of this test's own with something of everything that takes bytes. */
export interface DiskFixture {
  /** Where `du` finds the engine's data. */
  readonly dataRoot: string;
  readonly disk: DockerDisk;
  readonly bindMount: string;
  readonly docker: (...args: readonly string[]) => Promise<string>;
  readonly nameOf: (image: string) => string;
  /** Our report, and `du` of the same moment. */
  readonly measure: () => Promise<{ readonly report: DiskReport; readonly du: Measured }>;
  /** Removes one thing as the panel does. */
  readonly remove: (kind: ReclaimItem['kind'], id: string) => Promise<number | null>;
  stop(): Promise<void>;
}

/** Containers of the textbook lab, and what each writes. */
export const LAB = [11_000, 22_000, 33_000, 44_000, 55_000];
/** Bytes of a base image that only the build cache keeps. */
export const HELD = 1_100_000;
export const LOG_LINES = 60_000;

const { signal } = new AbortController();

/** Starts an engine and fills it. */
export async function startDiskFixture(daemonOptions: readonly string[]): Promise<DiskFixture> {
  const engine = await startOwnEngine(daemonOptions);
  const folder = mkdtempSync('/tmp/li-disk-test-');
  try {
    return await fill(engine, folder);
  } catch (error) {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fill(engine: OwnEngine, folder: string): Promise<DiskFixture> {
  const own = basename(dirname((process.env['DOCKER_HOST'] ?? '').replace('unix://', '')));
  const dataRoot = join(hostsFolder(), 'engine-root/srv/dk', own, 'data');
  const run = randomUUID().slice(0, 8);
  const nameOf = (image: string): string => `layer-insight-test/disk-${run}:${image}`;
  const docker = (...args: readonly string[]): Promise<string> => engineCommand('docker', args);
  const disk = new DockerDisk({ program: 'docker', builder: undefined, env: process.env });
  const bindMount = join(folder, 'mine');
  const context = join(folder, 'context');
  await mkdir(context);
  await mkdir(bindMount);
  await writeFile(join(context, 'five'), randomBytes(5_000_000));
  const base = await ensureBaseImage();
  const build = async (image: string, ...lines: readonly string[]): Promise<void> => {
    await writeFile(join(folder, 'Dockerfile'), [`FROM ${base}`, ...lines].join('\n'));
    await docker('build', '--quiet', '--tag', nameOf(image), '--file', join(folder, 'Dockerfile'), context);
  };
  const random = (path: string, kilobytes: number): string =>
    `dd if=/dev/urandom of=${path} bs=1000 count=${kilobytes} 2>/dev/null`;
  // the builder's copy of a context, which grows; who asks for its size makes the builder note it
  await writeFile(join(context, 'note'), 'a note');
  await build('note', 'COPY note /note');
  await systemDf('docker');
  await build('a', 'COPY five /five', `RUN ${random('/seven', 7000)}`, `RUN ${small(1000)}`);
  await build(
    'b',
    'COPY five /five',
    `RUN --mount=type=cache,id=mine,target=/cache ${random('/cache/six', 6000)}`,
    'RUN echo hi > /hi',
  );
  await build('gone', `RUN ${random('/three', 3000)}`, `RUN ${random('/two', 2000)}`);
  await build('alone', `RUN ${random('/four', 4000)}`);
  await docker('rmi', nameOf('gone'));
  // an image that is removed and still there, since the build cache stands on it
  await writeFile(join(folder, 'held'), randomBytes(HELD));
  await engineCommand('tar', ['-C', folder, '-cf', join(folder, 'held.tar'), 'held']);
  await docker('import', join(folder, 'held.tar'), nameOf('held'));
  // a context of its own: the copy of the other one would shrink to what is taken of it
  const other = join(folder, 'other');
  await mkdir(other);
  await writeFile(join(other, 'small'), 'x');
  await writeFile(join(folder, 'Dockerfile'), `FROM ${nameOf('held')}\nCOPY small /small\n`);
  await docker('build', '--quiet', '--tag', nameOf('on-held'), '--file', join(folder, 'Dockerfile'), other);
  await docker('rmi', nameOf('on-held'), nameOf('held'));
  const start = (name: string, image: string, command: string, ...options: readonly string[]): Promise<string> =>
    docker('run', '--detach', '--network', 'none', '--name', name, ...options, nameOf(image), 'sh', '-c', command);
  await start('writer', 'a', `${random('/written', 2000)}; rm /five; chmod 700 /seven; touch /ready; sleep 3600`);
  await start('logger', 'a', `seq 1 ${LOG_LINES}`);
  await start('exited', 'b', random('/written', 1500));
  await start(
    'volumes',
    'b',
    `${random('/v/data', 2500)}; ${random('/anonymous/data', 500)}`,
    '-v',
    `named-${run}:/v`,
    '-v',
    '/anonymous',
  );
  await start(
    'bind',
    'b',
    `${random('/mine/data', 700)}; ${random('/dev/shm/memory', 300)}; sleep 3600`,
    '-v',
    `${bindMount}:/mine`,
  );
  for (const [index, bytes] of LAB.entries()) {
    await start(`lab${index + 1}`, 'alone', `head -c ${bytes} /dev/urandom > /mine; touch /ready; sleep 3600`);
  }
  await docker('wait', 'logger', 'exited', 'volumes');
  await ready(docker, ['writer', ...LAB.map((_, index) => `lab${index + 1}`)]);
  const measure = async (): Promise<{ report: DiskReport; du: Measured }> => {
    // the engine writes notes now and then: what was the same before and after was so in between
    for (let tries = 0; ; tries++) {
      const before = await duOf(dataRoot);
      const report = await disk.measure(signal, () => undefined);
      const du = await duOf(dataRoot);
      if (before.all === du.all || tries === 5) return { report, du };
    }
  };
  return {
    ...{ dataRoot, disk, bindMount, docker, nameOf, measure },
    remove: (kind, id) => disk.remove({ kind, id, name: id }, signal),
    async stop() {
      await docker('kill', 'writer', 'bind', ...LAB.map((_, index) => `lab${index + 1}`)).catch(() => undefined);
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Many files far smaller than a block. */
function small(count: number): string {
  return `mkdir /small && i=0 && while [ $i -lt ${count} ]; do echo $i > /small/$i; i=$((i+1)); done`;
}

async function ready(docker: DiskFixture['docker'], names: readonly string[]): Promise<void> {
  for (const name of names) {
    for (let tries = 0; !(await docker('diff', name)).includes('/ready'); tries++) {
      if (tries > 100) throw new Error(`container ${name} is not ready`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
