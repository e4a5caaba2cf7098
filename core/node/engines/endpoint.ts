import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asObject, asText, type Json } from '../../llb/decode';

/** Where docker would go: the engine's address and the builder it would use. */
export interface DockerEndpoint {
  /** `unix:///…`, `npipe:////…`, `tcp://…`, `ssh://…`. */
  readonly host: string;
  /** What chose it: DOCKER_HOST, a context by name, or the default. */
  readonly origin: string;
  /** Name of the docker context. */
  readonly context: string;
  /** Name of the builder that buildx would use. */
  readonly builder: string;
  /** `docker` for the engine's own BuildKit; others keep images of their own. */
  readonly driver: string;
  /** The builder is BuildKit; false for the classic builder (`DOCKER_BUILDKIT=0`). */
  readonly buildkit: boolean;
}

/** Folder of docker's client configuration. */
export function dockerConfigFolder(env: NodeJS.ProcessEnv): string {
  const configured = env['DOCKER_CONFIG'];
  return configured === undefined || configured === '' ? join(homedir(), '.docker') : configured;
}

/** Folder of buildx's own state. */
export function buildxFolder(env: NodeJS.ProcessEnv): string {
  const configured = env['BUILDX_CONFIG'];
  return configured === undefined || configured === '' ? join(dockerConfigFolder(env), 'buildx') : configured;
}

function readJson(path: string): Json {
  try {
    return asObject(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // absent or broken configuration: docker falls back to its defaults as well
    return {};
  }
}

function defaultHost(): string {
  return process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

function contextHost(config: string, name: string): string | undefined {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = readJson(join(config, 'contexts', 'meta', id, 'meta.json'));
  const host = asText(asObject(asObject(meta['Endpoints'])['docker'])['Host']);
  return host === '' ? undefined : host;
}

/** Finds engine and builder as docker does: DOCKER_HOST, DOCKER_CONTEXT, the current context; BUILDX_BUILDER, buildx's own choice. */
export function findEndpoint(env: NodeJS.ProcessEnv, builder?: string): DockerEndpoint {
  const config = dockerConfigFolder(env);
  const fromEnvironment = env['DOCKER_HOST'] ?? '';
  const current = env['DOCKER_CONTEXT'] ?? asText(readJson(join(config, 'config.json'))['currentContext']);
  const useHost = fromEnvironment !== '';
  const context = useHost || current === '' ? 'default' : current;
  const host = useHost ? fromEnvironment : context === 'default' ? defaultHost() : contextHost(config, context);
  const origin = useHost ? 'DOCKER_HOST' : context === 'default' ? 'the default' : `docker context ${context}`;

  const chosen = builder ?? env['BUILDX_BUILDER'] ?? '';
  const name = chosen === '' ? currentBuilder(env, host ?? '', context) : chosen;
  const instance = readJson(join(buildxFolder(env), 'instances', name));
  const driver = asText(instance['Driver']);
  return {
    host: host ?? '',
    origin,
    context,
    builder: name,
    driver: driver === '' ? 'docker' : driver,
    buildkit: env['DOCKER_BUILDKIT'] !== '0' || chosen !== '',
  };
}

/** buildx notes its chosen builder with the endpoint that it was chosen for. */
function currentBuilder(env: NodeJS.ProcessEnv, host: string, context: string): string {
  const current = readJson(join(buildxFolder(env), 'current'));
  const name = asText(current['Name']);
  const key = asText(current['Key']);
  return name !== '' && (current['Global'] === true || key === host || key === context) ? name : context;
}
