import type { ImageStoreAccess } from '../image/engineImage';
import { findBuilder } from './builderKind';
import { DockerImages } from './dockerImages';
import type { ImageLister } from './imageList';
import { PodmanImages } from './podmanImages';

/** An engine's images. */
export type EngineImages = ImageStoreAccess & ImageLister;

/**
 * The images of the engine that is meant.
 *
 * @param wanted `podman`; `auto`: of the engine that would build, which is Podman where docker is; else Docker's.
 * @param program name or path of docker
 */
export async function engineImages(wanted: string, program: string, env: NodeJS.ProcessEnv): Promise<EngineImages> {
  if (wanted === 'podman') return new PodmanImages(env);
  if (wanted === 'auto') {
    const found = await findBuilder({ program, builder: undefined, env, wanted: undefined }).catch(() => undefined);
    if (found?.kind === 'buildah') return new PodmanImages(env);
  }
  return new DockerImages({ program, builder: undefined, env });
}
