import type { BuildxProgress } from '../../build/command';
import { runCommand } from '../engines/command';

/** Milliseconds that the question may take. */
const PATIENCE = 10_000;
/** The release that tells its progress as data: buildx 0.13 (docker/buildx#2230). */
const WITH_DATA = { major: 0, minor: 13 };
const VERSION = /\bv?(\d+)\.(\d+)\.\d+/;

/** By the programs and where they look for their plugins. */
const known = new Map<string, Promise<BuildxProgress>>();

/** How the buildx of a docker tells how far a build is. One that does not say which it is is taken for a current one. */
export function buildxProgress(program: string, env: NodeJS.ProcessEnv): Promise<BuildxProgress> {
  const key = JSON.stringify([program, env['PATH'], env['HOME'], env['DOCKER_CONFIG']]);
  const found = known.get(key) ?? ask(program, env);
  known.set(key, found);
  return found;
}

async function ask(program: string, env: NodeJS.ProcessEnv): Promise<BuildxProgress> {
  const { signal } = new AbortController();
  const said = await runCommand({ program, args: ['buildx', 'version'], env, signal, patience: PATIENCE }).catch(
    () => '',
  );
  const [, major, minor] = VERSION.exec(said) ?? [];
  if (major === undefined || minor === undefined) return 'rawjson';
  return Number(major) > WITH_DATA.major || Number(minor) >= WITH_DATA.minor ? 'rawjson' : 'plain';
}
