import { fork, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Finished, RunOptions } from '../judge/run.js';

type Told = Pick<Finished, 'code' | 'stdout' | 'stderr'>;

/** Processes that wait for the next question. They end with this one. */
const idle: ChildProcess[] = [];

function begin(): ChildProcess {
  const child = fork(join(import.meta.dirname, 'warm.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // nobody has to wait for one that waits
  child.unref();
  child.channel?.unref();
  return child;
}

/**
 * Runs our command line as `run` would, in a process that stays for the next question. What it keeps in memory it keeps
 * as the language server does; suites about the program itself start it anew each time.
 *
 * @param cli the path of `cli.js`
 */
export async function runWarm(cli: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const started = performance.now();
  const child = idle.pop() ?? begin();
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(options.env ?? {})) {
    if (value === undefined) Reflect.deleteProperty(env, name);
    else env[name] = value;
  }
  const answer = new Promise<Told | string>((resolve) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000);
    const settle = (told: Told | string): void => {
      clearTimeout(limit);
      child.removeAllListeners();
      resolve(told);
    };
    child.once('message', (told) => settle(told as Told));
    const ended = (code: number | null, signal: string | null): void =>
      settle(`it ended without an answer: ${String(signal ?? code)}`);
    // also one that failed after its last answer: that is a mistake of the program as well
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    child.once('exit', ended);
    child.once('error', ({ message }) => settle(message));
  });
  if (child.connected) child.send({ program: join(dirname(cli), 'cliMain.js'), args, env });
  const told = await answer;
  const wallMs = performance.now() - started;
  if (typeof told === 'string')
    return { code: null, stdout: '', stderr: told, timedOut: told.endsWith('SIGKILL'), wallMs };
  idle.push(child);
  return { ...told, timedOut: false, wallMs };
}
