/** BuildKit releases by the engine release that embeds them, for engines built without that information. */
const EMBEDDED: readonly (readonly [engine: string, buildkit: string])[] = [
  ['29.4', '0.29'],
  ['29.1', '0.26'],
  ['29.0', '0.25.2'],
  ['28.5', '0.25.2'],
  ['28.0', '0.20'],
  ['26.', '0.13'],
  ['25.', '0.12'],
];

/** The version that the rules were verified for. */
export const VERIFIED_BUILDKIT = '0.25';

/** The BuildKit version as the worker says it, or the one known to be in the engine; null when neither tells. */
export function buildkitVersion(worker: string, engine: string): string | null {
  if (worker !== '' && !worker.startsWith('0.0.0')) return worker.replace(/^v/, '');
  return EMBEDDED.find(([release]) => engine.startsWith(release))?.[1] ?? null;
}
