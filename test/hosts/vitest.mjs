// Runs vitest on folders and adds up what it reports.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { resultsFolder, root } from './paths.mjs';
import { run } from './processes.mjs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [failures] what failed, each with the first lines of why
 */

/** @param {string} folder below the checkout @returns {boolean} */
export function hasTests(folder) {
  const path = join(root, folder);
  return existsSync(path) && readdirSync(path, { recursive: true }).some((name) => String(name).endsWith('.test.ts'));
}

/**
 * @param {string} name of the suite
 * @param {readonly string[]} folders
 * @typedef {object} VitestOptions
 * @property {NodeJS.ProcessEnv} env
 * @property {number} timeoutMs
 * @property {boolean} [serial] one file after the other
 * @property {number | undefined} [workers] files at once, where the two of the configuration leave the machine idle
 * @property {readonly string[]} [without] folders of other suites
 * @property {boolean} [quiet] print nothing until the end: another suite prints meanwhile
 *
 * @param {VitestOptions} options
 * @returns {Promise<Counts>} a run that did not come to its end counts as one more failure
 */
export async function runVitest(
  name,
  folders,
  { env, timeoutMs, serial = false, workers, without = [], quiet = false },
) {
  mkdirSync(resultsFolder, { recursive: true });
  const report = join(resultsFolder, `${name}.json`);
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // a filter is a part of a path: with the slash `test/engine/` is not `test/engines`
  const filters = folders.map((folder) => `${folder}/`);
  const order = serial ? ['--no-file-parallelism'] : [];
  if (workers !== undefined) order.push(`--maxWorkers=${workers}`);
  order.push(...without.map((folder) => `--exclude=${folder}/**`));
  const result = await run(process.execPath, [vitest, 'run', ...filters, ...reporters, ...order], {
    cwd: root,
    env,
    timeoutMs,
    show: !quiet,
  });
  if (quiet) console.log(`${result.stdout}${result.stderr}`);
  const stopped = result.timedOut ? `${name}: stopped after ${timeoutMs / 1000} s` : undefined;
  if (stopped !== undefined) console.log(stopped);
  const counts = readCounts(report);
  if (result.code === 0 || counts.failed > 0) return counts;
  return {
    ...counts,
    failed: 1,
    failures: [...(counts.failures ?? []), stopped ?? `${name}: ended with ${result.code}`],
  };
}

/** @param {string} report @returns {Counts} */
function readCounts(report) {
  try {
    const found = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: Number(found.numPassedTests),
      failed: Number(found.numFailedTests),
      skipped: Number(found.numPendingTests) + Number(found.numTodoTests),
      failures: found.testResults.flatMap(failuresOf),
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/**
 * @param {{ name: string, status: string, message?: string,
 *   assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }} file
 */
function failuresOf(file) {
  const path = relative(root, file.name);
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  // a file that could not be loaded has no tests
  if (file.status === 'failed' && failed.length === 0) return [`${path}\n${beginning(file.message ?? '')}`];
  return failed.map(
    ({ fullName, failureMessages = [] }) => `${path}: ${fullName}\n${beginning(failureMessages.join('\n'))}`,
  );
}

/** @param {string} text */
function beginning(text) {
  return text.slice(0, 6000).split('\n').slice(0, 80).join('\n');
}
