import { afterAll, beforeAll, it, type TestContext } from 'vitest';
import type { Step } from '../traps/lines.js';
import { Scenario, type Asked, type Shared } from '../traps/scenario.js';
import { verify } from '../traps/verify.js';
import { Registry } from './images.js';

type Play = (steps: readonly Step[], ...options: readonly string[]) => Promise<void>;

/** What a test of this group has at hand. */
export interface Played {
  readonly scenario: Scenario;
  readonly registry: Registry;
  /** Builds, and then looks, as an editor does when a build ended. */
  readonly build: Play;
  /** Predicts, builds, and compares with what the steps say. */
  readonly check: Play;
  /** The same by a predictor that may ask the network. */
  readonly checkAsking: Play;
}

export type RegistryTest = (title: string, play: (played: Played) => Promise<void>) => void;

/** Tests on a registry that the engine reaches by 127.0.0.1; skipped when it reaches no server of this machine. */
export function withRegistry(shared: () => Shared): RegistryTest {
  let registry: Registry | undefined;
  let reached = false;
  beforeAll(async () => {
    registry = await Registry.start();
    const scenario = new Scenario({ ...shared(), words: registry.words });
    reached = await registry.publish(scenario, []).then(
      () => true,
      () => false,
    );
    scenario.remove();
  });
  afterAll(() => registry?.close());

  const play = async (context: TestContext, test: (played: Played) => Promise<void>): Promise<void> => {
    if (!reached || registry === undefined) return context.skip('the engine does not reach 127.0.0.1 of this machine');
    const scenario = new Scenario({ ...shared(), words: registry.words });
    const asked = (options: readonly string[]): Asked => ({ options });
    try {
      await test({
        ...{ scenario, registry },
        async build(steps, ...options) {
          await verifyBuilt(scenario, steps, asked(options));
          await scenario.predict(steps, asked(options));
        },
        async check(steps, ...options) {
          await verify(scenario, steps, { asked: asked(options) });
        },
        async checkAsking(steps, ...options) {
          await verify(scenario, steps, { asked: { ...asked(options), network: true } });
        },
      });
    } finally {
      scenario.remove();
    }
  };
  return (title, test) => {
    it(title, (context) => play(context, test));
  };
}

async function verifyBuilt(scenario: Scenario, steps: readonly Step[], asked: Asked): Promise<void> {
  const report = await scenario.build(steps, asked);
  if (!report.succeeded) throw new Error(report.error);
}
