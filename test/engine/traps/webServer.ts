import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A web server that the builder of an engine on this machine reaches by 127.0.0.1. */
export interface WebServer {
  readonly port: string;
  /** Offers a file; undefined takes it away. */
  offer(name: string, content: string | undefined, etag?: string): void;
  stop(): void;
}

/** The process whose network the engine has, for an engine of engine.sh; it lives beside the engine's socket. */
function engineProcess(): string | undefined {
  const socket = /^unix:\/\/(.*)$/.exec(process.env['DOCKER_HOST'] ?? '')?.[1];
  const file = socket === undefined ? '' : join(dirname(socket), 'pid');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The first line that a program prints. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the web server ended with ${String(code)}`)));
  });
}

/** @throws when it does not start. */
export async function startWebServer(): Promise<WebServer> {
  const folder = mkdtempSync(join(tmpdir(), 'li-web-'));
  const program = [process.execPath, join(import.meta.dirname, 'server.mjs'), folder];
  const engine = engineProcess();
  // an engine of engine.sh has a loopback of its own
  const [command = '', ...args] = engine === undefined ? program : ['nsenter', '--net', '--target', engine, ...program];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await firstLine(child);
    return { port, offer: (name, content, etag) => offer(join(folder, name), content, etag), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function offer(path: string, content: string | undefined, etag: string | undefined): void {
  for (const [file, text] of [
    [path, content],
    [`${path}.etag`, etag],
  ] as const) {
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }
}
