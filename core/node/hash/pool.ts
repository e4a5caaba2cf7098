import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { hashFile, type FileContent } from './hashFile';

export interface HashTask {
  readonly id: number;
  readonly files: readonly HashedFile[];
}
/** A file, and the text whose checksum with the content behind it is wanted as well. */
export interface HashedFile {
  readonly path: string;
  readonly header?: string | undefined;
}
export interface HashReply {
  readonly id: number;
  /** In the order of the files. */
  readonly contents: readonly (FileContent | undefined)[];
}

/** Threads besides the main one. */
const THREADS = 2;
/** Messages given to one thread ahead of time. */
const AHEAD = 2;
/** Files and bytes of one message: a message for each small file would take as long as reading it. */
const BATCH_FILES = 32;
const BATCH_BYTES = 1_000_000;
/** Bytes that are quicker hashed here than by starting a thread. */
const INLINE_BYTES = 4_000_000;
/** Milliseconds without work after which threads end. */
const IDLE = 15_000;

/** Hashes files in worker threads that start when there is much to do and end when there is nothing. */
export class HashPool {
  private workers: Worker[] = [];
  private readonly waiting = new Map<number, (contents: HashReply['contents']) => void>();
  private nextId = 0;
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  /** `script`: the bundled worker; without it everything is hashed in the calling thread. */
  constructor(private readonly script: string) {}

  /** Hashes files; `onContent` is called for each as it is done, with undefined for one that cannot be read. */
  async hash(
    files: readonly (HashedFile & { readonly size: number })[],
    onContent: (index: number, content: FileContent | undefined) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (bytes <= INLINE_BYTES || !existsSync(this.script)) return hashHere(files, onContent, signal);
    let next = 0;
    const work = async (worker: Worker): Promise<void> => {
      while (next < files.length) {
        signal?.throwIfAborted();
        const first = next;
        next = endOfBatch(files, first);
        const batch = files.slice(first, next).map(({ path, header }) => ({ path, header }));
        const contents = await this.ask(worker, batch);
        for (const index of batch.keys()) onContent(first + index, contents[index]);
      }
    };
    const workers = this.start();
    await Promise.all(workers.flatMap((worker) => Array.from({ length: AHEAD }, () => work(worker))));
    this.rest();
  }

  dispose(): void {
    this.disposed = true;
    this.end();
  }

  private ask(worker: Worker, files: readonly HashedFile[]): Promise<HashReply['contents']> {
    return new Promise((resolve) => {
      // one that died does not answer
      if (!this.workers.includes(worker)) {
        resolve([]);
        return;
      }
      const id = this.nextId++;
      this.waiting.set(id, resolve);
      worker.postMessage({ id, files } satisfies HashTask);
    });
  }

  private start(): Worker[] {
    clearTimeout(this.idle);
    if (this.workers.length > 0) return this.workers;
    this.workers = Array.from({ length: THREADS }, () => {
      const worker = new Worker(this.script);
      worker.unref();
      worker.on('message', ({ id, contents }: HashReply) => this.answer(id, contents));
      // a thread that dies (out of memory) must not leave anybody waiting
      worker.on('error', () => this.end());
      return worker;
    });
    return this.workers;
  }

  private answer(id: number, contents: HashReply['contents']): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    resolve?.(contents);
  }

  private rest(): void {
    if (this.disposed) return;
    this.idle = setTimeout(() => this.end(), IDLE);
    this.idle.unref();
  }

  private end(): void {
    clearTimeout(this.idle);
    const { workers } = this;
    this.workers = [];
    for (const id of [...this.waiting.keys()]) this.answer(id, []);
    for (const worker of workers) void worker.terminate();
  }
}

/** Where the batch that begins at `first` ends. */
function endOfBatch(files: readonly { readonly size: number }[], first: number): number {
  let [end, bytes] = [first, 0];
  while (end < files.length && end - first < BATCH_FILES && bytes < BATCH_BYTES) bytes += files[end++]?.size ?? 0;
  return end;
}

async function hashHere(
  files: readonly HashedFile[],
  onContent: (index: number, content: FileContent | undefined) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [index, { path, header }] of files.entries()) {
    signal?.throwIfAborted();
    let content: FileContent | undefined;
    try {
      content = hashFile(path, header);
    } catch {
      content = undefined;
    }
    onContent(index, content);
    if (index % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
}
