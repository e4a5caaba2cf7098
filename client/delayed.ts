import type { Disposable } from './disposables';

/** Runs something once after a pause: asked again meanwhile, it waits again. */
export class Delayed implements Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly milliseconds: number,
    private readonly run: () => void,
  ) {}

  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.run, this.milliseconds);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
