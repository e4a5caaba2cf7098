import { makersKey, type OpenDockerfile } from './makers';

/** Milliseconds without a change of an open Dockerfile before it is looked whether its instructions are others. */
const PAUSE = 300;

/** Tells when rows of images may be made by other instructions: a Dockerfile was opened, closed, or has other lines. */
export class MakersNews {
  private timer: NodeJS.Timeout | undefined;
  private key = makersKey([]);

  constructor(
    private readonly dockerfiles: () => readonly OpenDockerfile[],
    private readonly tell: () => void,
  ) {}

  /** Something about an open Dockerfile changed. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const key = makersKey(this.dockerfiles());
      if (key === this.key) return;
      this.key = key;
      this.tell();
    }, PAUSE);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
