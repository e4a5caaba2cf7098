import { indexEvidence, type Evidence } from '../../evidence/evidence';
import type { BuilderInfo } from '../../model';
import type { PastBuild } from '../../evidence/pastBuild';
import type { ImageInfo } from '../../plan/graph';
import { sha256 } from '../sha256';
import type { LayerStore } from '../store/layerStore';
import { BuildRefs } from './buildRefs';
import { BuildkitConnection } from './buildkit';
import { DockerEngine } from './docker';
import { findEndpoint, type DockerEndpoint } from './endpoint';
import { HistoryReader, type HistoryStore } from './history';
import { buildkitVersion } from './versions';

/** Which engine is asked, as the user chose it. */
export interface EngineChoice {
  /** Program name or path of docker. */
  readonly program: string;
  readonly builder: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Evidence, or why there is none. */
export type EvidenceResult =
  | {
      readonly kind: 'evidence';
      readonly evidence: Evidence;
      /** False while the engine is still writing down a build that just ended: ask again in a moment. */
      readonly settled: boolean;
    }
  | { readonly kind: 'none'; readonly failure: EngineFailure; readonly builder: BuilderInfo };

/** Why an engine could not be used. */
export interface EngineFailure {
  readonly code: 'not-found' | 'not-reachable' | 'permission-denied' | 'unsupported';
  /** What was looked for and what to do, in one or two sentences. */
  readonly message: string;
}

/** Names the images that are needed, given what is known of those asked for so far. */
export type ImagesOf = (known: (reference: string) => ImageInfo | undefined) => readonly string[];

/** Milliseconds that the clock of a builder that was never asked may be off. */
const FOREIGN_CLOCK = 300_000;
/** Images whose layers are asked for at once; the others follow with later questions. */
const IMAGES_AT_ONCE = 40;
/** Images that name images that name images. */
const IMAGE_ROUNDS = 3;
/** Milliseconds for everything that an engine is asked for one prediction. */
const LOAD_TIMEOUT = 30_000;

/** An engine that stays connected: the command line uses it once, the editor keeps it. */
export class EvidenceSource {
  private connection: BuildkitConnection | undefined;
  private readonly endpoint: DockerEndpoint;

  constructor(
    private readonly choice: EngineChoice,
    private readonly store: HistoryStore,
    private readonly layers: LayerStore,
  ) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
  }

