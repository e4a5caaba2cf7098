import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A server that the builder of an engine on this machine reaches by 127.0.0.1. */
export interface LoopbackServer {
  readonly port: string;
  readonly stop: () => void;
}

/** The process whose network the engine has, for an engine of engine.sh; it lives beside the engine's socket. */
function engineProcess(): string | undefined {
  const socket = /^unix:\/\/(.*)$/.exec(process.env['DOCKER_HOST'] ?? '')?.[1];
  const file = socket === undefined ? '' : join(dirname(socket), 'pid');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** A program with its arguments as it runs in the engine's network, where it reaches what the engine reaches. */
export function inEngineNetwork(program: readonly [string, ...string[]]): [string, ...string[]] {
  const engine = engineProcess();
  // an engine of engine.sh has a loopback of its own
  return engine === undefined ? [...program] : ['nsenter', '--net', '--target', engine, ...program];
}

/** The first line that a program prints. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
}

/**
 * Starts a server of ours in the engine's network: a program of Node that prints its port.
 *
 * @throws when it does not start.
 */
export async function startLoopback(script: string, ...args: readonly string[]): Promise<LoopbackServer> {
  const [command, ...rest] = inEngineNetwork([process.execPath, script, ...args]);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = (): void => {
    child.kill();
  };
  try {
    return { port: await firstLine(child), stop };
  } catch (error) {
    stop();
    throw error;
  }
}
