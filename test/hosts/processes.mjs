// Child processes for the test hosts: bounded in time, in process groups of their own, and never left behind.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './paths.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment of the child; default: ours
 * @property {number} [timeoutMs] the process group is killed after this; default 10 minutes
 * @property {boolean} [show] let the child print to our terminal instead of collecting its output
 * @property {string | Buffer} [input] written to its standard input
 */
/** @typedef {{ code: number, stdout: string, stderr: string, timedOut: boolean }} RunResult */

/** @type {Set<() => void | Promise<void>>} */
const cleanups = new Set();
let stopping = false;

/**
 * Registers work for the end of this process, also for Ctrl+C. Runs in reverse order of registration.
 * @param {() => void | Promise<void>} work
 * @returns {() => void} forgets the work
 */
export function atEnd(work) {
  cleanups.add(work);
  return () => cleanups.delete(work);
}

/** Does all registered clean-up now. Every piece gets its turn, whatever the others do. */
export async function cleanUp() {
  for (const work of [...cleanups].reverse()) {
    cleanups.delete(work);
    try {
      await work();
    } catch (error) {
      console.error(`clean-up: ${message(error)}`);
    }
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void cleanUp().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

/** Whether a signal is ending this process: whoever loops should stop. */
export const isStopping = () => stopping;

/** @param {unknown} error */
export const message = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Ends a process and everything that it started.
 * @param {ChildProcess} child
 * @param {number} [graceMs] how long it may take to end by itself
 */
export async function stop(child, graceMs = 5000) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child.pid, 'SIGTERM');
  await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) {
    signalGroup(child.pid, 'SIGKILL');
    await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
  }
}

/**
 * @param {number} pid
 * @param {'SIGTERM' | 'SIGKILL'} signal
 */
function signalGroup(pid, signal) {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // already gone
  }
}

/**
 * Starts a process that lives until it is stopped; it is stopped with us at the latest.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(program, args, options = {}) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    detached: process.platform !== 'win32',
  });
  const forget = atEnd(() => stop(child));
  child.once('exit', forget);
  child.once('error', forget); // could not be started
  return child;
}

/**
 * Runs a process to its end. Never throws: a program that cannot be started has code 127.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(program, args, options = {}) {
  const { cwd, env, timeoutMs = 600_000, show = false, input } = options;
  const output = show ? 'inherit' : 'pipe';
  const child = start(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void stop(child, 2000);
  }, timeoutMs);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      resolve(127);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
  clearTimeout(timer);
  return { code: timedOut ? 124 : code, stdout, stderr, timedOut };
}

/**
 * Runs npm, the one that runs us where there is one.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function npm(args, options = {}) {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /\.c?js$/.test(script)) return run(process.execPath, [script, ...args], options);
  return run(findProgram('npm') ?? 'npm', args, options);
}

/** A free TCP port on loopback. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free loopback port');
  return address.port;
}

/**
 * Asks again and again until there is an answer.
 * @template T
 * @param {() => Promise<T | undefined> | T | undefined} ask
 * @param {{ timeoutMs: number, everyMs?: number, what: string }} options
 * @returns {Promise<T>} rejects after the time
 */
export async function until(ask, { timeoutMs, everyMs = 100, what }) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end || stopping)
      throw new Error(`${what} did not happen within ${Math.round(timeoutMs / 1000)} s`);
    await sleep(everyMs);
  }
}
