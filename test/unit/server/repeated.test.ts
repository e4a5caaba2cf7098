import { describe, expect, it } from 'vitest';
import { Repeated } from '../../../server/repeated';

/** Work that ends when the test says so. */
function work(): { runs: (() => void)[]; repeated: Repeated } {
  const runs: (() => void)[] = [];
  const repeated = new Repeated(
    () =>
      new Promise((resolve) => {
        runs.push(resolve);
      }),
  );
  return { runs, repeated };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('work that is asked for again and again', () => {
  it('runs once at a time, and once more for all who asked meanwhile', async () => {
    const { runs, repeated } = work();
    const ended: string[] = [];
    for (const name of ['first', 'second', 'third']) void repeated.run().then(() => ended.push(name));
    expect(runs).toHaveLength(1);
    runs[0]?.();
    await turn();
    expect([runs.length, ended]).toEqual([2, ['first']]);
    runs[1]?.();
    await turn();
    expect([runs.length, ended]).toEqual([2, ['first', 'second', 'third']]);
  });

  it('runs again for who asks during the second run', async () => {
    const { runs, repeated } = work();
    void repeated.run();
    void repeated.run();
    runs[0]?.();
    await turn();
    void repeated.run();
    runs[1]?.();
    await turn();
    expect(runs).toHaveLength(3);
  });

  it('starts at once after a rest', async () => {
    const { runs, repeated } = work();
    void repeated.run();
    runs[0]?.();
    await turn();
    void repeated.run();
    expect(runs).toHaveLength(2);
  });

  it('is settled when the last run ended', async () => {
    const { runs, repeated } = work();
    await repeated.settled();
    void repeated.run();
    void repeated.run();
    let settled = false;
    void repeated.settled().then(() => (settled = true));
    runs[0]?.();
    await turn();
    expect(settled).toBe(false);
    runs[1]?.();
    await turn();
    expect(settled).toBe(true);
  });
});
