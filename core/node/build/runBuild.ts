import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { BuilderCommand } from '../../build/command';
import type { OutputStream } from '../../build/events';
import type { BuilderExit } from '../../build/follow';
import { stopBuildah, type StoppingBuildah } from './stopBuildah';

/** Milliseconds that a builder has to end by itself after it was told to. */
const MERCY = 5000;
/** Milliseconds that a build of Podman has to clear up after its command was told to stop. */
const CLEARING = 3000;
/** What a builder says when the engine that it works with goes away. */
const LOST =
  /Cannot connect to the Docker daemon|error reading from server: EOF|connection refused|transport is closing|closing transport|connection reset by peer|unexpected EOF|use of closed network connection|graceful_stop/i;
/** Characters at the end of the error stream in which that is looked for. */
const LAST_WORDS = 4000;

/** Where a build runs, and who listens. */
export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted, the builder is told to stop; who does not is ended. */
  readonly signal: AbortSignal;
  readonly onOutput: (stream: OutputStream, chunk: string) => void;
  /** Its process runs. */
  readonly onStart?: () => void;
}

/** What ends the builders that run now, should this process end before them: nobody would be there to stop them. */
const running = new Set<() => void>();

function endWithUs(stop: () => void): () => void {
  if (running.size === 0) process.once('exit', endAll);
  running.add(stop);
  return () => {
    running.delete(stop);
    if (running.size === 0) process.removeListener('exit', endAll);
  };
}

function endAll(): void {
  for (const stop of running) stop();
}

/**
 * Runs a builder until its process and those that it started have ended. A build may take as long as it takes: it ends by
 * itself, or when somebody stops it. Rejects, with a sentence, when the program cannot be run.
 */
export function runBuild({ kind, program, args, env }: BuilderCommand, options: RunOptions): Promise<BuilderExit> {
  const { signal, onOutput } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      resolve({ code: null, canceled: true });
      return;
    }
    // docker runs its plugins as processes of their own: all of the group is told to stop
    const detached = process.platform !== 'win32';
    const child = spawn(program, args, {
      ...{ cwd: options.cwd, env: { ...options.env, ...env }, detached, windowsHide: true },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let lastWords = '';
    let mercy: NodeJS.Timeout | undefined;
    let buildah: Promise<StoppingBuildah | undefined> = Promise.resolve(undefined);
    const stopAll = (): void => {
      end(child, detached, 'SIGTERM');
      mercy = setTimeout(() => end(child, detached, 'SIGKILL'), MERCY);
    };
    const stop = (): void => {
      if (kind !== 'buildah' || child.pid === undefined) {
        stopAll();
        return;
      }
      buildah = stopBuildah(child.pid);
      void buildah.then((stopping) => {
        if (isOver) return;
        if (stopping?.isGentle === true) mercy = setTimeout(stopAll, CLEARING);
        else stopAll();
      });
    };
    const listen = (stream: OutputStream): void => {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (chunk: string) => {
        if (stream === 'stderr') lastWords = (lastWords + chunk).slice(-LAST_WORDS);
        onOutput(stream, chunk);
      });
    };
    listen('stdout');
    listen('stderr');
    signal.addEventListener('abort', stop, { once: true });
    const forget = endWithUs(() => end(child, detached, 'SIGTERM'));
    let isOver = false;
    const done = (): void => {
      isOver = true;
      forget();
      signal.removeEventListener('abort', stop);
      clearTimeout(mercy);
    };
    child.on('spawn', () => options.onStart?.());
    child.on('error', (error) => {
      done();
      if (!existsSync(options.cwd)) {
        reject(new Error(`The folder ${options.cwd} is not there`));
        return;
      }
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(new Error(isMissing ? `"${program}" was not found` : `"${program}" cannot be run: ${error.message}`));
    });
    child.on('close', (code) => {
      done();
      // what it started may have outlived it
      if (signal.aborted) end(child, detached, 'SIGKILL');
      // one that was killed says nothing
      const isLost = code === null || (code !== 0 && LOST.test(lastWords));
      const exit = { code, canceled: signal.aborted, lost: !signal.aborted && isLost };
      void buildah.then((stopping) => stopping?.clear()).then(() => resolve(exit));
    });
  });
}

function end(child: ChildProcess, group: boolean, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (group) process.kill(-child.pid, signal);
    else spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { windowsHide: true });
  } catch {
    // it has just ended by itself
  }
}
