import { setTimeout as sleep } from 'node:timers/promises';
import { refusalOf, type BuilderChoice } from '../../core/build/command';
import type { StepBytes } from '../../core/build/compareBuild';
import type { BuildOrder, Prediction } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
import type { Analysis } from '../analysis';
import type { AskedEngine } from '../answers';
import type { BuildView, StartedBuild } from '../protocol';
import type { DockerfileSettings } from '../settings';
import { Build, type BuildListener } from './build';
import { engineOf } from './engineOf';
import { failedPlaces, type FailedPlace } from './failure';
import { buildxProgress } from '../../core/node/build/buildxProgress';

/** Builds of this session that are remembered. */
const REMEMBERED = 20;
/** How often, and every how many milliseconds, it is looked whether the engine has written down a build. */
const SETTLING = 20;
const SETTLING_PAUSE = 250;

/** What builds are begun with. */
export interface BuildsHost extends BuildListener {
  readonly env: NodeJS.ProcessEnv;
  /** The open Dockerfile; undefined when it is not open. */
  readonly analysis: (uri: string) => Analysis | undefined;
  readonly isTrusted: () => boolean;
  /** Looks at engine and files again; a build has ended. */
  readonly refresh: () => Promise<void>;
  /** What is wrong with a Dockerfile is another thing now. */
  readonly problemsChanged: (uri: string) => void;
}

/** The builds that were begun here; several may run at once. */
export class BuildsSession {
  private builds: readonly Build[] = [];
  private isDisposed = false;

  constructor(private readonly host: BuildsHost) {}

  /** Begins a build. Fails with a sentence for the user where it cannot be begun. */
  async start(uri: string, order: BuildOrder): Promise<StartedBuild> {
    const analysis = this.host.analysis(uri);
    const engine = await engineFor(analysis, this.host);
    if (typeof engine === 'string') throw new ImageError(engine);
    if (analysis?.settings === undefined) throw new ImageError('The Dockerfile is not open.');
    if (order.dockerfile !== analysis.dockerfile) throw new ImageError('The order is for another Dockerfile.');
    const builder = await builderOf(engine, analysis.settings, this.host.env);
    const prediction = analysis.predictionOf(order, engine);
    if (builder === undefined || prediction === undefined) throw new ImageError('The engine has not answered yet.');
    const cannot = refusalOf(order, builder);
    if (cannot !== undefined) throw new ImageError(cannot);
    if (this.isDisposed) throw new ImageError('The server ends: nothing is built any more.');
    analysis.building(order);
    const { env } = this.host;
    const { units } = analysis.settings;
    const text = analysis.document.getText();
    const build = new Build({ uri, order, builder, env, prediction, text, units, listener: this.host });
    const before = this.builds;
    this.builds = [build, ...before].filter((one, index) => index < REMEMBERED || !one.isOver);
    this.host.problemsChanged(uri);
    try {
      const command = await build.start();
      void build.ended
        .then(() => this.ended(build))
        .catch((error: unknown) => this.host.log(`A build has no sizes: ${String(error)}`));
      return { id: build.id, command };
    } catch (error) {
      this.builds = this.builds.filter((one) => one !== build);
      this.host.problemsChanged(uri);
      throw new ImageError(error instanceof Error ? error.message : String(error));
    }
  }

  get(id: string): Build | undefined {
    return this.builds.find((build) => build.id === id);
  }

  views(): readonly BuildView[] {
    return this.builds.map((build) => build.view());
  }

  /** Where the last build of a Dockerfile failed, on its present lines; nothing where they are others now. */
  failures(analysis: Analysis): readonly FailedPlace[] {
    const build = this.builds.find(({ uri }) => uri === analysis.uri);
    if (build?.live.state !== 'failed') return [];
    return failedPlaces(build, analysis.document.getText(), analysis.current());
  }

  /** Ends all of them. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    await Promise.all(this.builds.filter((build) => !build.isOver).map((build) => build.stop()));
  }

  private async ended(build: Build): Promise<void> {
    this.host.problemsChanged(build.uri);
    await this.host.refresh();
    // an engine writes down what a build did a moment after its end
    for (let round = 0; round < SETTLING && !this.isDisposed; round++) {
      if (this.host.analysis(build.uri)?.isSettled !== false) break;
      await sleep(SETTLING_PAUSE, undefined, { ref: false });
    }
    const analysis = this.isDisposed ? undefined : this.host.analysis(build.uri);
    const engine = analysis?.askedEngine;
    // what is on the screen may be for other arguments; the cache has what was built without it
    const after = engine && analysis.predictionOf({ ...build.order, cache: 'all' }, engine);
    if (after !== undefined) build.measured(sizesOf(build.prediction, after));
  }
}

/** The engine that a Dockerfile can be built with now, or in a sentence why it cannot. */
export async function engineFor(
  analysis: Analysis | undefined,
  { isTrusted, env }: Pick<BuildsHost, 'isTrusted' | 'env'>,
): Promise<AskedEngine | string> {
  if (analysis === undefined) return 'The Dockerfile is not open.';
  if (!isTrusted()) return 'This workspace is not trusted: nothing is built.';
  await analysis.whenReady();
  if (analysis.settings?.engineKind === 'none') return 'No engine is asked (layerInsight.engine.kind).';
  const engine = await engineOf(analysis, env);
  if (engine === undefined) return 'No engine has answered: nothing can be built.';
  return engine.result.kind === 'none' ? engine.result.failure.message : engine;
}

/** The builder that a Dockerfile is built with; undefined where none answers. */
async function builderOf(
  { result, keepsImages }: AskedEngine,
  { dockerPath, builder: named }: DockerfileSettings,
  env: NodeJS.ProcessEnv,
): Promise<BuilderChoice | undefined> {
  const builder = named === '' ? undefined : named;
  switch (result.kind) {
    case 'none':
      return undefined;
    case 'evidence':
      return {
        ...{ kind: 'buildkit', program: dockerPath, builder, env },
        driver: keepsImages ? undefined : 'another',
        progress: await buildxProgress(dockerPath, env),
      };
    case 'classic':
      return { kind: 'classic', program: dockerPath, env };
    case 'buildah':
      return { kind: 'buildah', program: 'podman', env };
  }
}

/** Sizes after the build beside those before; only what was measured or is exact, and belongs to the same instruction. */
function sizesOf(before: Prediction, after: Prediction): (index: number) => StepBytes {
  const known = (prediction: Prediction, index: number): number | undefined => {
    const step = prediction.steps[index];
    if (step === undefined || step.text !== before.steps[index]?.text) return undefined;
    const { bytes, basis } = step.size;
    return basis === 'exact' || basis === 'measured' ? (bytes ?? undefined) : undefined;
  };
  return (index) => ({ bytes: known(after, index), lastBytes: known(before, index) });
}
