import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program with the arguments that come before those of buildx. */
export interface Buildx {
  readonly program: string;
  readonly before: readonly string[];
}

/** Where docker looks for its plugins on Linux and macOS (docker/cli cli-plugins/manager). */
const FOLDERS = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'];

/**
 * Buildx as docker itself would start it: asking docker to start it takes as long again as a small build, and the judge
 * builds hundreds of times. Where its plugin is not found, docker.
 */
export function buildxProgram(env: NodeJS.ProcessEnv = process.env): Buildx {
  const config = env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const folders = [config, ...FOLDERS.map((folder) => join(folder, 'docker'))];
  const plugin = folders.map((folder) => join(folder, 'cli-plugins', 'docker-buildx')).find((path) => existsSync(path));
  return plugin === undefined ? { program: 'docker', before: ['buildx'] } : { program: plugin, before: [] };
}
