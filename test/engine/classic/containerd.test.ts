import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { hostsFolder } from '../../hosts/paths.mjs';
import { run } from '../../judge/run.js';
import { CLASSIC } from '../builders.js';
import { describeRuns } from '../differentialRuns.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from '../ownEngine.js';

// The other kind of image store: images have no ContainerConfig there, and no layer bytes.

/** Only where the suites have installed an engine before: then another one is up in two seconds. */
function whyNot(): string | undefined {
  if (noOwnEngine !== undefined) return noOwnEngine;
  const installed = existsSync(join(hostsFolder(), 'engine-root/.complete'));
  return installed ? undefined : 'no engine of our own is installed (test/hosts/engine.sh install)';
}

const reason = whyNot();
if (reason !== undefined) console.warn(`skipped: the classic builder on the containerd image store: ${reason}`);

let engine: OwnEngine | undefined;
afterAll(() => engine?.stop());

describeRuns({
  title: 'predictions against the classic builder on an engine with the containerd image store',
  kind: CLASSIC,
  provideBase: async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
    const info = await run('docker', ['info', '--format', '{{.DriverStatus}}'], { timeoutMs: 15_000 });
    expect(info.stdout).toContain('io.containerd.snapshotter');
    return ensureBaseImage();
  },
  builder: reason === undefined ? 'containerd image store' : undefined,
  builds: Number(process.env['LAYER_INSIGHT_CLASSIC_CONTAINERD_BUILDS'] ?? 30),
  seeds: [process.env['LAYER_INSIGHT_SEED'] ?? `fresh-${randomUUID()}`],
});
