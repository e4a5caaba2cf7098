import type { BuilderInfo } from './prediction';

/** A builder that is not BuildKit, in words: `classic builder of Docker 28.5.2 (DOCKER_BUILDKIT=0)`. */
export function otherBuilderText({ kind, engineVersion, chosenBy }: BuilderInfo): string | undefined {
  if (kind !== 'classic' && kind !== 'buildah') return undefined;
  const engine = `${kind === 'classic' ? 'Docker' : 'Podman'}${engineVersion === null ? '' : ` ${engineVersion}`}`;
  const builder = kind === 'classic' ? `classic builder of ${engine}` : `Buildah of ${engine}`;
  return chosenBy === undefined ? builder : `${builder} (${chosenBy})`;
}
