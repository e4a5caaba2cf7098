import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Duplex } from 'node:stream';

/** A process whose standard streams are a raw connection to an engine. */
export interface DialedConnection {
  readonly stream: Duplex;
  /** Fails when the process cannot be started. */
  readonly started: Promise<void>;
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
  const stream = new ProcessStream(child);
  let errorText = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    if (errorText.length < MAX_ERROR_TEXT) errorText += chunk;
  });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.on('error', (error) => {
      errorText += error.message;
      stream.destroy(error);
      reject(error);
    });
  });
  // whoever does not wait for the start is told by the stream
  started.catch(() => undefined);
  stream.on('error', () => undefined);
  return { stream, started, errorText: () => errorText.trim(), close: () => stream.destroy() };
}

/**
 * The standard streams of a process as one, with what Node's HTTP agent asks of a socket. Writing never fails: what is written to a process that is gone is lost, and
 * the end of its output tells. (Node's HTTP/2 session fails an assertion of its own, which ends the whole program, when
 * it closes over a stream whose last write is still open.)
 */
class ProcessStream extends Duplex {
  private idle: NodeJS.Timeout | undefined;
  private idleTime = 0;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    super({ allowHalfOpen: false });
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.moved();
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.on('error', () => this.push(null));
    child.stdout.on('end', () => this.push(null));
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { stdin } = this.child;
    this.moved();
    if (stdin.writable) stdin.write(chunk, () => done());
    else done();
  }

  /** Emits `timeout` after so many milliseconds without traffic; 0 switches it off. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.idleTime = milliseconds;
    if (listener !== undefined) this.once('timeout', listener);
    this.moved();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    this.child.ref();
    return this;
  }

  unref(): this {
    this.child.unref();
    return this;
  }

  private moved(): void {
    clearTimeout(this.idle);
    this.idle = this.idleTime === 0 ? undefined : setTimeout(() => this.emit('timeout'), this.idleTime).unref();
  }

  override _final(done: () => void): void {
    this.child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { child } = this;
    clearTimeout(this.idle);
    child.stdin.end();
    child.stdout.destroy();
    if (child.exitCode === null) {
      const timer = setTimeout(() => child.kill('SIGKILL'), END_GRACE);
      timer.unref();
      child.once('exit', () => clearTimeout(timer));
    }
    done(error);
  }
}
