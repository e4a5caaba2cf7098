import type { ClassicEvidence } from '../../classic/imageStore';
import { asObject, asText } from '../../llb/decode';
import type { EvidenceResult, ImagesOf } from './loadEvidence';
import { ClassicImages } from './classicImages';
import { commandVersion } from './builderKind';
import type { EngineChoice } from './connection';
import { DockerEngine } from './docker';
import { readDockerConfig, type DockerEndpoint } from './endpoint';

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

  /** Reads what changed since the last call; `chosenBy` is shown. Fails with what the engine or docker said. */
  async read(imagesOf: ImagesOf, chosenBy: string): Promise<Extract<EvidenceResult, { kind: 'classic' }>> {
    const { endpoint, choice } = this;
    const env = { ...choice.env, ...endpoint.variables };
    const asked = this.typeBits ?? this.writesTypeBits(env);
    // it is waited for below; where the engine does not answer nobody wants to know
    asked.catch(() => undefined);
    const engine = await DockerEngine.connectClassic(endpoint, choice.program, env);
    try {
      const info = await engine.info();
      const { named, images } = await this.readImages(engine, info.store, imagesOf);
      const engineVersion = info.version;
      const builder = { kind: 'classic', name: '', engineVersion, buildkitVersion: null, chosenBy } as const;
      const { store, platform, clockOffset, clockMargin } = info;
      const typeBits = await asked;
      this.typeBits = asked;
      const proxies = proxyArguments(env, endpoint.host);
      const seen = { builder, engineId: info.id, platform, store, named, images };
      return {
        ...{ kind: 'classic', settled: true },
        evidence: { ...seen, typeBits, proxies, clockOffset, clockMargin },
      };
    } finally {
      engine.close();
    }
  }

  private readImages(engine: DockerEngine, store: ClassicEvidence['store'], imagesOf: ImagesOf) {
    return this.images.read(engine, store, (known) => imagesOf({ kind: 'classic', config: known }));
  }

  private async writesTypeBits(env: NodeJS.ProcessEnv): Promise<boolean> {
    const version = await commandVersion({ program: this.choice.program, env });
    return version !== undefined && version < WITHOUT_TYPE_BITS;
  }

  /** Calls `onChanged` when an image was named or removed or a RUN ended, until aborted: COPY alone leaves none before 28. */
  async listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    const { endpoint, choice } = this;
    const env = { ...choice.env, ...endpoint.variables };
    // a quiet engine is no dead one: its stream has no time limit
    const engine = await DockerEngine.connect(endpoint, choice.program, env, { timeout: 0 });
    try {
      await engine.events(signal, onChanged);
    } finally {
      engine.close();
    }
  }
}

/** The parts of docker's proxy settings, and the build arguments that they become. */
const PROXIES: Readonly<Record<string, string>> = {
  httpProxy: 'HTTP_PROXY',
  httpsProxy: 'HTTPS_PROXY',
  noProxy: 'NO_PROXY',
  ftpProxy: 'FTP_PROXY',
  allProxy: 'ALL_PROXY',
};

/** Build arguments that docker adds from its own configuration (docker/cli config/configfile ParseProxyConfig). */
export function proxyArguments(env: NodeJS.ProcessEnv, host: string): ReadonlyMap<string, string> {
  const all = asObject(readDockerConfig(env)['proxies']);
  const settings = asObject(all[host] ?? all['default']);
  const values = new Map<string, string>();
  for (const [setting, name] of Object.entries(PROXIES)) {
    const value = asText(settings[setting]);
    if (value !== '') values.set(name, value).set(name.toLowerCase(), value);
  }
  return values;
}
