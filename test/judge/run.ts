import { spawn } from 'node:child_process';

/** How a child process ended. `code` is null when it was killed by a signal (also by our time limit). */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Wall clock of the process, in milliseconds. */
  readonly wallMs: number;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  /** Added to this process's own environment; an undefined value removes the variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds after which the process is killed. */
  readonly timeoutMs?: number | undefined;
}

const KILL_GRACE_MS = 2_000;

/**
 * Runs a program with an argument array (never through a shell) and collects its output.
 *
 * @throws when the program cannot be started at all (for example ENOENT).
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env };
    for (const [name, value] of Object.entries(options.env ?? {})) {
      if (value === undefined) Reflect.deleteProperty(env, name);
      else env[name] = value;
    }
    const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let timedOut = false;
    let hardKill: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill('SIGTERM');
      hardKill = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    }, options.timeoutMs ?? 120_000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const done = (): void => {
      clearTimeout(limit);
      clearTimeout(hardKill);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code) => {
      done();
      resolve({
        code,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
        timedOut,
        wallMs: performance.now() - started,
      });
    });
  });
}
