import { DiskError } from './diskError';
import type { DiskAccess } from './diskAccess';

/** Where Podman's bytes are. */
export class PodmanDisk implements DiskAccess {
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly dataRoot?: string,
  ) {}

  private refuse(): Promise<never> {
    void [this.env, this.dataRoot];
    return Promise.reject(new DiskError('Podman is not measured yet.'));
  }

  measure = (): Promise<never> => this.refuse();
  changes = (): Promise<never> => this.refuse();
  bindMountBytes = (): Promise<never> => this.refuse();
  remove = (): Promise<never> => this.refuse();
  listen = (): Promise<never> => this.refuse();
}
