import type { ContainerView } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
import type { ContainerAccess } from '../../core/node/run/containerAccess';
import { engineContainers, type EngineContainersOptions } from '../../core/node/run/engineContainers';
import type { ContainerEngine } from '../protocol';
import type { DockerfileSettings } from '../settings';

/** Opens the engine that the settings mean. */
export type OpenContainers = (options: EngineContainersOptions) => Promise<ContainerAccess>;

/** What answers about containers are made from. */
export interface ContainersHost {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: () => Promise<DockerfileSettings>;
  readonly isTrusted: () => boolean;
  readonly open?: OpenContainers | undefined;
}

/**
 * The engines whose containers are meant: that of the settings, and another one on which an image was run that had been
 * built there.
 */
export class ContainerEngines {
  private readonly others = new Set<ContainerEngine>();
  /** The containers of the others. */
  private readonly owners = new Map<string, ContainerEngine>();

  constructor(private readonly host: ContainersHost) {}

  /** The engine that is named, else that of the settings. Fails with a sentence where none is asked. */
  async of(engine?: ContainerEngine): Promise<ContainerAccess> {
    const { engineKind, dockerPath } = await this.allowed();
    return (this.host.open ?? engineContainers)({
      ...{ wanted: engine ?? engineKind, program: dockerPath, env: this.host.env },
    });
  }

  /** The same, on which something is run now. */
  async toRun(engine?: ContainerEngine): Promise<ContainerAccess> {
    const { engineKind } = await this.allowed();
    const isUsual = engine === undefined || engine === engineKind || (engine === 'docker' && engineKind === 'auto');
    if (!isUsual) this.others.add(engine);
    return this.of(engine);
  }

  /** The engine that has a container. */
  ofContainer(id: string): Promise<ContainerAccess> {
    return this.of(this.owners.get(id));
  }

  /** A container that was run just now; `engine` as it was named. */
  made(id: string, engine?: ContainerEngine): void {
    if (engine !== undefined && this.others.has(engine)) this.owners.set(id, engine);
  }

  /** The containers of all of them, or those of an image, each once. */
  async list(image: string | undefined, signal: AbortSignal): Promise<readonly ContainerView[]> {
    const usual = this.of().then((engine) => engine.containers(image, signal));
    if (this.others.size === 0) return usual;
    const all = new Map<string, ContainerView>();
    for (const engine of this.others) {
      // an image of one engine need not be on another
      const own = await (await this.of(engine)).containers(image, signal).catch(() => []);
      for (const one of own) {
        this.owners.set(one.id, engine);
        all.set(one.id, one);
      }
    }
    for (const one of await usual.catch(() => [])) if (!all.has(one.id)) all.set(one.id, one);
    return [...all.values()].sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'));
  }

  private async allowed(): Promise<DockerfileSettings> {
    const { isTrusted, settings } = this.host;
    if (!isTrusted()) throw new ImageError('This workspace is not trusted: no engine is asked.');
    const found = await settings();
    if (found.engineKind === 'none') throw new ImageError('No engine is asked (layerInsight.engine.kind).');
    return found;
  }
}
