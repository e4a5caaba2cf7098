import type { Disposable } from './disposables';

/**
 * Runs something once after a pause: asked again meanwhile, it waits again, but in a series without pauses not longer
 * than `latest` after the first time.
 */
export class Delayed implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private due: number | undefined;

  constructor(
    private readonly milliseconds: number,
    private readonly run: () => void,
    private readonly latest = Infinity,
  ) {}

  soon(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    this.due ??= now + this.latest;
    this.timer = setTimeout(
      () => {
        this.due = undefined;
        this.run();
      },
      Math.max(0, Math.min(this.milliseconds, this.due - now)),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
