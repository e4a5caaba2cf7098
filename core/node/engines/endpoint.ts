import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asArray, asObject, asText, type Json } from '../../llb/decode';

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
  /** Variables that lead docker to this engine where it is not the one that it would go to by itself. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
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

/** Docker's own client configuration. */
export function readDockerConfig(env: NodeJS.ProcessEnv): Json {
  return readJson(join(dockerConfigFolder(env), 'config.json'));
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

/** An engine, and what led to it. */
type Engine = Pick<DockerEndpoint, 'host' | 'origin' | 'context' | 'variables'>;

/** Finds engine and builder as docker does: DOCKER_HOST, DOCKER_CONTEXT, the current context; BUILDX_BUILDER, buildx's own choice. */
export function findEndpoint(env: NodeJS.ProcessEnv, builder?: string): DockerEndpoint {
  const current = currentEngine(env);
  const chosen = builder ?? env['BUILDX_BUILDER'] ?? '';
  const name = chosen === '' ? currentBuilder(env, current) : chosen;
  const instance = readJson(join(buildxFolder(env), 'instances', name));
  const driver = asText(instance['Driver']) || 'docker';
  return {
    ...engineOf(env, name, driver, instance, current),
    builder: name,
    driver,
  };
}

function currentEngine(env: NodeJS.ProcessEnv): Engine {
  const config = dockerConfigFolder(env);
  const fromEnvironment = env['DOCKER_HOST'] ?? '';
  if (fromEnvironment !== '') return { host: fromEnvironment, origin: 'DOCKER_HOST', context: 'default' };
  const named = env['DOCKER_CONTEXT'] ?? '';
  const context = named === '' ? asText(readDockerConfig(env)['currentContext']) : named;
  if (context === '' || context === 'default')
    return { host: defaultHost(), origin: 'the default', context: 'default' };
  return { host: contextHost(config, context) ?? '', origin: `docker context ${context}`, context };
}

/**
 * The engine that a builder is part of or has its container on. buildx takes the name of a docker context for that
 * context's own builder, and notes for a builder of its own the context or address that it was created on.
 */
function engineOf(env: NodeJS.ProcessEnv, name: string, driver: string, instance: Json, current: Engine): Engine {
  if (driver !== 'docker' && driver !== 'docker-container') return current;
  const noted = asText(asObject(asArray(instance['Nodes'])[0])['Endpoint']);
  const place = noted === '' ? name : noted;
  if (place === current.context || place === current.host) return current;
  if (place.includes('://')) {
    const variables = { DOCKER_HOST: place, DOCKER_CONTEXT: undefined };
    return { host: place, origin: `builder ${name}`, context: current.context, variables };
  }
  const host = place === 'default' ? defaultHost() : contextHost(dockerConfigFolder(env), place);
  // buildx will say that there is no such builder
  if (host === undefined) return current;
  const variables = { DOCKER_HOST: undefined, DOCKER_CONTEXT: place };
  return { host, origin: place === 'default' ? 'the default' : `docker context ${place}`, context: place, variables };
}

/** buildx notes its chosen builder with the endpoint that it was chosen for. */
function currentBuilder(env: NodeJS.ProcessEnv, { host, context }: Engine): string {
  const current = readJson(join(buildxFolder(env), 'current'));
  const name = asText(current['Name']);
  const key = asText(current['Key']);
  return name !== '' && (current['Global'] === true || key === host || key === context) ? name : context;
}
