import { join } from 'node:path';
import { removeImage } from '../../judge/index.js';
import { docker } from '../traps/baseImages.js';
import type { Scenario } from '../traps/scenario.js';
import { startLoopback } from './loopback.js';

/** The name of a scenario's own image. */
export const IMAGE = '{registry}/{marker}/base:1';

/** A registry on loopback, and what docker pushed to it. */
export class Registry {
  readonly #made = new Set<string>();
  readonly #stop: () => void;
  readonly #port: string;

  private constructor(port: string, stop: () => void) {
    this.#port = port;
    this.#stop = stop;
  }

  /** @throws when it does not start. */
  static async start(): Promise<Registry> {
    const { port, stop } = await startLoopback(join(import.meta.dirname, 'registry.mjs'));
    return new Registry(port, stop);
  }

  /** What takes the place of `{registry}` in the texts of a scenario. */
  get words(): Readonly<Record<string, string>> {
    return { registry: `127.0.0.1:${this.#port}` };
  }

  /** Builds an image and pushes it; the engine keeps it under that name, too. @returns its name with its digest. */
  async publish(scenario: Scenario, lines: readonly string[]): Promise<string> {
    const image = scenario.filled(IMAGE);
    this.#made.add(image);
    scenario.write(
      join('..', 'aside', 'Dockerfile'),
      ['FROM {base}', 'RUN echo {marker} > /made', ...lines].join('\n'),
    );
    await docker('buildx', 'build', '--quiet', '--load', '--tag', image, scenario.aside);
    const pinned = await this.#push(image);
    this.#made.add(pinned);
    return pinned;
  }

  /** Somebody else pushes another image under the same name: the one of this engine stays what it is. */
  async move(scenario: Scenario, lines: readonly string[]): Promise<string> {
    const image = scenario.filled(IMAGE);
    const kept = scenario.filled('{registry}/{marker}/kept:1');
    await docker('tag', image, kept);
    const digest = await this.publish(scenario, lines);
    await docker('image', 'rm', image);
    await docker('tag', kept, image);
    await docker('image', 'rm', kept);
    return digest;
  }

  /** Takes the image from the engine; the registry keeps it. */
  async forget(scenario: Scenario): Promise<void> {
    await docker('image', 'rm', scenario.filled(IMAGE));
  }

  /** Gives the image back to the engine. */
  async pull(scenario: Scenario): Promise<void> {
    await docker('pull', '--quiet', scenario.filled(IMAGE));
  }

  /** Stops it and removes from the engine what was made for it. */
  async close(): Promise<void> {
    for (const image of this.#made) await removeImage(image);
    this.#stop();
  }

  async #push(image: string): Promise<string> {
    const text = await docker('push', image);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(text)?.[1] ?? '';
    return `${image.replace(/:1$/, '')}@${digest}`;
  }
}
