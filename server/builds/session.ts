import { refusalOf, type BuilderChoice } from '../../core/build/command';
import type { StepBytes } from '../../core/build/compareBuild';
import type { BuildOrder, BuildStep, Prediction } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
import type { Analysis } from '../analysis';
import type { BuildView, StartedBuild } from '../protocol';
import { Build, type BuildListener } from './build';

/** Builds of this session that are remembered. */
const REMEMBERED = 20;

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

  constructor(private readonly host: BuildsHost) {}

  /** Begins a build. Fails with a sentence for the user where it cannot be begun. */
  async start(uri: string, order: BuildOrder): Promise<StartedBuild> {
    const analysis = this.host.analysis(uri);
    const refusal = await whyNot(analysis, this.host.isTrusted());
    if (analysis === undefined || refusal !== '') throw new ImageError(refusal);
    const builder = builderOf(analysis, this.host.env);
    const prediction = analysis.predictionOf(order);
    if (builder === undefined || prediction === undefined) throw new ImageError('The engine has not answered yet.');
    const cannot = refusalOf(order, builder);
    if (cannot !== undefined) throw new ImageError(cannot);
    const { env } = this.host;
    const { units = 'si' } = analysis.settings ?? {};
    const text = analysis.document.getText();
    const build = new Build({ uri, order, builder, env, prediction, text, units, listener: this.host });
    let command: string;
    try {
      command = await build.start();
    } catch (error) {
      throw new ImageError(error instanceof Error ? error.message : String(error));
    }
    this.builds = [build, ...this.builds].filter((one, index) => index < REMEMBERED || !one.isOver);
    this.host.problemsChanged(uri);
    void build.ended.then(() => this.ended(build));
    return { id: build.id, command };
  }

  get(id: string): Build | undefined {
    return this.builds.find((build) => build.id === id);
  }

  views(): readonly BuildView[] {
    return this.builds.map((build) => build.view());
  }

  /** The steps at which the last build of a Dockerfile failed, as long as they are as they were. */
  failures(uri: string, now: Prediction | undefined): readonly BuildStep[] {
    const build = this.builds.find((one) => one.uri === uri);
    if (build === undefined) return [];
    const same = (step: BuildStep): boolean =>
      now === undefined || now.steps.some(({ line, text }) => line.start === step.line.start && text === step.text);
    return build.live.steps.filter((step) => step.state === 'failed' && same(step));
  }

  /** Ends all of them. */
  async dispose(): Promise<void> {
    await Promise.all(this.builds.filter((build) => !build.isOver).map((build) => build.stop()));
  }

  private async ended(build: Build): Promise<void> {
    this.host.problemsChanged(build.uri);
    await this.host.refresh();
    const after = this.host.analysis(build.uri)?.current();
    if (after !== undefined) build.measured(sizesOf(build.prediction, after));
  }
}

/** Why a Dockerfile cannot be built now; empty: it can. */
export async function whyNot(analysis: Analysis | undefined, isTrusted: boolean): Promise<string> {
  if (analysis === undefined) return 'The Dockerfile is not open.';
  if (!isTrusted) return 'This workspace is not trusted: nothing is built.';
  await analysis.whenReady();
  if (analysis.settings?.engineKind === 'none') return 'No engine is asked (layerInsight.engine.kind).';
  const result = analysis.engineResult;
  if (result === undefined)
    return 'No engine has answered: nothing can be built. A comparison with a commit asks none.';
  return result.kind === 'none' ? result.failure.message : '';
}

/** The builder that a Dockerfile is built with; undefined as long as none has answered. */
function builderOf(
  { engineResult, settings, keepsImages }: Analysis,
  env: NodeJS.ProcessEnv,
): BuilderChoice | undefined {
  if (engineResult === undefined || engineResult.kind === 'none' || settings === undefined) return undefined;
  const builder = settings.builder === '' ? undefined : settings.builder;
  switch (engineResult.kind) {
    case 'evidence':
      return {
        ...{ kind: 'buildkit', program: settings.dockerPath, builder, env },
        driver: keepsImages === false ? 'another' : undefined,
      };
    case 'classic':
      return { kind: 'classic', program: settings.dockerPath, env };
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
