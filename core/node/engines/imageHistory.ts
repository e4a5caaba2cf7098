import type { EngineChoice } from './connection';
import { DockerEngine, type ImageHistoryEntry } from './docker';
import { findEndpoint } from './endpoint';
import { explainFailure, type EngineFailure } from './failure';

/** The layers of an image, or why there are none. */
export type ImageHistory =
  | { readonly kind: 'history'; readonly entries: readonly ImageHistoryEntry[] }
  | { readonly kind: 'none'; readonly failure: EngineFailure };

/** Asks the engine how an image was made (what `docker history` prints), the newest step first. Never rejects. */
export async function imageHistory(choice: EngineChoice, image: string): Promise<ImageHistory> {
  const endpoint = findEndpoint(choice.env, choice.builder);
  try {
    const env = { ...choice.env, ...endpoint.variables };
    const engine = await DockerEngine.connect(endpoint, choice.program, env);
    try {
      const entries = await engine.history(image);
      if (entries !== undefined) return { kind: 'history', entries };
      return { kind: 'none', failure: { code: 'not-found', message: `${image} is not on this engine.` } };
    } finally {
      engine.close();
    }
  } catch (error) {
    return { kind: 'none', failure: explainFailure(error, endpoint, choice.program) };
  }
}
