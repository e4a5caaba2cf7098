import type { ClassicEvidence } from '../../classic/imageStore';
import type { EvidenceResult, ImagesOf } from './loadEvidence';
import { ClassicImages } from './classicImages';
import { runCommand } from './command';
import type { EngineChoice } from './connection';
import { DockerEngine } from './docker';
import type { DockerEndpoint } from './endpoint';

/** Milliseconds that the docker command may take to say its version. */
const VERSION_TIMEOUT = 5000;
/** The first release of the command line that leaves the kind of a file out of its mode. */
const WITHOUT_TYPE_BITS = 24;

/** What the classic builder of an engine keeps. */
export class ClassicAccess {
  private readonly images = new ClassicImages();
  private typeBits: Promise<boolean> | undefined;

  constructor(
    private readonly choice: EngineChoice,
    private readonly endpoint: DockerEndpoint,
  ) {}

  /** Reads what changed since the last call. Fails with what the engine or docker said. */
  async read(imagesOf: ImagesOf): Promise<Extract<EvidenceResult, { kind: 'classic' }>> {
    const { endpoint, choice } = this;
    const env = { ...choice.env, ...endpoint.variables };
    this.typeBits ??= this.writesTypeBits(env);
    const engine = await DockerEngine.connectClassic(endpoint, choice.program, env);
    try {
      const info = await engine.info();
      const { named, images } = await this.readImages(engine, info.store, imagesOf);
      const builder = { kind: 'classic', name: '', engineVersion: info.version, buildkitVersion: null } as const;
      const { store, platform, clockOffset, clockMargin } = info;
      const typeBits = await this.typeBits;
      return {
        ...{ kind: 'classic', settled: true },
        evidence: { builder, platform, store, named, images, typeBits, clockOffset, clockMargin },
      };
    } finally {
      engine.close();
    }
  }

  private readImages(engine: DockerEngine, store: ClassicEvidence['store'], imagesOf: ImagesOf) {
    return this.images.read(engine, store, (known) => imagesOf({ kind: 'classic', config: known }));
  }

  private async writesTypeBits(env: NodeJS.ProcessEnv): Promise<boolean> {
    const said = await runCommand({
      ...{ program: this.choice.program, args: ['--version'], env, patience: VERSION_TIMEOUT },
      signal: new AbortController().signal,
    });
    const [, major] = /version (\d+)/.exec(said) ?? [];
    return major !== undefined && Number(major) < WITHOUT_TYPE_BITS;
  }

  /** Calls `onChanged` when an image was named or removed or a RUN ended, until aborted: COPY alone leaves no event. */
  async listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    const { endpoint, choice } = this;
    const env = { ...choice.env, ...endpoint.variables };
    const engine = await DockerEngine.connect(endpoint, choice.program, env);
    try {
      await engine.events(signal, onChanged);
    } finally {
      engine.close();
    }
  }
}
