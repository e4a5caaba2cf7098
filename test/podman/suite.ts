import { containerHost } from '../engine/builders.js';
import { podmanProgram } from '../judge/index.js';
import { run } from '../judge/run.js';

/**
 * For suites that build with Podman: its version, or undefined after one line that says why the suite is skipped.
 *
 * @throws when there is none although LAYER_INSIGHT_REQUIRE_PODMAN=1 says that there must be (CI).
 */
export async function builderForSuite(suite: string): Promise<string | undefined> {
  const answer = await run(podmanProgram(), ['version', '--format', '{{.Client.Version}}'], {
    timeoutMs: 30_000,
  }).catch(() => undefined);
  if (answer?.code === 0 && containerHost() !== undefined) return `Podman ${answer.stdout.trim()}`;
  const why = `${suite}: no Podman answers (LAYER_INSIGHT_PODMAN and LAYER_INSIGHT_PODMAN_PROGRAM, see npm test -- podman)`;
  if (process.env['LAYER_INSIGHT_REQUIRE_PODMAN'] === '1') throw new Error(why);
  console.warn(`skipped: ${why}`);
  return undefined;
}
