import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { removeImage } from '../../judge/index.js';
import { run } from '../../judge/run.js';
import type { Scenario } from './scenario.js';

/** Runs docker; the test fails when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const result = await run('docker', args, { timeoutMs: 60_000 });
  expect(result.code, `docker ${args.join(' ')}: ${result.stderr}`).toBe(0);
  return result.stdout;
}

/** Is an image known by its layers alone? In the containerd store it has its manifest as a second key: `b13` is about that. */
export async function knownByLayers(): Promise<boolean> {
  const info = await run('docker', ['info', '--format', '{{.DriverStatus}}'], { timeoutMs: 15_000 }).catch(
    () => undefined,
  );
  return info?.stdout.includes('io.containerd.snapshotter') === false;
}

/** The name of the base image of a scenario: `FROM {image}` in its Dockerfiles. */
export const imageOf = (scenario: Scenario): string => scenario.filled('{image}');

export type Provide = (
  lines: readonly string[],
  ...options: readonly string[]
) => (scenario: Scenario) => Promise<void>;

/** For a group of tests: builds the base image of a scenario; all are removed at the group's end. */
export function baseImages(): Provide {
  const made = new Set<string>();
  afterAll(async () => {
    for (const image of made) await removeImage(image);
  });
  return (lines, ...options) =>
    async (scenario) => {
      made.add(imageOf(scenario));
      const text = ['FROM {base}', 'RUN echo {marker} > /made', ...lines].join('\n');
      scenario.write(join('..', 'aside', 'Dockerfile'), text);
      await docker('buildx', 'build', '--quiet', '--load', '--tag', imageOf(scenario), ...options, scenario.aside);
    };
}
