// `npm run soak`: plays thousands of generated builds over fresh seeds and prints what was found.
//
//   LAYER_INSIGHT_BUILDS   builds, default 3000
//   LAYER_INSIGHT_SEED     one seed for all of them, to repeat a run; default: fresh seeds
//
// Exit code 1 when a certain verdict was wrong. Uses the engine that docker finds, else starts one of its own.
import { build } from 'esbuild';
import { join } from 'node:path';
import { findEngine, startEngine } from '../hosts/engine.mjs';
import { root } from '../hosts/paths.mjs';
import { atEnd, cleanUp, message, run } from '../hosts/processes.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

async function main() {
  const outfile = join(root, 'dist', 'soak', 'soak.mjs');
  await build({
    entryPoints: [join(root, 'test', 'engine', 'soak.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  });
  let answer = await findEngine();
  if (answer.engine === undefined) answer = await startEngine();
  if (answer.engine === undefined) throw new Error(`the soak needs an engine: ${answer.reason}`);
  const state = mkdtempSync(join(tmpdir(), 'li-soak-'));
  atEnd(() => rmSync(state, { recursive: true, force: true }));
  const env = { ...process.env, ...answer.engine.env };
  const cli = process.env['LAYER_INSIGHT_CLI'] ?? join(root, 'dist', 'cli.js');
  const { code } = await run(process.execPath, [outfile, cli, state], { env, show: true, timeoutMs: 2 ** 31 - 1 });
  process.exitCode = code;
}

try {
  await main();
} catch (error) {
  console.error(message(error));
  process.exitCode = 1;
} finally {
  await cleanUp();
}
