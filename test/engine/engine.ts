import { run } from '../judge/run.js';

/**
 * The engine that the environment names, as one line with its versions, or undefined when none answers.
 */
export async function reachableEngine(): Promise<string | undefined> {
  try {
    const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
    if (version.code !== 0) return undefined;
    const buildx = await run('docker', ['buildx', 'inspect'], { timeoutMs: 15_000 });
    const buildkit = /BuildKit version:\s*(\S+)/i.exec(buildx.stdout)?.[1] ?? 'unknown';
    return `Docker ${version.stdout.trim()}, BuildKit ${buildkit}`;
  } catch {
    return undefined; // no docker program
  }
}

/**
 * For suites that need an engine: its description, or undefined after one line that says why the suite is skipped.
 *
 * @throws when there is none although LAYER_INSIGHT_REQUIRE_ENGINE=1 says that there must be (CI).
 */
export async function engineForSuite(suite: string): Promise<string | undefined> {
  const engine = await reachableEngine();
  if (engine !== undefined) return engine;
  const why = `${suite}: no engine with BuildKit answers (DOCKER_HOST=${process.env['DOCKER_HOST'] ?? 'not set'})`;
  if (process.env['LAYER_INSIGHT_REQUIRE_ENGINE'] === '1') throw new Error(why);
  console.warn(`skipped: ${why}`);
  return undefined;
}
