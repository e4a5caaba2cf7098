import { spawn, type ChildProcess } from 'node:child_process';

/** A program that is to be run with these arguments; never through a shell. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where it runs; undefined: where this process does. */
  readonly cwd?: string;
  readonly signal: AbortSignal;
  /** Milliseconds that it may take. */
  readonly patience: number;
  /** Gets the error stream line by line instead of the result; such lines are not kept. */
  readonly onErrorLine?: (line: string) => void;
}

/** Characters of output that are kept; a command that says more is stopped. */
const MAX_OUTPUT = 64_000_000;
/** Longest line of the error stream. */
const MAX_LINE = 16_000_000;
/** Longest error text that is kept. */
const MAX_ERROR_TEXT = 4000;

/** A command that took too long. */
export class CommandTimeout extends Error {}

/** What a command printed. Fails with the command's own words when it does not succeed in time. */
export async function runCommand(command: Command): Promise<string> {
  const { program, args, patience } = command;
  command.signal.throwIfAborted();
  const timeout = AbortSignal.timeout(patience);
  const signal = AbortSignal.any([command.signal, timeout]);
  const { code, output, errorText } = await finish(command, signal);
  if (code === 0) return output;
  command.signal.throwIfAborted();
  const said = `"${[program, ...args].join(' ')}"`;
  if (timeout.aborted) throw new CommandTimeout(`${said} did not end within ${patience / 1000} seconds`);
  const words = errorText.trim();
  throw new Error(words === '' ? `${said} ended with ${code === null ? 'a signal' : `code ${code}`}` : words);
}

interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly errorText: string;
}

function finish(command: Command, signal: AbortSignal): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { program, args, env, cwd, onErrorLine } = command;
    // docker runs its plugins as processes of their own: all of the group has to be ended
    const detached = process.platform !== 'win32';
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, detached });
    let output = '';
    let errorText = '';
    let rest = '';
    const stop = (): void => kill(child, detached);
    const tooMuch = (): void => {
      errorText = `"${[program, ...args].join(' ')}" printed too much`;
      stop();
    };
    const takeLine = (line: string): void => {
      try {
        onErrorLine?.(line);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        stop();
      }
    };
    const takeLines = (chunk: string): void => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('{')) takeLine(line);
        else if (errorText.length < MAX_ERROR_TEXT) errorText += `${line}\n`;
      }
      if (rest.length > MAX_LINE) tooMuch();
    };
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      if (output.length > MAX_OUTPUT) tooMuch();
    });
    child.stderr.on('data', (chunk: string) => {
      if (onErrorLine !== undefined) takeLines(chunk);
      else if (errorText.length < MAX_ERROR_TEXT) errorText += chunk;
    });
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => {
      signal.removeEventListener('abort', stop);
      reject(error);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (rest !== '') takeLines('\n');
      resolve({ code, output, errorText });
    });
  });
}

function kill(child: ChildProcess, group: boolean): void {
  // read no more: what still holds the pipes must not keep us
  child.stdout?.destroy();
  child.stderr?.destroy();
  try {
    if (group && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // it has just ended by itself
  }
}
