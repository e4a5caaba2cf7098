import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, vi } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from '../ownEngine.js';
import { docker } from '../traps/baseImages.js';
import { hit, miss, type Step } from '../traps/lines.js';
import { Scenario } from '../traps/scenario.js';
import { verify } from '../traps/verify.js';
import { buildAndLook } from './session.js';

if (noOwnEngine !== undefined) console.warn(`skipped: two engines: ${noOwnEngine}`);

/** Two engines with a docker context each; what one did says nothing of the other. */
describe.skipIf(noOwnEngine !== undefined)('two engines', { timeout: 120_000 }, () => {
  const engines: OwnEngine[] = [];
  let base = '';
  let state = '';
  let scenario: Scenario;

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'li-two-'));
    const hosts: string[] = [];
    for (let count = 0; count < 2; count++) {
      engines.push(await startOwnEngine());
      base = await ensureBaseImage();
      hosts.push(process.env['DOCKER_HOST'] ?? '');
    }
    const [first = '', second = ''] = hosts;
    await docker('context', 'create', 'first', '--docker', `host=${first}`);
    await docker('context', 'create', 'second', '--docker', `host=${second}`);
  });
  afterAll(async () => {
    for (const engine of engines.reverse()) await engine.stop();
    rmSync(state, { recursive: true, force: true });
  });
  beforeEach(() => {
    vi.stubEnv('DOCKER_HOST', undefined);
    scenario = new Scenario({ base, state });
  });
  afterEach(() => {
    scenario.remove();
    vi.unstubAllEnvs();
  });

  const steps = (expected: (text: string) => Step): readonly Step[] => [
    'FROM {base}',
    expected('RUN : {marker}'),
    expected('COPY a.txt /a'),
  ];

  it('DOCKER_CONTEXT chooses one: only what that one did counts', async () => {
    vi.stubEnv('DOCKER_CONTEXT', 'first');
    await buildAndLook(scenario, steps(hit));
    vi.stubEnv('DOCKER_CONTEXT', 'second');
    await verify(scenario, steps(miss));
    await scenario.predict(steps(hit));
    await docker('buildx', 'prune', '--all', '--force');
    vi.stubEnv('DOCKER_CONTEXT', 'first');
    await verify(scenario, steps(hit));
    vi.stubEnv('DOCKER_CONTEXT', 'second');
    await verify(scenario, steps(miss));
  });
  it('"docker context use" changes it', async () => {
    await docker('context', 'use', 'first');
    await buildAndLook(scenario, steps(hit));
    await docker('context', 'use', 'second');
    await verify(scenario, steps(miss));
    await docker('context', 'use', 'first');
    await verify(scenario, steps(hit));
    await docker('context', 'use', 'default');
  });
  it('--builder and BUILDX_BUILDER name it', async () => {
    // buildx takes a context's own builder only while that context is in use
    vi.stubEnv('DOCKER_CONTEXT', 'first');
    await buildAndLook(scenario, steps(hit));
    await verify(scenario, steps(hit), { asked: { options: ['--builder', 'first'] } });
    vi.stubEnv('DOCKER_CONTEXT', 'second');
    await verify(scenario, steps(miss), { asked: { options: ['--builder', 'second'] } });
    vi.stubEnv('BUILDX_BUILDER', 'second');
    await verify(scenario, steps(hit));
  });
});
