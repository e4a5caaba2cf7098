import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordKey } from '../../core/llb/recordKey';
import { sha256 } from '../../core/node/sha256';
import { PLAIN_REQUEST, type ImageInfo } from '../../core/plan/graph';
import { planBuildkit } from '../../core/plan/buildkit';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { readPrediction } from './predictor.js';
import { runWarm } from './warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const OPTIONS = ['--ulimit', 'nofile=100:200', '--shm-size', '32m', '--add-host', 'h:1.1.1.1'];
const image: ImageInfo = {
  ...{ chainId: 'sha256:base', digests: [], env: [], workingDir: '', user: '', shell: [], onbuild: [] },
  ...{ platform: 'linux/amd64', bytes: null },
};

/** The keys of all results in a cache that a build exported to a folder. */
function exportedKeys(folder: string): Set<string> {
  const read = (path: string): unknown => parseJson(readFileSync(join(folder, path), 'utf8'));
  const blob = (digest: unknown): unknown => read(`blobs/${(asString(digest) ?? '').replace(':', '/')}`);
  const manifest = blob(at(asArray(at(read('index.json'), 'manifests'))[0], 'digest'));
  const config = blob(at(manifest, 'config', 'digest'));
  return new Set(asArray(at(config, 'records')).map((record) => asString(at(record, 'digest')) ?? ''));
}

// only the containerd store exports its cache to a folder
describe.skipIf(noOwnEngine !== undefined)('a cache that a build exported', () => {
  let engine: OwnEngine;
  const parent = mkdtempSync('/tmp/li-exported-');
  let dir = '';
  let cache = '';
  let text = '';

  beforeAll(async () => {
    engine = await startOwnEngine(['--feature', 'containerd-snapshotter=true']);
    const baseImage = await ensureBaseImage();
    dir = join(parent, 'keys-context');
    cache = join(parent, 'cache');
    mkdirSync(join(dir, 'd'), { recursive: true });
    writeFileSync(join(dir, 'a.txt'), 'a\n');
    writeFileSync(join(dir, 'd', 'b.txt'), 'b\n');
    const fixture = readFileSync(join(import.meta.dirname, '../fixtures/keys/Dockerfile'), 'utf8');
    text = fixture.replaceAll('busybox:1', baseImage);
    writeFileSync(join(dir, 'Dockerfile'), text);
    const output = ['--output', 'type=cacheonly', '--cache-to', `type=local,dest=${cache},mode=max`];
    const built = await run('docker', ['buildx', 'build', '--quiet', ...OPTIONS, ...output, dir], {
      timeoutMs: 120_000,
    });
    expect(built.code, built.stderr).toBe(0);
  }, 180_000);
  afterAll(async () => {
    await engine.stop();
    rmSync(parent, { recursive: true, force: true });
  }, 60_000);

  it('lists every operation under the key that is computed for it', () => {
    const keys = exportedKeys(cache);
    const request = { ...PLAIN_REQUEST, ulimits: ['nofile=100:200'], shmSize: 32 * 1024 * 1024, addHosts: ['h'] };
    const engineOptions = { buildPlatform: 'linux/amd64', mergesLayers: true, frontend: [0, 25] as const };
    const { vertices } = planBuildkit(text, { ...request, ...engineOptions, image: () => image });
    const operations = vertices.filter(({ op }) => op.kind === 'exec' || op.kind === 'file');
    expect(operations.length).toBeGreaterThan(30);
    const missing = operations.filter(({ op }) => !keys.has(recordKey(op, sha256) ?? ''));
    expect(missing.map(({ op }) => op)).toEqual([]);
  });

  describe('and another builder imports', () => {
    const predict = async (from: string) => {
      const args = ['predict', dir, ...OPTIONS, '--cache-from', from, '--json'];
      const env = { XDG_STATE_HOME: join(parent, 'state') };
      const { stdout, stderr } = await runWarm(CLI, args, { env, timeoutMs: 60_000 });
      const steps = readPrediction(stdout);
      if ('failure' in steps) throw new Error(`${steps.failure}: ${stderr}`);
      return steps.filter(({ instruction }) => ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(instruction));
    };

    beforeAll(async () => {
      await run('docker', ['buildx', 'prune', '--all', '--force'], { timeoutMs: 60_000 });
      await run('docker', ['buildx', 'history', 'rm', '--all'], { timeoutMs: 60_000 });
      writeFileSync(join(dir, 'Dockerfile'), `${text}RUN echo not in the cache\n`);
    });

    it('may give hits for what is in it, and certainly none for what is not', async () => {
      const steps = await predict(`type=local,src=${cache}`);
      const last = steps.at(-1);
      expect(new Set(steps.slice(0, -1).map(({ verdict }) => verdict))).toEqual(new Set(['may-hit']));
      expect(last).toMatchObject({ verdict: 'rebuild', certain: true });
      const output = ['--output', 'type=cacheonly', '--cache-from', `type=local,src=${cache}`, '--progress', 'plain'];
      const built = await run('docker', ['buildx', 'build', ...OPTIONS, ...output, dir], { timeoutMs: 120_000 });
      expect(built.stderr).toContain('CACHED');
      expect(built.stderr).toMatch(/^#\d+ [\d.]+ not in the cache$/m);
    }, 180_000);

    it('gives nothing when its folder is not there', async () => {
      writeFileSync(join(dir, 'Dockerfile'), text.replace(/^RUN .*$/m, 'RUN echo another first step'));
      const steps = await predict(`type=local,src=${parent}/no-such-folder`);
      expect(steps[0]).toMatchObject({ verdict: 'rebuild', certain: true, instruction: 'RUN' });
    }, 60_000);
  });
});
