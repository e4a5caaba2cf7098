import type { BuilderEvent } from './events';

/** Follows a builder that executes one step after the other and says when the next one begins. */
export class NumberedSteps {
  private current: number | undefined;
  private wasCached = false;
  private wasFailed = false;

  /** Index of the step under way. */
  get running(): number | undefined {
    return this.current;
  }

  /** The next step begins, and with it the one before has ended. */
  begin(step: number | undefined): readonly BuilderEvent[] {
    const before = this.close();
    this.current = step;
    return step === undefined ? before : [...before, { kind: 'running', step }];
  }

  /** The step under way was found in the cache. */
  cached(): void {
    this.wasCached = true;
  }

  /** The step under way failed. */
  fail(error: string): readonly BuilderEvent[] {
    const { current } = this;
    this.wasFailed = true;
    return current === undefined ? [] : [{ kind: 'failed', step: current, error, durationMs: null }];
  }

  /** The step under way has ended well. */
  close(): readonly BuilderEvent[] {
    const { current, wasCached, wasFailed } = this;
    this.current = undefined;
    this.wasCached = false;
    this.wasFailed = false;
    if (current === undefined || wasFailed) return [];
    return [{ kind: 'ended', step: current, how: wasCached ? 'cached' : 'done', durationMs: null }];
  }
}
