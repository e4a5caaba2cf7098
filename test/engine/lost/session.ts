import { expect, it } from 'vitest';
import type { Step } from '../traps/lines.js';
import { Scenario, type Shared } from '../traps/scenario.js';

/** A test with a scenario of its own, which is removed at the end. */
export function session(shared: () => Shared, title: string, play: (scenario: Scenario) => Promise<void>): void {
  it(title, async () => {
    const scenario = new Scenario(shared());
    try {
      await play(scenario);
    } finally {
      scenario.remove();
    }
  });
}

/** Builds, and then looks, as an editor does when a build ended. */
export async function buildAndLook(scenario: Scenario, steps: readonly Step[]): Promise<void> {
  await buildUnseen(scenario, steps);
  await scenario.predict(steps);
}

/** Builds without us. */
export async function buildUnseen(scenario: Scenario, steps: readonly Step[]): Promise<void> {
  const report = await scenario.build(steps);
  expect(report.succeeded, report.error).toBe(true);
}
