import { findBuilder } from '../engines/builderKind';
import type { DiskAccess } from './diskAccess';
import { DockerDisk } from './dockerDisk';
import { PodmanDisk } from './podmanDisk';

export interface EngineDiskOptions {
  /** `podman`; `auto`: of the engine that would build, which is Podman where docker is; else Docker's. */
  readonly wanted: string;
  /** Name or path of docker. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where the engine's data root is on this machine; undefined: it is looked for. */
  readonly dataRoot?: string | undefined;
}

/** The disk usage of the engine that is meant. */
export async function engineDisk({ wanted, program, env, dataRoot }: EngineDiskOptions): Promise<DiskAccess> {
  if (wanted === 'podman') return new PodmanDisk(env, dataRoot);
  if (wanted === 'auto') {
    const found = await findBuilder({ program, builder: undefined, env, wanted: undefined }).catch(() => undefined);
    if (found?.kind === 'buildah') return new PodmanDisk(env, dataRoot);
  }
  return new DockerDisk({ program, builder: undefined, env }, dataRoot);
}
