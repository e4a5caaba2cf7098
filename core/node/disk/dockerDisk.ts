import {
  readDiskUsage,
  readContainer,
  readContainerDetails,
  readImage,
  type DiskUsageAnswer,
} from '../../disk/dockerAnswers';
import type { ContainerFact, EngineFacts, ImageFact, RootFacts } from '../../disk/facts';
import { layersOfImage } from '../../disk/imageLayers';
import { makeReport } from '../../disk/report';
import { whatIsMissing } from '../../disk/missing';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { ContainerChanges, DiskReport, NotMeasured, ReclaimItem } from '../../model';
import { chainIds } from '../chainId';
import { ApiError } from '../engines/apiRequest';
import type { EngineChoice } from '../engines/connection';
import { DockerEngine } from '../engines/docker';
import { findEndpoint, type DockerEndpoint } from '../engines/endpoint';
import { explainFailure } from '../engines/failure';
import { findDataRoot } from './dataRoot';
import type { DiskAccess } from './diskAccess';
import { DiskError } from './diskError';
import { dockerChanges } from './dockerChanges';
import { removeFromDocker, type Ask } from './dockerRemoval';
import { readDockerRoot } from './dockerRoot';
import { inPool } from './pool';
import { treeSum } from './treeSum';

/** Milliseconds that a question about one thing may take. */
const PATIENCE = 20_000;
/** Milliseconds that measuring may take: the engine walks through all files of containers and volumes. */
const MEASURE_PATIENCE = 600_000;
/** Questions at the same time. */
const AT_ONCE = 6;
const EVENT_TYPES = ['container', 'image', 'volume'];
/** Events after which other bytes are there; what runs inside of a container tells of nothing. */
const EVENTS = [
  ...['create', 'destroy', 'start', 'die', 'pause', 'unpause', 'rename', 'checkpoint'],
  ...['tag', 'untag', 'delete', 'prune', 'load', 'import', 'pull', 'commit'],
];

/** Where Docker's bytes are. */
export class DockerDisk implements DiskAccess {
  private readonly endpoint: DockerEndpoint;

