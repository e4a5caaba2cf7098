import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuilderAccess } from '../../../core/node/engines/builderAccess';
import { findEndpoint } from '../../../core/node/engines/endpoint';
import { EngineProxy } from '../../host/engineProxy';

const ADDRESS = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
const isThere = process.env['LAYER_INSIGHT_REQUIRE_ENGINE'] === '1' && ADDRESS.startsWith('unix://');

describe.skipIf(!isThere)('an engine that goes away while nobody asks it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-gone-'));
  const socket = join(folder, 'docker.sock');
  const proxy = new EngineProxy(socket, ADDRESS.replace('unix://', ''));
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
  const access = new BuilderAccess({ program: 'docker', builder: undefined, env }, findEndpoint(env, undefined));
  const stop = new AbortController();

  beforeAll(() => proxy.start());
  afterAll(async () => {
    stop.abort();
    access.close();
    await proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is noticed by whoever listens to it, and not before it goes', async () => {
    await access.reach(stop.signal);
    let hasEnded = false;
    const listening = access
      .listen(stop.signal, () => undefined)
      .catch((error: unknown) => error)
      .finally(() => (hasEnded = true));
    // longer than the pause between two questions whether it is there
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(hasEnded).toBe(false);
    await proxy.stop();
    expect(await listening).toBeInstanceOf(Error);
  }, 30_000);

  it('is listened to again once it is back, until that is given up', async () => {
    access.close();
    await proxy.start();
    await access.reach(stop.signal);
    const listening = access.listen(stop.signal, () => undefined).catch(() => 'given up');
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
    expect(await listening).toBe('given up');
  }, 30_000);
});
