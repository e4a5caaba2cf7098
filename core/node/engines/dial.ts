import { spawn, type ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';

/** A process whose standard streams are a raw connection to an engine. */
export interface DialedConnection {
  readonly stream: Duplex;
  /** What the process printed on its error stream so far; says why a connection could not be made. */
  readonly errorText: () => string;
  readonly close: () => void;
}

/** Longest error text that is kept. */
const MAX_ERROR_TEXT = 4000;
/** Milliseconds that a process gets to end by itself after its input is closed. */
const END_GRACE = 500;

/**
 * Starts `docker … dial-stdio`, which connects its standard streams to an engine or builder of any context and driver,
 * with the user's own ssh configuration. The connection ends when its input is closed; a signal alone does not end it.
 */
export function dialStdio(program: string, args: readonly string[], env: NodeJS.ProcessEnv): DialedConnection {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env, windowsHide: true });
  let errorText = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    if (errorText.length < MAX_ERROR_TEXT) errorText += chunk;
  });
  child.on('error', (error) => {
    errorText += error.message;
    stream.destroy(error);
  });
  // a pipe to a process that is gone reports here; the stream's own error tells the caller
  child.stdin.on('error', () => stream.destroy());
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on('error', () => undefined);
  return { stream, errorText: () => errorText.trim(), close: () => end(child, stream) };
}

function end(child: ChildProcess, stream: Duplex): void {
  stream.destroy();
  child.stdin?.end();
  if (child.exitCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), END_GRACE);
  timer.unref();
  child.once('exit', () => {
    clearTimeout(timer);
  });
}
