import { findBuilder } from '../engines/builderKind';
import type { ContainerAccess } from './containerAccess';
import { DockerContainers } from './dockerContainers';
import { PodmanContainers } from './podmanContainers';

export interface EngineContainersOptions {
  /** `podman`; `auto`: of the engine that would build, which is Podman where docker is; else Docker's. */
  readonly wanted: string;
  /** Name or path of docker. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The containers of the engine that is meant. */
export async function engineContainers({ wanted, program, env }: EngineContainersOptions): Promise<ContainerAccess> {
  if (wanted === 'podman') return new PodmanContainers(env);
  if (wanted === 'auto') {
    const found = await findBuilder({ program, builder: undefined, env, wanted: undefined }).catch(() => undefined);
    if (found?.kind === 'buildah') return new PodmanContainers(env);
  }
  return new DockerContainers({ program, builder: undefined, env });
}
