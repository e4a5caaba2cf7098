// `npm run bench`: measures the budgets side by side with other programs, in one run. Not a test: nothing fails.
//
//   npm run bench                 everything
//   npm run bench -- warm editing just these: cold, warm, change, hash, layers, editing, activation
//
// LAYER_INSIGHT_BENCH_FILES: files in the context, default 50000. Wants an idle machine with 1 GB of free space.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine, provideBaseImage, startEngine } from '../hosts/engine.mjs';
import { root } from '../hosts/paths.mjs';
import { atEnd, cleanUp, message, run } from '../hosts/processes.mjs';

async function main() {
  const outfile = join(root, 'dist', 'bench', 'main.cjs');
  await build({
    entryPoints: [join(root, 'test', 'bench', 'main.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' },
  });
  let answer = await findEngine();
  if (answer.engine === undefined) answer = await startEngine();
  const env = { ...process.env };
  if (answer.engine === undefined) {
    console.log(`Without an engine: ${answer.reason}`);
  } else {
    Object.assign(env, answer.engine.env);
    const missing = await provideBaseImage(answer.engine);
    if (missing !== undefined) throw new Error(missing);
    env['LAYER_INSIGHT_BENCH_ENGINE'] = '1';
  }
  // the engine of a run has its own mount of /tmp, and builds only what is below it
  const folder = mkdtempSync(join(tmpdir(), 'li-bench-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const args = [outfile, join(root, 'dist'), folder, ...process.argv.slice(2)];
  const { code } = await run(process.execPath, args, { env, show: true, timeoutMs: 30 * 60_000 });
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
