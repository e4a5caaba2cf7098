import type { HistoryStep } from '../../image/manifest';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { EngineImage, ImageStoreAccess } from '../image/engineImage';
import type { EngineChoice } from './connection';
import { DockerEngine, makesLayer } from './docker';
import { findEndpoint, type DockerEndpoint } from './endpoint';
import { explainFailure } from './failure';
import { ImageError } from '../image/openImage';

/** Milliseconds that an engine may be silent while it puts an image together: some write all of it to disk first. */
const EXPORT_TIMEOUT = 300_000;

/** The images of a Docker engine. */
export class DockerImages implements ImageStoreAccess {
  private readonly endpoint: DockerEndpoint;

  constructor(private readonly choice: EngineChoice) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
  }

  describe(name: string): Promise<EngineImage | undefined> {
    return this.with(undefined, async (engine) => {
      const json = await engine.imageJson(name);
      if (json === undefined) return undefined;
      const history = [...((await engine.history(asText(json['Id']))) ?? [])].reverse();
      const steps = history.map(({ createdBy, created, comment, bytes }): HistoryStep => ({
        ...{ createdBy, comment, created: created <= 0 ? undefined : created * 1000 },
        isEmpty: bytes === 0 && !makesLayer(createdBy),
      }));
      return describeImage(json, steps);
    });
  }

  async export(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    signal.throwIfAborted();
    return this.with(EXPORT_TIMEOUT, (engine) => engine.exportImage(id, signal));
  }

  private async with<T>(timeout: number | undefined, work: (engine: DockerEngine) => Promise<T>): Promise<T> {
    const { endpoint, choice } = this;
    try {
      const env = { ...choice.env, ...endpoint.variables };
      const engine = await DockerEngine.connect(endpoint, choice.program, env, { timeout });
      try {
        return await work(engine);
      } finally {
        engine.close();
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw new ImageError(explainFailure(error, endpoint, choice.program).message);
    }
  }
}

/** What inspecting an image says, for Docker and Podman alike. */
export function describeImage(json: Json, history: readonly HistoryStep[]): EngineImage {
  const id = asText(json['Id']);
  const platform = [asText(json['Os']), asText(json['Architecture']), asText(json['Variant'])];
  return {
    id: id.includes(':') ? id : `sha256:${id}`,
    names: asArray(json['RepoTags']).map(asText),
    platform: platform.filter((part) => part !== '').join('/'),
    diffIds: asArray(asObject(json['RootFS'])['Layers']).map(asText),
    history,
  };
}
