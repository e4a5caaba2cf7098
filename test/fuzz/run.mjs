// `npm run fuzz`: predicts damaged Dockerfiles and stops at none of them.
//
//   npm run fuzz                      100000 of a fresh seed, which is printed
//   npm run fuzz -- 5000 some-seed    so many of that seed
import { build } from 'esbuild';
import { join } from 'node:path';
import { root } from '../hosts/paths.mjs';
import { run } from '../hosts/processes.mjs';

const outfile = join(root, 'dist', 'fuzz', 'main.cjs');
await build({
  entryPoints: [join(root, 'test', 'fuzz', 'main.ts')],
  ...{ outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' },
});
const { code } = await run(process.execPath, [outfile, ...process.argv.slice(2)], {
  show: true,
  timeoutMs: 60 * 60_000,
});
process.exitCode = code;
