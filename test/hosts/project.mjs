// The steps between a fresh clone and something that runs.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { outsideNpm } from './codeServer.mjs';
import { root } from './paths.mjs';
import { npm, run } from './processes.mjs';

/** The packaged extension. */
export const vsixPath = join(root, 'dist', 'layer-insight.vsix');

/** Whether `npm ci` has to run: never installed, or the lock file is newer than what is installed. */
export function needsInstall() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return true;
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs;
}

/**
 * Installs dependencies when needed and builds the bundles.
 * @param {(line: string) => void} [progress]
 */
export async function prepareProject(progress = console.log) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Error(`Node.js 20 or newer is needed; this is ${process.version}`);
  if (needsInstall()) {
    progress('Installing dependencies (npm ci) ...');
    await must('npm ci', npm(['ci', '--no-audit', '--no-fund'], { cwd: root, env: outsideNpm(process.env) }));
  }
  progress('Building ...');
  await must('npm run build', run(process.execPath, ['esbuild.mjs'], { cwd: root, timeoutMs: 120_000 }));
}

/** `1`: whoever started this process has packaged the extension as it is now. */
export const PACKAGED = 'LAYER_INSIGHT_PACKAGED';

/** @type {Promise<void> | undefined} */
let packaging;

/** Packages the extension as users get it; once in a run of suites. */
export async function packageExtension() {
  if (process.env[PACKAGED] === '1') return vsixPath;
  packaging ??= must(
    'npm run package',
    npm(['run', 'package'], { cwd: root, env: outsideNpm(process.env), timeoutMs: 180_000 }),
  );
  await packaging;
  return vsixPath;
}

/**
 * @param {string} what
 * @param {Promise<import('./processes.mjs').RunResult>} running
 */
async function must(what, running) {
  const result = await running;
  if (result.code === 0) return;
  const why = result.timedOut ? 'took too long' : `ended with ${result.code}`;
  throw new Error(`${what} ${why}\n${result.stdout}${result.stderr}`.trimEnd());
}
