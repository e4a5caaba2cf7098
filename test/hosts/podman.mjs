// Podman and Buildah of our own for suites that ask for them: podman.sh starts them for this run only.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseImage, busyboxArchive, cannotStartEngine, firstLine } from './engine.mjs';
import { root } from './paths.mjs';
import { atEnd, run } from './processes.mjs';

/**
 * @typedef {object} Podman
 * @property {string} version of Podman
 * @property {string} buildahVersion of the Buildah inside it
 * @property {string} socket path of the API's socket
 * @property {NodeJS.ProcessEnv} env variables that lead suites to it
 * @property {boolean} own started by us: tests may prune and break its store
 */
/** @typedef {{ podman: Podman } | { podman: undefined, reason: string }} PodmanAnswer */

/** The image that the suites build on, by its full name: Podman would ask for the registry of a short one. */
export const podmanBaseImage = `localhost/${baseImage}`;

/**
 * Starts Podman with a store of its own for this run; it is stopped and the store deleted at the end. About half a
 * minute the first time, then less than a second.
 * @param {(line: string) => void} [progress]
 * @returns {Promise<PodmanAnswer>}
 */
export async function startPodman(progress = console.log) {
  const cannot = cannotStartEngine('Podman');
  if (cannot !== undefined) return { podman: undefined, reason: cannot };
  const script = join(root, 'test', 'hosts', 'podman.sh');
  const folder = mkdtempSync('/tmp/li-podman-');
  progress('Starting Podman for this run (the first time it is installed from Debian sid) ...');
  atEnd(async () => {
    await run('bash', [script, 'down', folder], { timeoutMs: 60_000 });
    rmSync(folder, { recursive: true, force: true });
  });
  const up = await run('bash', [script, 'up', folder], { timeoutMs: 420_000 });
  if (up.code !== 0)
    return { podman: undefined, reason: `podman.sh up: ${up.stderr.trim().split('\n').slice(-3).join(' / ')}` };
  const program = join(folder, 'bin', 'podman');
  const format = '{{.Version.Version}} {{.Host.BuildahVersion}}';
  const info = await run(program, ['info', '--format', format], { timeoutMs: 30_000 });
  if (info.code !== 0) return { podman: undefined, reason: `podman info: ${firstLine(info.stderr)}` };
  const [version = 'unknown', buildahVersion = 'unknown'] = info.stdout.trim().split(' ');
  const socket = join(folder, 'podman.sock');
  return {
    podman: {
      version,
      buildahVersion,
      socket,
      env: {
        LAYER_INSIGHT_PODMAN: socket,
        LAYER_INSIGHT_PODMAN_PROGRAM: program,
        LAYER_INSIGHT_REQUIRE_PODMAN: '1',
      },
      own: true,
    },
  };
}

/**
 * Makes the base image from this machine's static busybox; nothing is pulled.
 * @param {Podman} podman
 * @returns {Promise<string | undefined>} why it could not be had
 */
export async function providePodmanBaseImage({ env }) {
  const program = env['LAYER_INSIGHT_PODMAN_PROGRAM'] ?? 'podman';
  if ((await run(program, ['image', 'exists', podmanBaseImage], { timeoutMs: 30_000 })).code === 0) return undefined;
  return busyboxArchive(async (archive) => {
    const change = ['--change', 'CMD ["sh"]'];
    const imported = await run(program, ['import', ...change, archive, podmanBaseImage], { timeoutMs: 60_000 });
    return imported.code === 0 ? undefined : `podman import: ${firstLine(imported.stderr)}`;
  });
}
