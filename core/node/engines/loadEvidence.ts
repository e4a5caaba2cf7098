import type { BuildahEvidence } from '../../buildah/imageStore';
import type { ClassicEvidence } from '../../classic/imageStore';
import { indexEvidence, type Evidence } from '../../evidence/evidence';
import type { BuilderInfo } from '../../model';
import { heldVertices } from '../../evidence/heldVertices';
import type { CacheRecord, PastBuild } from '../../evidence/pastBuild';
import type { ImageInfo } from '../../plan/graph';
import { sha256 } from '../sha256';
import type { LayerStore } from '../store/layerStore';
import type { BuilderNetwork } from '../network/reach';
import { BuildRefs } from './buildRefs';
import type { KnownImages } from '../../predict/project';
import { BuilderAccess } from './builderAccess';
import { findBuilder, type ChosenBuilder, type WantedBuilder } from './builderKind';
import { ClassicAccess } from './classicAccess';
import { DockerEngine, type EngineInfo } from './docker';
import type { BuildkitInfo, EngineChoice } from './connection';
import { findEndpoint, type DockerEndpoint } from './endpoint';
import { explainFailure, podmanFailure, type EngineFailure } from './failure';
import { HistoryReader, SessionHistory, type HistoryStore, type RunningVertices } from './history';
import { pastDockerfile } from './pastDockerfile';
import { PodmanAccess } from './podman';
import { buildkitVersion } from './versions';

export type { EngineChoice } from './connection';
export type { EngineFailure } from './failure';

/** Evidence, or why there is none. */
export type EvidenceResult =
  | {
      readonly kind: 'evidence';
      readonly evidence: Evidence;
      /** False while the engine is still writing down a build that just ended: ask again in a moment. */
      readonly settled: boolean;
      readonly network: BuilderNetwork;
    }
  | { readonly kind: 'classic'; readonly evidence: ClassicEvidence; readonly settled: true }
  | { readonly kind: 'buildah'; readonly evidence: BuildahEvidence; readonly settled: true }
  | { readonly kind: 'none'; readonly failure: EngineFailure; readonly builder: BuilderInfo };

/** Names the images that are needed, given what is known of those asked for so far. */
export type ImagesOf = (known: KnownImages) => readonly string[];

