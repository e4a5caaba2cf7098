// The Docker engine that suites may use: the machine's own, else one that engine.sh starts for this run only.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, cpSync, chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram, root } from './paths.mjs';
import { atEnd, run } from './processes.mjs';

/**
 * @typedef {object} Engine
 * @property {NodeJS.ProcessEnv} env variables that lead docker to this engine
 * @property {boolean} own started by us: tests may prune and break its caches
 * @property {string} engineVersion
 * @property {string} buildkitVersion
 * @property {string} buildxVersion
 * @property {string} endpoint
 */
/** @typedef {{ engine: Engine } | { engine: undefined, reason: string }} EngineAnswer */

/** The image that the bundled example and the suites build on. */
export const baseImage = 'busybox:1';

/**
 * Looks for an engine with buildx, as docker itself would find it.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<EngineAnswer>}
 */
export async function findEngine(env = process.env) {
  const ask = (/** @type {string[]} */ ...args) => run('docker', args, { env, timeoutMs: 15_000 });
  const version = await ask('version', '--format', '{{.Server.Version}}');
  if (version.code === 127) return { engine: undefined, reason: 'no docker program in PATH' };
  if (version.code !== 0) return { engine: undefined, reason: firstLine(version.stderr) };
  const buildx = await ask('buildx', 'version');
  if (buildx.code !== 0) return { engine: undefined, reason: 'docker has no buildx plugin' };
  const builder = await ask('buildx', 'inspect');
  const context = await ask('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}');
  return {
    engine: {
      env: {},
      own: false,
      engineVersion: version.stdout.trim(),
      buildkitVersion: /BuildKit version:\s*(\S+)/i.exec(builder.stdout)?.[1] ?? 'unknown',
      buildxVersion: /v?\d+\.\d+\S*/.exec(buildx.stdout)?.[0] ?? 'unknown',
      endpoint: env['DOCKER_HOST'] ?? context.stdout.trim(),
    },
  };
}

/** @param {string} text */
export const firstLine = (text) => text.trim().split('\n')[0] ?? '';

/**
 * Why no engine of our own can be started here, or undefined when one can.
 * @param {string} [name] of what would have to be there instead
 */
export function cannotStartEngine(name = 'Docker') {
  const instead = name === 'Docker' ? ': start Docker first' : '';
  const what = name === 'Docker' ? 'an engine' : name;
  if (process.platform !== 'linux') return `${what} of our own needs Linux${instead}`;
  if (process.getuid?.() !== 0) return `${what} of our own needs root${instead}`;
  if (findProgram('apt-get') === undefined) return `${what} of our own needs apt-get (Debian, Ubuntu)${instead}`;
  return undefined;
}

/**
 * Starts an engine for this run; it is stopped and its data deleted at the end. About a minute the first time, then 2 s.
 * @param {(line: string) => void} [progress]
 * @returns {Promise<EngineAnswer>}
 */
export async function startEngine(progress = console.log) {
  const cannot = cannotStartEngine();
  if (cannot !== undefined) return { engine: undefined, reason: cannot };
  const script = join(root, 'test', 'hosts', 'engine.sh');
  const folder = mkdtempSync('/tmp/li-engine-');
  progress('Starting a Docker engine for this run (the first time it is installed from Debian sid) ...');
  atEnd(async () => {
    await run('bash', [script, 'down', folder], { timeoutMs: 60_000 });
    rmSync(folder, { recursive: true, force: true });
  });
  const up = await run('bash', [script, 'up', folder], { timeoutMs: 420_000 });
  if (up.code !== 0)
    return { engine: undefined, reason: `engine.sh up: ${up.stderr.trim().split('\n').slice(-3).join(' / ')}` };
  const env = {
    DOCKER_HOST: `unix://${folder}/docker.sock`,
    DOCKER_CONFIG: join(folder, 'config'),
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
  };
  const answer = await findEngine({ ...process.env, ...env });
  return answer.engine === undefined ? answer : { engine: { ...answer.engine, env, own: true } };
}

