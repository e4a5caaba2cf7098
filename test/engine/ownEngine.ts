import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cannotStartEngine } from '../hosts/engine.mjs';
import { hostsFolder } from '../hosts/paths.mjs';
import { run } from '../judge/run.js';

const SCRIPT = join(import.meta.dirname, '../hosts/engine.sh');

/** An engine that nobody else uses: its cache may be pruned, and no other build runs at the same time. */
export interface OwnEngine {
  /** Stops it, deletes its data, and gives the environment back. */
  stop(): Promise<void>;
}

/** Why this machine cannot start an engine for a test, or undefined. With an engine already up it takes seconds. */
export const noOwnEngine: string | undefined = cannotStartEngine();

/** The same, and only where the suites have installed an engine before: then another one is up in two seconds. */
export function whyNoInstalledEngine(): string | undefined {
  if (noOwnEngine !== undefined) return noOwnEngine;
  const isInstalled = existsSync(join(hostsFolder(), 'engine-root/.complete'));
  return isInstalled ? undefined : 'no engine of our own is installed (test/hosts/engine.sh install)';
}

/**
 * Starts an engine and leads docker (and what we start) to it by this process's environment.
 *
 * @param daemonOptions further options of dockerd
 * @throws when it does not come up.
 */
export async function startOwnEngine(daemonOptions: readonly string[] = []): Promise<OwnEngine> {
  // below /tmp: the engine has a mount namespace of its own and shares only that folder
  const folder = mkdtempSync('/tmp/li-own-');
  const up = await run('bash', [SCRIPT, 'up', folder, ...daemonOptions], { timeoutMs: 420_000 });
  if (up.code !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`engine.sh up: ${up.stderr.trim()}`);
  }
  const before = { ...process.env };
  process.env['DOCKER_HOST'] = `unix://${folder}/docker.sock`;
  process.env['DOCKER_CONFIG'] = join(folder, 'config');
  process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${before['PATH'] ?? ''}`;
  return {
    async stop() {
      for (const name of ['DOCKER_HOST', 'DOCKER_CONFIG', 'PATH']) {
        const value = before[name];
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      const down = await run('bash', [SCRIPT, 'down', folder], { timeoutMs: 60_000 });
      if (down.code !== 0) throw new Error(`engine.sh down: ${down.stderr.trim()}`);
    },
  };
}
