import type { Services } from './services';

/** Shows a 0-based line of a Dockerfile in the Layers view. */
export async function revealRow({ layers }: Services, uri: unknown, line: unknown): Promise<void> {
  if (typeof uri === 'string' && typeof line === 'number') await layers.showLine(uri, line);
}
