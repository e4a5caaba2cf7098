import { isLoopback } from './http';

/** How the network looks from where the builder is, as far as that differs from here. */
export interface BuilderNetwork {
  /** The builder is on this machine, so that 127.0.0.1 is the same for both. */
  readonly isHere: boolean;
  /** The builder asks a mirror instead of Docker Hub, or may do so. */
  readonly mirrorsHub: boolean;
  /** BuildKit's release: servers may answer by it. */
  readonly buildkit: string | null;
}

/** Why what a host answers here says nothing of what it answers the builder; undefined when it does. */
export function unlike(host: string, { isHere, mirrorsHub }: BuilderNetwork): string | undefined {
  if (isLoopback(host.replace(/:\d+$/, '')) && !isHere) return `${host} is another machine for the builder`;
  if (host === 'docker.io' && mirrorsHub) return 'the builder may ask a mirror of Docker Hub';
  return undefined;
}
