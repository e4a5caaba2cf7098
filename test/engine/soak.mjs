// `npm run soak`: plays thousands of generated builds over fresh seeds and prints what was found.
//
//   npm run soak                 BuildKit
//   npm run soak -- classic      Docker's classic builder (DOCKER_BUILDKIT=0)
//   npm run soak -- buildah      Podman, as LAYER_INSIGHT_PODMAN and LAYER_INSIGHT_PODMAN_PROGRAM name it
//
//   LAYER_INSIGHT_BUILDS   builds, default 3000
//   LAYER_INSIGHT_LANES    seeds that are played at the same time, default 1: builders that share their images with others
//   LAYER_INSIGHT_SEED     one seed for all of them, to repeat a run; default: fresh seeds
//
// Exit code 1 when a certain verdict was wrong. Uses the engine that docker finds, else starts one of its own; Podman has
// to be there: `eval "$(test/hosts/podman.sh up /tmp/li-podman)"`.
import { build } from 'esbuild';
import { join } from 'node:path';
import { findEngine, startEngine } from '../hosts/engine.mjs';
import { root } from '../hosts/paths.mjs';
import { atEnd, cleanUp, message, run } from '../hosts/processes.mjs';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

async function main() {
  const outfile = join(root, 'dist', 'soak', 'soak.mjs');
  await build({
    entryPoints: [join(root, 'test', 'engine', 'soak.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  });
  // it is started as a process of its own, from beside the program
  copyFileSync(join(root, 'test', 'engine', 'warm.mjs'), join(root, 'dist', 'soak', 'warm.mjs'));
  const [builder = 'buildkit'] = process.argv.slice(2);
  const engineEnv = builder === 'buildah' ? {} : await engine();
  const state = mkdtempSync(join(tmpdir(), 'li-soak-'));
  atEnd(() => rmSync(state, { recursive: true, force: true }));
  const env = { ...process.env, ...engineEnv };
  const cli = process.env['LAYER_INSIGHT_CLI'] ?? join(root, 'dist', 'cli.js');
  const { code } = await run(process.execPath, [outfile, cli, state, builder], {
    env,
    show: true,
    timeoutMs: 2 ** 31 - 1,
  });
  process.exitCode = code;
}

async function engine() {
  let answer = await findEngine();
  if (answer.engine === undefined) answer = await startEngine();
  if (answer.engine === undefined) throw new Error(`the soak needs an engine: ${answer.reason}`);
  return answer.engine.env;
}

try {
  await main();
} catch (error) {
  console.error(message(error));
  process.exitCode = 1;
} finally {
  await cleanUp();
}
