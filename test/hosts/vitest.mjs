// Runs vitest on folders and adds up what it reports.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder, root } from './paths.mjs';
import { run } from './processes.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {string} folder below the checkout @returns {boolean} */
export function hasTests(folder) {
  const path = join(root, folder);
  return existsSync(path) && readdirSync(path, { recursive: true }).some((name) => String(name).endsWith('.test.ts'));
}

/**
 * @param {string} name of the suite
 * @param {readonly string[]} folders
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, serial?: boolean, without?: readonly string[] }} options serial: one
 *   file after the other; without: folders of other suites
 * @returns {Promise<Counts>} a run that did not come to its end counts as one more failure
 */
export async function runVitest(name, folders, { env, timeoutMs, serial = false, without = [] }) {
  mkdirSync(resultsFolder, { recursive: true });
  const report = join(resultsFolder, `${name}.json`);
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // a filter is a part of a path: with the slash `test/engine/` is not `test/engines`
  const filters = folders.map((folder) => `${folder}/`);
  const order = serial ? ['--no-file-parallelism'] : [];
  order.push(...without.map((folder) => `--exclude=${folder}/**`));
  const result = await run(process.execPath, [vitest, 'run', ...filters, ...reporters, ...order], {
    cwd: root,
    env,
    timeoutMs,
    show: true,
  });
  if (result.timedOut) console.log(`${name}: stopped after ${timeoutMs / 1000} s`);
  const counts = readCounts(report);
  if (result.code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** @param {string} report @returns {Counts} */
function readCounts(report) {
  try {
    const found = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: Number(found.numPassedTests),
      failed: Number(found.numFailedTests),
      skipped: Number(found.numPendingTests) + Number(found.numTodoTests),
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
