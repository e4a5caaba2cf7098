import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Delayed } from '../../../client/delayed';

describe('work that waits for a pause', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** Asks every 100 ms for so many milliseconds. */
  function askFor(milliseconds: number, delayed: Delayed): void {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      delayed.soon();
      vi.advanceTimersByTime(100);
    }
  }

  it('is done once, after the pause', () => {
    const run = vi.fn();
    const delayed = new Delayed(200, run);
    askFor(5000, delayed);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is done now and then where there is no pause, and not again after the last time', () => {
    const run = vi.fn();
    const delayed = new Delayed(200, run, 2000);
    askFor(6500, delayed);
    expect(run).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(100);
    expect(run).toHaveBeenCalledTimes(4);
    vi.advanceTimersByTime(5000);
    expect(run).toHaveBeenCalledTimes(4);
  });

  it('is not done after the end', () => {
    const run = vi.fn();
    const delayed = new Delayed(200, run);
    delayed.soon();
    delayed.dispose();
    vi.advanceTimersByTime(5000);
    expect(run).not.toHaveBeenCalled();
  });
});
