import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { cannotStartEngine } from '../hosts/engine.mjs';
import { hostsFolder, root } from '../hosts/paths.mjs';
import { run } from '../judge/run.js';
import { expectNoFindings, realBuilder, runCases } from './differential.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const BUILDS = Number(process.env['LAYER_INSIGHT_CONTAINERD_BUILDS'] ?? 24);
const SHRINK_MS = 60_000;
const seed = process.env['LAYER_INSIGHT_SEED'] ?? `fresh-${randomUUID()}`;
const SCRIPT = join(root, 'test/hosts/engine.sh');

/** Only where the suites have installed an engine before: then another one is up in two seconds. */
function whyNot(): string | undefined {
  const cannot = cannotStartEngine();
  if (cannot !== undefined) return cannot;
  const installed = existsSync(join(hostsFolder(), 'engine-root/.complete'));
  return installed ? undefined : 'no engine of our own is installed (test/hosts/engine.sh install)';
}

const reason = whyNot();
if (reason !== undefined) console.warn(`skipped: the containerd image store: ${reason}`);

describe.skipIf(reason !== undefined)('predictions on an engine with the containerd image store', () => {
  const parent = mkdtempSync(join('/tmp', 'li-containerd-'));
  const folder = join(parent, `e${randomUUID().slice(0, 8)}`);
  const before = { ...process.env };
  let baseImage = '';

  beforeAll(async () => {
    const store = ['--feature', 'containerd-snapshotter=true'];
    const up = await run('bash', [SCRIPT, 'up', folder, ...store], { timeoutMs: 60_000 });
    expect(up.code, up.stderr).toBe(0);
    process.env['DOCKER_HOST'] = `unix://${folder}/docker.sock`;
    process.env['DOCKER_CONFIG'] = join(folder, 'config');
    process.env['PATH'] = `${join(folder, 'bin')}:${before['PATH'] ?? ''}`;
    baseImage = await ensureBaseImage();
  });
  afterAll(async () => {
    for (const name of ['DOCKER_HOST', 'DOCKER_CONFIG', 'PATH']) {
      const value = before[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await run('bash', [SCRIPT, 'down', folder], { timeoutMs: 60_000 });
    rmSync(parent, { recursive: true, force: true });
  });

  it(
    `never claims a certain verdict that the builder contradicts (seed ${seed})`,
    async () => {
      const info = await run('docker', ['info', '--format', '{{.DriverStatus}}'], { timeoutMs: 15_000 });
      expect(info.stdout).toContain('io.containerd.snapshotter');
      const score = new Score();
      const predictor = commandLinePredictor(CLI, join(parent, 'state'));
      const options = { seed, builds: BUILDS, baseImage, runId: `li-${randomUUID()}`, shrinkMs: SHRINK_MS };
      const findings = await runCases(options, { predictor, builder: realBuilder, score });
      console.log(`containerd image store\nseed ${seed} (repeat with LAYER_INSIGHT_SEED)\n${score.table()}`);
      expectNoFindings(findings);
    },
    BUILDS * 10_000 + 6 * SHRINK_MS,
  );
});