  /** @param dataRoot where the engine's data root is on this machine; undefined: it is looked for */
  constructor(
    private readonly choice: EngineChoice,
    private readonly dataRoot?: string,
  ) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
  }

  measure(signal: AbortSignal, onProgress: (what: string) => void): Promise<DiskReport> {
    return this.with(signal, async (ask) => {
      const started = Date.now();
      onProgress('Asking the engine what it is');
      const [info, version] = await Promise.all([ask('/info'), ask('/version')]).then((all) => all.map(asObject));
      const { facts, notMeasured } = await this.facts(ask, info ?? {}, version ?? {}, onProgress);
      const { root, missing } = await this.root(facts, signal, onProgress);
      return makeReport({
        ...{ facts, root, notMeasured: [...notMeasured, ...missing] },
        measuredAt: new Date(started).toISOString(),
        tookMs: Date.now() - started,
      });
    });
  }

  /** What the engine itself says. */
  private async facts(
    ask: Ask,
    info: Json,
    version: Json,
    onProgress: (what: string) => void,
  ): Promise<{ readonly facts: EngineFacts; readonly notMeasured: readonly NotMeasured[] }> {
    onProgress('Asking the engine for the sizes of containers, volumes and build cache');
    const { usage, notMeasured } = await this.usage(ask);
    const listed = asArray(await ask('/images/json?all=1')).map((one) => readImage(asObject(one)));
    onProgress(`Asking for the layers of ${listed.length} images`);
    const images = await inPool(listed, AT_ONCE, (image) => this.withLayers(ask, image));
    onProgress(`Asking for ${usage.containers.length} containers`);
    const containers = await inPool(usage.containers, AT_ONCE, (container) => this.withDetails(ask, container));
    const isContainerd = asArray(info['DriverStatus']).some((pair) =>
      asArray(pair).some((one) => asText(one).startsWith('io.containerd.snapshotter')),
    );
    const engineVersion = asText(info['ServerVersion']).replace(/\+.*$/, '');
    const facts: EngineFacts = {
      engine: {
        kind: 'docker',
        id: asText(info['ID']),
        version: engineVersion,
        apiVersion: asText(version['ApiVersion']),
        endpoint: this.endpoint.host,
        isLocal: this.isLocal(),
        isRootless: asArray(info['SecurityOptions']).some((one) => asText(one).includes('rootless')),
      },
      storage: {
        driver: asText(info['Driver']),
        root: asText(info['DockerRootDir']),
        store: isContainerd ? 'containerd' : 'graph-driver',
      },
      imagesBytes: usage.layersSize,
      isEverythingInImages: isContainerd && Number(engineVersion.split('.')[0]) < 29,
      images: images.flatMap((one) => one ?? []),
      containers: containers.flatMap((one) => one ?? []),
      volumes: usage.volumes,
      cache: usage.cache,
    };
    return { facts, notMeasured };
  }

  /** All in one question; where the engine cannot answer it, part by part, so that one that is broken hides no other. */
  private async usage(ask: Ask): Promise<{ usage: DiskUsageAnswer; notMeasured: NotMeasured[] }> {
    const all = async () => readDiskUsage(await ask('/system/df?verbose=1', MEASURE_PATIENCE));
    try {
      // with the containerd store it trips over snapshots that builds remove while it measures, and says "not found"
      const usage = await all().catch((error: unknown) => {
        if (isGone(error)) return all();
        throw error;
      });
      return { usage, notMeasured: [] };
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status < 500 && !isGone(error))) throw error;
    }
    const notMeasured: NotMeasured[] = [];
    let usage: DiskUsageAnswer = { layersSize: null, images: [], containers: [], volumes: [], cache: [] };
    for (const type of ['image', 'container', 'volume', 'build-cache']) {
      try {
        const part = readDiskUsage(await ask(`/system/df?verbose=1&type=${type}`, MEASURE_PATIENCE));
        usage = {
          layersSize: type === 'image' ? part.layersSize : usage.layersSize,
          images: [...usage.images, ...part.images],
          containers: [...usage.containers, ...part.containers],
          volumes: [...usage.volumes, ...part.volumes],
          cache: [...usage.cache, ...part.cache],
        };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        notMeasured.push({ what: `${type}s`, why: `The engine failed to measure them: ${error.message}.`, remedy: '' });
        if (type === 'container') {
          const list = asArray(await ask('/containers/json?all=1'));
          usage = { ...usage, containers: list.map((one) => readContainer(asObject(one), false)) };
        }
      }
    }
    return { usage, notMeasured };
  }

  private async withLayers(ask: Ask, image: ImageFact): Promise<ImageFact | undefined> {
    const path = `/images/${encodeURIComponent(image.id)}`;
    try {
      const [details, history] = await Promise.all([ask(`${path}/json`), ask(`${path}/history`)]);
      return { ...image, layers: layersOfImage(details, history, chainIds) };
    } catch (error) {
      if (isGone(error)) return undefined;
      if (error instanceof ApiError) return image;
      throw error;
    }
  }

  private async withDetails(ask: Ask, container: ContainerFact): Promise<ContainerFact | undefined> {
    try {
      return readContainerDetails(container, await ask(`/containers/${container.id}/json`));
    } catch (error) {
      if (isGone(error)) return undefined;
      if (error instanceof ApiError) return container;
      throw error;
    }
  }

  private async root(
    facts: EngineFacts,
    signal: AbortSignal,
    onProgress: (what: string) => void,
  ): Promise<{ readonly root: RootFacts | undefined; readonly missing: readonly NotMeasured[] }> {
    const found = await findDataRoot({
      ...{ root: facts.storage.root, id: facts.engine.id, isLocal: facts.engine.isLocal },
      given: this.dataRoot,
    });
    if (found.path === undefined) return { root: undefined, missing: whatIsMissing(facts, undefined, found) };
    onProgress(`Reading ${found.path}`);
    const images = facts.storage.store === 'containerd' ? facts.images.map(({ id }) => id) : undefined;
    const place = { ...found, driver: facts.storage.driver, images };
    const root = await readDockerRoot(place, signal, onProgress);
    const why = { why: `The engine's folder ${found.path} could not be read.`, remedy: '' };
    return { root, missing: whatIsMissing(facts, root, why) };
  }

  changes(container: string, signal: AbortSignal): Promise<ContainerChanges | undefined> {
    return this.with(signal, async (ask) => {
      const info = asObject(await ask('/info'));
      const engineRoot = asText(info['DockerRootDir']);
      const id = asText(info['ID']);
      const root = await findDataRoot({ root: engineRoot, id, isLocal: this.isLocal(), given: this.dataRoot });
      return dockerChanges(ask, { container, root, engineRoot, env: this.choice.env, signal });
    });
  }

  async bindMountBytes(source: string, signal: AbortSignal): Promise<number | undefined> {
    if (!this.isLocal()) return undefined;
    return (await treeSum(source, { signal }))?.bytes;
  }

  remove(item: ReclaimItem, signal: AbortSignal): Promise<number | null> {
    return this.with(signal, (ask) => removeFromDocker(ask, item));
  }

  async listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    signal.throwIfAborted();
    await this.connected(async (engine) => engine.events(signal, onChanged, EVENTS, EVENT_TYPES));
  }

  private isLocal(): boolean {
    return /^(?:unix|npipe):\/\//.test(this.endpoint.host);
  }

  private with<T>(signal: AbortSignal, work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.connected((engine) =>
      work((path, patience = PATIENCE, method = 'GET') => engine.ask({ method, path, signal, patience })),
    );
  }

  private async connected<T>(work: (engine: DockerEngine) => Promise<T>): Promise<T> {
    const { endpoint, choice } = this;
    try {
      const env = { ...choice.env, ...endpoint.variables };
      // each question has a time limit of its own
      const engine = await DockerEngine.connect(endpoint, choice.program, env, { timeout: 0 });
      try {
        return await work(engine);
      } finally {
        engine.close();
      }
    } catch (error) {
      if (
        error instanceof ApiError ||
        error instanceof DiskError ||
        (error instanceof Error && error.name === 'AbortError')
      )
        throw error;
      throw new DiskError(explainFailure(error, endpoint, choice.program).message);
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
