import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asObject, asText } from '../../llb/decode';
import type { BuilderKind } from '../../model';
import { runCommand } from './command';
import { dockerConfigFolder, readDockerConfig } from './endpoint';

/** A family of builders that can be asked. */
export type WantedBuilder = Exclude<BuilderKind, 'none'>;

/** The builder that `docker build` would use, and what decides that, in words. */
export interface ChosenBuilder {
  readonly kind: WantedBuilder;
  readonly why: string;
}

/** What the choice depends on. */
export interface BuilderQuestion {
  /** Program name or path of docker. */
  readonly program: string;
  /** Name of a buildx builder that was asked for. */
  readonly builder: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Set where somebody chose. */
  readonly wanted: WantedBuilder | undefined;
}

/** Milliseconds that the docker command may take to say its version. */
const VERSION_TIMEOUT = 5000;
/** The first release of the command line that builds with buildx. */
const WITH_BUILDX = 23;
/** Go's strconv.ParseBool. */
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/**
 * Finds out which builder `docker build` uses (docker/cli cmd/docker/builder.go processBuilder). Throws when docker would
 * refuse to build; the message says why.
 */
export async function findBuilder(question: BuilderQuestion): Promise<ChosenBuilder> {
  const { builder, env, wanted } = question;
  if (wanted !== undefined) return { kind: wanted, why: 'chosen' };
  if (builder !== undefined) return { kind: 'buildkit', why: `builder ${builder} was asked for` };
  const asked = env['DOCKER_BUILDKIT'] ?? '';
  if (FALSE.includes(asked)) return { kind: 'classic', why: `DOCKER_BUILDKIT=${asked}` };
  if (TRUE.includes(asked)) return { kind: 'buildkit', why: `DOCKER_BUILDKIT=${asked}` };
  if (asked !== '') {
    throw new Error(`DOCKER_BUILDKIT=${asked} is neither true nor false: docker refuses to build. Set it to 1 or 0`);
  }
  const alias = asText(asObject(readDockerConfig(env)['aliases'])['builder']);
  if (alias !== '') return { kind: 'buildkit', why: `docker is configured to build with ${alias}` };
  if ((env['BUILDX_BUILDER'] ?? '') !== '' || hasBuildx(env)) return { kind: 'buildkit', why: 'buildx is installed' };
  // plugins may be where only this docker looks
  const buildx = await said(question, ['buildx', 'version']);
  if (buildx !== undefined) {
    // Podman's stand-in for docker knows buildx by name only
    if (/buildah|podman/i.test(buildx)) return { kind: 'buildah', why: 'docker is Podman here' };
    return { kind: 'buildkit', why: 'buildx is installed' };
  }
  const version = await commandVersion(question);
  if (version === undefined || version >= WITH_BUILDX) {
    return version === undefined
      ? { kind: 'buildkit', why: 'docker did not tell its version' }
      : { kind: 'classic', why: 'docker has no buildx plugin' };
  }
  return { kind: 'classic', why: `docker ${version} builds without BuildKit` };
}

/** Major release of the docker command line; undefined when it does not say one. Fails when it cannot be run. */
export async function commandVersion({
  program,
  env,
}: Pick<BuilderQuestion, 'program' | 'env'>): Promise<number | undefined> {
  const { signal } = new AbortController();
  const said = await runCommand({ program, args: ['--version'], env, patience: VERSION_TIMEOUT, signal });
  const major = Number(/version (\d+)/.exec(said)?.[1]);
  return Number.isNaN(major) ? undefined : major;
}

/** What docker prints; undefined where it does not know the command. */
async function said({ program, env }: BuilderQuestion, args: readonly string[]): Promise<string | undefined> {
  try {
    return await runCommand({ program, args, env, patience: VERSION_TIMEOUT, signal: new AbortController().signal });
  } catch {
    return undefined;
  }
}

/** Where docker looks for its plugins (docker/cli cli-plugins/manager). */
function hasBuildx(env: NodeJS.ProcessEnv): boolean {
  const name = process.platform === 'win32' ? 'docker-buildx.exe' : 'docker-buildx';
  const extra = readDockerConfig(env)['cliPluginsExtraDirs'];
  const folders = [
    ...(Array.isArray(extra) ? extra.map(asText) : []),
    join(dockerConfigFolder(env), 'cli-plugins'),
    ...(process.platform === 'win32'
      ? [
          join(env['ProgramData'] ?? 'C:\\ProgramData', 'Docker', 'cli-plugins'),
          join(env['ProgramFiles'] ?? 'C:\\Program Files', 'Docker', 'cli-plugins'),
        ]
      : [
          '/usr/local/lib/docker/cli-plugins',
          '/usr/local/libexec/docker/cli-plugins',
          '/usr/lib/docker/cli-plugins',
          '/usr/libexec/docker/cli-plugins',
          // Docker Desktop and Rancher Desktop bring links to their own
          join(homedir(), '.docker', 'cli-plugins'),
          '/Applications/Docker.app/Contents/Resources/cli-plugins',
        ]),
  ];
  return folders.some((folder) => existsSync(join(folder, name)));
}