/**
 * Makes the base image available in the engine: the one it has, else a pull, else (no network) a stand-in from this
 * machine's static busybox that is removed again at the end.
 * @param {Engine} engine
 * @returns {Promise<string | undefined>} why it could not be had
 */
export async function provideBaseImage(engine) {
  const env = { ...process.env, ...engine.env };
  const docker = (/** @type {string[]} */ args, timeoutMs = 60_000) => run('docker', args, { env, timeoutMs });
  if ((await docker(['image', 'inspect', baseImage])).code === 0) return undefined;
  if (!engine.own && (await docker(['pull', '--quiet', baseImage])).code === 0) return undefined;
  const failed = await busyboxArchive(async (archive) => {
    const imported = await docker(['import', '--change', 'CMD ["sh"]', archive, baseImage]);
    return imported.code === 0 ? undefined : `docker import: ${firstLine(imported.stderr)}`;
  });
  if (failed !== undefined) return failed;
  if (!engine.own) atEnd(() => void docker(['rmi', baseImage]));
  return undefined;
}

/**
 * Forgets what earlier suites built on an engine of this run's own: a prediction takes longer the more an engine holds.
 * Then one build alone uses the base image of the examples.
 * @param {Engine} engine
 */
export async function emptyEngine(engine) {
  if (!engine.own) return;
  const env = { ...process.env, ...engine.env };
  const docker = async (/** @type {string[]} */ args) => {
    const { code, stderr } = await run('docker', args, { env, timeoutMs: 120_000 });
    if (code !== 0) console.log(`docker ${args.join(' ')}: ${firstLine(stderr)}`);
  };
  await docker(['buildx', 'prune', '--all', '--force']);
  await docker(['buildx', 'history', 'rm', '--all']);
  const failed = await firstUse(baseImage, env);
  if (failed !== undefined) console.log(failed);
}

/**
 * One build alone uses an image. As long as the first build that does goes on, and those that begin meanwhile, no other
 * finds what is kept on the image: tests that begin side by side would meet what only some of them are about.
 * @param {string} image
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why it failed
 */
export async function firstUse(image, env) {
  const folder = mkdtempSync(join(tmpdir(), 'li-first-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\nRUN true\n`);
    const build = ['buildx', 'build', '--output', 'type=cacheonly', folder];
    const { code, stderr } = await run('docker', build, { env, timeoutMs: 120_000 });
    return code === 0 ? undefined : `docker ${build.join(' ')}: ${firstLine(stderr)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Packs a root file system from this machine's static busybox.
 * @param {(archive: string) => Promise<string | undefined>} use what to do with the archive; it is deleted afterwards
 * @returns {Promise<string | undefined>} why it could not be made, or what `use` says
 */
export async function busyboxArchive(use) {
  const busybox = findProgram('/bin/busybox') ?? findProgram('busybox');
  if (busybox === undefined) return `there is no static busybox here to make ${baseImage} of (busybox-static)`;
  const folder = mkdtempSync(join(tmpdir(), 'li-base-'));
  try {
    const archive = join(folder, 'base.tar');
    await writeBusyboxTree(busybox, join(folder, 'root'));
    const sorted = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    const packed = await run('tar', ['-C', join(folder, 'root'), ...sorted, '-cf', archive, '.']);
    return packed.code === 0 ? await use(archive) : `tar: ${firstLine(packed.stderr)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A root file system of one static program and its names.
 * @param {string} busybox
 * @param {string} folder
 */
async function writeBusyboxTree(busybox, folder) {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(busybox, join(folder, 'bin', 'busybox'), { dereference: true });
  chmodSync(join(folder, 'bin', 'busybox'), 0o755);
  const list = await run(busybox, ['--list-full']);
  for (const path of list.stdout.split('\n').filter((line) => line !== '' && line !== 'bin/busybox')) {
    const link = join(folder, path);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync('/bin/busybox', link);
  }
  for (const name of ['etc', 'root', 'tmp', 'var']) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
}
