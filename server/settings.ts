import type { ByteUnits } from '../core/model';
import { DEFAULT_CACHE_MEGABYTES } from '../core/node/image/indexStore';
import type { Connection } from 'vscode-languageserver';

/** The settings of one Dockerfile; names as in the manifest, without the prefix. */
export interface DockerfileSettings {
  readonly hintsEnabled: boolean;
  readonly hintDensity: HintDensity;
  readonly units: ByteUnits;
  readonly engineKind: 'auto' | 'docker' | 'podman' | 'none';
  /** Program name or path. */
  readonly dockerPath: string;
  /** Empty: the one that buildx would use. */
  readonly builder: string;
  /** Folder of the build context; relative to the workspace folder; empty: found out. */
  readonly context: string;
  readonly target: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Builds are made with `--pull`. */
  readonly pull: boolean;
  /** Registries, git and web servers may be asked. */
  readonly networkLookups: boolean;
  readonly adviceEnabled: boolean;
  /** Bytes below which nothing is advised, in megabytes. */
  readonly adviceMinMegabytes: number;
  /** How many megabytes may be kept of past builds. */
  readonly ledgerMegabytes: number;
  /** How many megabytes the lists of files in layers may take on disk. */
  readonly imageCacheMegabytes: number;
}

/** What hints say: what matters, everything, or only what is not cached. */
export type HintDensity = 'smart' | 'all' | 'problems';

const DEFAULTS: DockerfileSettings = {
  hintsEnabled: true,
  hintDensity: 'smart',
  units: 'si',
  engineKind: 'auto',
  dockerPath: 'docker',
  builder: '',
  context: '',
  target: '',
  buildArgs: new Map(),
  pull: false,
  networkLookups: false,
  adviceEnabled: true,
  adviceMinMegabytes: 1,
  ledgerMegabytes: 50,
  imageCacheMegabytes: DEFAULT_CACHE_MEGABYTES,
};

/** Pulls settings from the client and keeps them until they change. */
export class Settings {
  canPull = false;
  private readonly known = new Map<string, Promise<DockerfileSettings>>();

  constructor(private readonly connection: Connection) {}

  /** The settings that hold for a document. Never rejects: what cannot be read has its default. */
  of(uri: string): Promise<DockerfileSettings> {
    let settings = this.known.get(uri);
    if (settings === undefined) {
      settings = this.pull(uri);
      this.known.set(uri, settings);
    }
    return settings;
  }

  forget(): void {
    this.known.clear();
  }

  private async pull(uri: string): Promise<DockerfileSettings> {
    if (!this.canPull) return DEFAULTS;
    try {
      return readSettings(await this.connection.workspace.getConfiguration({ scopeUri: uri, section: 'layerInsight' }));
    } catch {
      return DEFAULTS;
    }
  }
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function text(value: unknown, missing = ''): string {
  return typeof value === 'string' && value !== '' ? value : missing;
}

/** Reads the section `layerInsight`; what has the wrong type has its default. */
export function readSettings(section: unknown): DockerfileSettings {
  const all = object(section);
  const engine = object(all['engine']);
  const prediction = object(all['prediction']);
  const kind = engine['kind'];
  const { enabled, density } = object(all['hints']);
  const { maxSize } = object(all['ledger']);
  const advice = object(all['advice']);
  const { minSize } = advice;
  const { cacheLimit } = object(all['images']);
  return {
    hintsEnabled: enabled !== false,
    hintDensity: density === 'all' || density === 'problems' ? density : 'smart',
    units: all['units'] === 'iec' ? 'iec' : 'si',
    engineKind: kind === 'docker' || kind === 'podman' || kind === 'none' ? kind : 'auto',
    dockerPath: text(engine['dockerPath'], DEFAULTS.dockerPath),
    builder: text(engine['builder']),
    context: text(prediction['context']),
    target: text(prediction['target']),
    buildArgs: new Map(
      Object.entries(object(prediction['buildArgs'])).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
      ),
    ),
    pull: prediction['pull'] === true,
    networkLookups: object(all['network'])['lookups'] === true,
    adviceEnabled: advice['enabled'] !== false,
    adviceMinMegabytes: typeof minSize === 'number' && minSize >= 0 ? minSize : DEFAULTS.adviceMinMegabytes,
    ledgerMegabytes: typeof maxSize === 'number' && maxSize >= 0 ? maxSize : DEFAULTS.ledgerMegabytes,
    imageCacheMegabytes: typeof cacheLimit === 'number' && cacheLimit >= 0 ? cacheLimit : DEFAULTS.imageCacheMegabytes,
  };
}