/** What a builder says. */
interface BuilderFacts {
  readonly worker: BuildkitInfo;
  readonly records: readonly CacheRecord[];
  readonly builds: readonly PastBuild[];
  readonly settled: boolean;
  readonly running: RunningVertices;
}

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
  private readonly access: BuilderAccess;
  private readonly classic: ClassicAccess;
  private readonly podman: PodmanAccess;
  private chosen: Promise<ChosenBuilder> | undefined;
  private kind: WantedBuilder = 'buildkit';
  private readonly endpoint: DockerEndpoint;
  private readonly session = new SessionHistory();

  constructor(
    private readonly choice: EngineChoice,
    private readonly store: HistoryStore,
    private readonly layers: LayerStore,
  ) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
    this.access = new BuilderAccess(choice, this.endpoint);
    this.classic = new ClassicAccess(choice, this.endpoint);
    this.podman = new PodmanAccess(choice);
  }

  /**
   * Reads what changed since the last call. `imagesOf` names the images that are asked for, given those that are known:
   * an image's own ONBUILD triggers may name more.
   */
  async load(imagesOf: ImagesOf, signal?: AbortSignal): Promise<EvidenceResult> {
    const { endpoint } = this;
    const timeout = AbortSignal.timeout(LOAD_TIMEOUT);
    const limit = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    if ((await this.family()) === 'buildah') return this.loadPodman(imagesOf, limit);
    if (endpoint.host === '') {
      const message = `${endpoint.origin} has no engine address. Choose another one with "docker context use".`;
      return this.none({ code: 'not-found', message });
    }
    let chosen: ChosenBuilder | undefined;
    try {
      chosen = await this.builderKind();
      if (chosen.kind === 'classic') return await this.classic.read(imagesOf, chosen.why);
      return await this.read(imagesOf, limit);
    } catch (error) {
      this.close();
      return this.none(explainFailure(error, endpoint, this.choice.program), chosen);
    }
  }

  private async loadPodman(imagesOf: ImagesOf, signal: AbortSignal): Promise<EvidenceResult> {
    const chosen = await this.builderKind();
    try {
      return await this.podman.read(imagesOf, chosen.why, signal);
    } catch (error) {
      return this.none(podmanFailure(error), chosen);
    }
  }

  /** The family of builder that is meant; where nobody can tell, {@link load} says why. */
  async family(): Promise<WantedBuilder> {
    try {
      return (await this.builderKind()).kind;
    } catch {
      return 'buildkit';
    }
  }

  /** Which builder is meant, and why. Rejects when docker itself would not know. */
  builderKind(): Promise<ChosenBuilder> {
    const { program, builder, env, wanted } = this.choice;
    this.chosen ??= findBuilder({ program, builder, env, wanted }).then((chosen) => {
      this.kind = chosen.kind;
      return chosen;
    });
    return this.chosen;
  }

  /** Is what it builds where the engine's images are? A builder in a container keeps it to itself. */
  get keepsImages(): boolean {
    return this.kind !== 'buildkit' || this.isOwn;
  }

  /** Can it tell when a build ends? Known after the first answer; otherwise the builder has to be asked again. */
  get listens(): boolean {
    return this.kind === 'buildah' || (this.kind === 'buildkit' && this.access.listens);
  }

  /** Are there events, even if they do not tell of each build? */
  get hears(): boolean {
    return this.listens || this.kind === 'classic';
  }

  /** Calls `onFinished` when a build ends anywhere on this engine, until aborted; reconnects are the caller's. */
  async listen(signal: AbortSignal, onFinished: () => void): Promise<void> {
    const access = { classic: this.classic, buildah: this.podman, buildkit: this.access }[this.kind];
    await access.listen(signal, onFinished);
  }

  /**
   * The Dockerfile that a past build was made from, where BuildKit still has its provenance; a sentence says why not.
   * Failed builds have none, and builders whose images are their cache keep none.
   */
  async dockerfileOf(
    ref: string,
    caller: AbortSignal,
  ): Promise<{ readonly text: string } | { readonly reason: string }> {
    if ((await this.family()) !== 'buildkit')
      return { reason: 'This builder does not keep the Dockerfiles that it built from: only BuildKit does.' };
    const { connection, signal } = await this.access.reach(
      AbortSignal.any([caller, AbortSignal.timeout(LOAD_TIMEOUT)]),
    );
    const record = (await connection.history(signal)).find((one) => one.ref === ref);
    if (record === undefined)
      return { reason: 'The engine has forgotten this build; only what it did is remembered, not its Dockerfile.' };
    return pastDockerfile(await connection.provenance(record, signal));
  }

  /** Ends what is under way; the next question connects again. */
  close(): void {
    this.chosen = undefined;
    this.access.close();
  }

  private async read(imagesOf: ImagesOf, signal: AbortSignal): Promise<EvidenceResult> {
    const { endpoint, choice } = this;
    const env = { ...choice.env, ...endpoint.variables };
    const engine = await DockerEngine.connect(endpoint, choice.program, env);
    try {
      return await this.readFrom(engine, imagesOf, signal);
    } finally {
      engine.close();
    }
  }

  private async readFrom(engine: DockerEngine, imagesOf: ImagesOf, signal: AbortSignal): Promise<EvidenceResult> {
    const { endpoint, choice, isOwn } = this;
    const facts = this.readBuilder(engine, signal);
    const [{ worker, records, builds, settled, running }, info, images] = await Promise.all([
      facts,
      this.engineInfo(engine),
      isOwn
        ? this.readImages(engine, imagesOf, () => true)
        : facts.then(({ builds }) => this.readImages(engine, imagesOf, fetchedBy(builds))),
    ]);
    const refs = new BuildRefs(choice.env);
    const located = builds.map((build): PastBuild => {
      const [contextPath, dockerfilePath] = [refs.contextPath(build.ref), refs.dockerfilePath(build.ref)];
      return {
        ...build,
        ...(contextPath === undefined ? {} : { contextPath }),
        ...(dockerfilePath === undefined ? {} : { dockerfilePath }),
      };
    });
    const builder: BuilderInfo = {
      kind: 'buildkit',
      name: endpoint.builder,
      engineVersion: info?.version ?? null,
      // a builder of another driver is another release than the engine's own
      buildkitVersion: buildkitVersion(worker.version, isOwn ? (info?.version ?? '') : ''),
    };
    const here = info !== undefined && this.needsEngine;
    const evidence = indexEvidence(
      {
        builder,
        platform: worker.platform === '' ? 'linux/amd64' : worker.platform,
        // what the engine says of its own store says nothing of a builder with another driver
        store: isOwn && info !== undefined ? info.store : 'containerd',
        builds: located,
        records,
        held: running === 'unknown' ? running : heldVertices(running, records, images),
        images,
        layerBytes: isOwn && info?.store === 'graphdriver' ? await this.layerBytes(engine) : new Map(),
        clockOffset: here ? info.clockOffset : 0,
        clockMargin: here ? info.clockMargin : FOREIGN_CLOCK,
      },
      sha256,
    );
    const network: BuilderNetwork = {
      isHere: isOwn && info !== undefined && !info.isVirtual,
      // what other builders are configured to do nobody tells
      mirrorsHub: !isOwn || info?.mirrorsHub !== false,
      buildkit: builder.buildkitVersion,
    };
    return { kind: 'evidence', evidence, settled, network };
  }

  /** The engine's own BuildKit: its images, its store and its clock count. */
  private get isOwn(): boolean {
    return this.endpoint.driver === 'docker';
  }

  private async readBuilder(engine: DockerEngine, caller: AbortSignal): Promise<BuilderFacts> {
    const { connection, info: worker, signal } = await this.access.reach(caller);
    let { store } = this;
    let id = worker.workerId;
    if (id === '') {
      // commands do not tell which cache this is; an engine has a name for itself, of other builders nothing is kept
      if (this.isOwn) id = `engine ${(await engine.info()).id}`;
      else store = this.session;
    }
    const { builds, settled, running } = await new HistoryReader(connection, store, id).read(signal);
    // after the history: the result of a build that ended meanwhile is then one that nobody explains, not a missing one
    const records = await connection.cacheRecords(signal);
    return { worker, records, builds, settled, running };
  }

  /** Without an engine of its own a builder elsewhere can be asked all the same. */
  private async engineInfo(engine: DockerEngine): Promise<EngineInfo | undefined> {
    try {
      return await engine.info();
    } catch (error) {
      if (this.needsEngine) throw error;
      return undefined;
    }
  }

  private get needsEngine(): boolean {
    return this.isOwn || this.endpoint.driver === 'docker-container';
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

  /**
   * An engine's own images count only for its own BuildKit; other builders fetch theirs from a registry. But what a
   * digest names is the same everywhere: the engine can describe an image that the builder has.
   */
  private async readImages(
    engine: DockerEngine,
    imagesOf: ImagesOf,
    has: (reference: string) => boolean,
  ): Promise<Map<string, ImageInfo | undefined>> {
    const images = new Map<string, ImageInfo | undefined>();
    for (let round = 0; round < IMAGE_ROUNDS; round++) {
      const known: KnownImages = { kind: 'buildkit', image: (reference) => images.get(reference) };
      const missing = imagesOf(known).filter((reference) => !images.has(reference));
      if (missing.length === 0) break;
      const read = async (reference: string): Promise<void> => {
        images.set(reference, has(reference) ? await this.readImage(engine, reference) : undefined);
      };
      await Promise.all(missing.map(read));
    }
    return images;
  }

  private async readImage(engine: DockerEngine, reference: string): Promise<ImageInfo | undefined> {
    try {
      return await engine.image(reference);
    } catch (error) {
      if (this.needsEngine) throw error;
      return undefined;
    }
  }

  private none(failure: EngineFailure, chosen?: ChosenBuilder): EvidenceResult {
    const versions = { engineVersion: null, buildkitVersion: null };
    const builder: BuilderInfo =
      chosen === undefined || chosen.kind === 'buildkit'
        ? { kind: 'none', name: this.endpoint.builder, ...versions }
        : { kind: chosen.kind, name: '', ...versions, chosenBy: chosen.why };
    return { kind: 'none', failure, builder };
  }
}

/** Is a reference pinned to a digest that one of these builds used? */
function fetchedBy(builds: readonly PastBuild[]): (reference: string) => boolean {
  const digests = new Set(builds.flatMap(({ steps }) => steps.flatMap(({ imageDigest }) => imageDigest ?? [])));
  return (reference) => reference.includes('@') && digests.has(reference.slice(reference.indexOf('@') + 1));
}
