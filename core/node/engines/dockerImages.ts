import { makesLayer } from '../../image/createdBy';
import { platformText, type HistoryStep } from '../../image/manifest';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { EngineImage, ImageStoreAccess } from '../image/engineImage';
import type { EngineChoice } from './connection';
import { DockerEngine, type ImageHistoryEntry } from './docker';
import { findEndpoint, type DockerEndpoint } from './endpoint';
import { explainFailure } from './failure';
import type { ImageLister, ImageStep, ListedEngineImage } from './imageList';
import { ImageError } from '../image/openImage';

/** Milliseconds that an engine may be silent while it puts an image together: some write all of it to disk first. */
const EXPORT_TIMEOUT = 300_000;

const IMAGE_EVENTS = ['tag', 'untag', 'delete', 'prune', 'load', 'import', 'pull', 'commit', 'create', 'destroy'];

/** The images of a Docker engine. */
export class DockerImages implements ImageStoreAccess, ImageLister {
  private readonly endpoint: DockerEndpoint;
  /** What an id names never changes. */
  private readonly known = new Map<string, EngineImage>();

  constructor(private readonly choice: EngineChoice) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
  }

  describe(name: string): Promise<EngineImage | undefined> {
    return this.with(undefined, async (engine) => {
      const json = await engine.imageJson(name);
      if (json === undefined) return undefined;
      const image = describeImage(json, []);
      const history = stepsOf((await engine.history(asText(json['Id']))) ?? [], image.diffIds);
      return { ...image, history };
    });
  }

  list(): Promise<readonly ListedEngineImage[]> {
    return this.with(undefined, async (engine) => {
      const { images, containers } = await engine.namedImages();
      const ids = new Set(images.map(({ Id }) => asText(Id)));
      for (const id of this.known.keys()) if (!ids.has(id)) this.known.delete(id);
      const listed: ListedEngineImage[] = [];
      for (const image of images) {
        const id = asText(image['Id']);
        const details = this.known.get(id) ?? (await this.inspect(engine, id));
        // removed in between
        if (details === undefined) continue;
        const created = Number(image['Created']);
        listed.push({
          id,
          names: asArray(image['RepoTags']).map(asText).filter(isName),
          repoDigests: asArray(image['RepoDigests']).map(asText).filter(isName),
          created: created > 0 ? created * 1000 : undefined,
          bytes: Number(image['Size'] ?? 0),
          ...{ diffIds: details.diffIds, platform: details.platform, containers: containers.get(id) ?? [] },
        });
      }
      return listed;
    });
  }

  version(): Promise<string> {
    return this.with(undefined, async (engine) => `Docker ${(await engine.info()).version}`);
  }

  listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    // a quiet engine is no dead one: its stream has no time limit
    return this.with(0, (engine) => engine.events(signal, onChanged, IMAGE_EVENTS));
  }

  steps(id: string): Promise<readonly ImageStep[] | undefined> {
    return this.with(undefined, async (engine) => {
      const [details, history] = [this.known.get(id) ?? (await this.inspect(engine, id)), await engine.history(id)];
      return details === undefined || history === undefined ? undefined : stepsOf(history, details.diffIds);
    });
  }

  private async inspect(engine: DockerEngine, id: string): Promise<EngineImage | undefined> {
    const json = await engine.imageJson(id);
    if (json === undefined) return undefined;
    const details = describeImage(json, []);
    this.known.set(id, details);
    return details;
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

/** The steps of an image, oldest first, each that has a layer with that layer. */
function stepsOf(newestFirst: readonly ImageHistoryEntry[], diffIds: readonly string[]): ImageStep[] {
  const steps = [...newestFirst].reverse();
  const isEmpty = steps.map(({ bytes, createdBy }) => bytes === 0 && !makesLayer(createdBy));
  // the engine does not tell which steps have a layer: where the count is another one, nobody knows
  const isClear = isEmpty.filter((empty) => !empty).length === diffIds.length;
  let layer = 0;
  return steps.map(({ createdBy, created, comment, bytes }, index) => ({
    ...{ createdBy, comment, bytes, created: created > 0 ? created * 1000 : undefined },
    isEmpty: isEmpty[index] === true,
    diffId: isClear && isEmpty[index] === false ? diffIds[layer++] : undefined,
  }));
}

function isName(name: string): boolean {
  return !name.includes('<none>');
}

/** What inspecting an image says, for Docker and Podman alike. */
export function describeImage(json: Json, history: readonly HistoryStep[]): EngineImage {
  const id = asText(json['Id']);
  return {
    id: id.includes(':') ? id : `sha256:${id}`,
    names: asArray(json['RepoTags']).map(asText),
    platform: platformText(json['Os'], json['Architecture'], json['Variant']),
    diffIds: asArray(asObject(json['RootFS'])['Layers']).map(asText),
    history,
  };
}