  /**
   * Reads what changed since the last call. `imagesOf` names the images that are asked for, given those that are known:
   * an image's own ONBUILD triggers may name more.
   */
  async load(imagesOf: ImagesOf, signal?: AbortSignal): Promise<EvidenceResult> {
    const { endpoint } = this;
    if (!endpoint.buildkit) {
      const message =
        'DOCKER_BUILDKIT=0 chooses the classic builder, which is not predicted yet. Unset it to use BuildKit.';
      return this.none({ code: 'unsupported', message }, 'classic');
    }
    if (endpoint.host === '') {
      const message = `${endpoint.origin} has no engine address. Choose another one with "docker context use".`;
      return this.none({ code: 'not-found', message });
    }
    const timeout = AbortSignal.timeout(LOAD_TIMEOUT);
    try {
      return await this.read(imagesOf, signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
    } catch (error) {
      this.close();
      return this.none(explainFailure(error, endpoint, this.choice.program));
    }
  }

  /** Calls `onFinished` when a build ends anywhere on this engine, until aborted; reconnects are the caller's. */
  async listen(signal: AbortSignal, onFinished: () => void): Promise<void> {
    await this.connect().listen(signal, onFinished);
  }

  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private connect(): BuildkitConnection {
    const { program, builder, env } = this.choice;
    return (this.connection ??= new BuildkitConnection(program, builder, env));
  }

  private async read(imagesOf: ImagesOf, signal: AbortSignal): Promise<EvidenceResult> {
    const { endpoint, choice } = this;
    const connection = this.connect();
    const engine = await DockerEngine.connect(endpoint, choice.program, choice.env);
    const [worker, records, info, images] = await Promise.all([
      connection.info(signal),
      connection.cacheRecords(signal),
      engine.info(),
      this.readImages(engine, imagesOf),
    ]);
    const refs = new BuildRefs(choice.env);
    const { builds, settled } = await new HistoryReader(connection, this.store, worker.workerId).read(signal);
    const located = builds.map((build): PastBuild => {
      const contextPath = refs.contextPath(build.ref);
      return contextPath === undefined ? build : { ...build, contextPath };
    });
    const ownStore = endpoint.driver === 'docker';
    const builder: BuilderInfo = {
      kind: 'buildkit',
      name: endpoint.builder,
      engineVersion: info.version,
      buildkitVersion: buildkitVersion(worker.version, info.version),
    };
    const evidence = indexEvidence(
      {
        builder,
        platform: worker.platform === '' ? 'linux/amd64' : worker.platform,
        // what the engine says of its own store and clock says little of a builder with another driver
        store: ownStore ? info.store : 'containerd',
        builds: located,
        records,
        images,
        layerBytes: ownStore && info.store === 'graphdriver' ? await this.layerBytes(engine) : new Map(),
        clockOffset: info.clockOffset,
        clockMargin:
          endpoint.driver === 'remote' || endpoint.driver === 'kubernetes' ? FOREIGN_CLOCK : info.clockMargin,
      },
      sha256,
    );
    return { kind: 'evidence', evidence, settled };
  }

  /** Sizes of the layers of the engine's images; without them sizes are only estimates. */
  private async layerBytes(engine: DockerEngine): Promise<ReadonlyMap<string, number>> {
    try {
      const read = (image: string) => engine.layerSizes(image);
      return await this.layers.load(await engine.imageIds(), read, IMAGES_AT_ONCE);
    } catch {
      return new Map();
    }
  }

  /** An engine's own images count only for its own BuildKit; other builders fetch theirs from a registry. */
  private async readImages(engine: DockerEngine, imagesOf: ImagesOf): Promise<Map<string, ImageInfo | undefined>> {
    const images = new Map<string, ImageInfo | undefined>();
    const isOwn = this.endpoint.driver === 'docker';
    for (let round = 0; round < IMAGE_ROUNDS; round++) {
      const missing = imagesOf((reference) => images.get(reference)).filter((reference) => !images.has(reference));
      if (missing.length === 0) break;
      const read = async (reference: string): Promise<void> => {
        images.set(reference, isOwn ? await engine.image(reference) : undefined);
      };
      await Promise.all(missing.map(read));
    }
    return images;
  }

  private none(failure: EngineFailure, kind: BuilderInfo['kind'] = 'none'): EvidenceResult {
    const builder: BuilderInfo = {
      kind,
      name: this.endpoint.builder,
      engineVersion: null,
      buildkitVersion: null,
    };
    return { kind: 'none', failure, builder };
  }
}

function explainFailure(error: unknown, endpoint: DockerEndpoint, program: string): EngineFailure {
  const text = error instanceof Error ? error.message : String(error);
  const where = `${endpoint.host} (${endpoint.origin})`;
  if (/ENOENT.*spawn|spawn .*ENOENT/.test(text)) {
    return {
      code: 'not-found',
      message: `The program "${program}" was not found. Install Docker with buildx, or set layerInsight.engine.dockerPath.`,
    };
  }
  if (/EACCES|permission denied/i.test(text)) {
    return {
      code: 'permission-denied',
      message: `No permission for ${where}. Add your user to the group that owns the socket, or use rootless Docker.`,
    };
  }
  if (/unknown command: docker buildx|is not a docker command/.test(text)) {
    return { code: 'not-found', message: `Docker's buildx plugin was not found. Install it (docker-buildx-plugin).` };
  }
  if (/ENOENT|ECONNREFUSED|Cannot connect|no such file|connection refused|failed to dial/i.test(text)) {
    return {
      code: 'not-reachable',
      message: `No engine answers at ${where}. Start it (Docker Desktop, or "sudo systemctl start docker").`,
    };
  }
  return { code: 'not-reachable', message: `The engine at ${where} could not be asked: ${text}` };
}
