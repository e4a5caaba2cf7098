import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds to wait for another process that is writing. */
const LOCK_WAIT = 3000;
/** Milliseconds after which a lock belongs to a process that died. */
const LOCK_STALE = 15_000;

/** A JSON file that several processes share: read as a whole, replaced as a whole, locked while it is replaced. */
export class JsonFile {
  /** When the file that was read last was written; undefined when there was none. */
  private readStamp: string | undefined;

  constructor(
    private readonly path: string,
    /** A file of another version is not understood: it counts as absent. */
    private readonly version: number,
  ) {}

  /** The content; undefined when the file is absent, broken or of another version. */
  async read(): Promise<unknown> {
    try {
      this.readStamp = await this.stamp();
      const json: unknown = JSON.parse(await readFile(this.path, 'utf8'));
      if (typeof json !== 'object' || json === null) return undefined;
      const { version, value } = json as { version?: unknown; value?: unknown };
      return version === this.version ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Replaces the content by what `make` gives. When another process wrote since {@link read}, `make` gets its content to
   * merge. Returns false when the file could not be locked or written: what was to be remembered is lost, nothing else.
   */
  async write(make: (theirs: unknown) => unknown): Promise<boolean> {
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      if (!(await this.lock())) return false;
      try {
        const changed = (await this.stamp()) !== this.readStamp;
        const theirs = changed ? await this.read() : undefined;
        const text = JSON.stringify({ version: this.version, value: make(theirs) });
        const temporary = `${this.path}.${randomUUID()}`;
        try {
          await writeFile(temporary, text, { mode: 0o600 });
          await rename(temporary, this.path);
        } finally {
          await rm(temporary, { force: true });
        }
        this.readStamp = await this.stamp();
        return true;
      } finally {
        await rm(this.lockPath, { recursive: true, force: true });
      }
    } catch {
      return false; // a full or read-only disk must not stop a prediction
    }
  }

  private get lockPath(): string {
    return `${this.path}.lock`;
  }

  private async lock(): Promise<boolean> {
    const end = Date.now() + LOCK_WAIT;
    for (;;) {
      try {
        await mkdir(this.lockPath);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > end) return false;
      }
      const age = await stat(this.lockPath).then(
        (found) => Date.now() - found.mtimeMs,
        () => 0,
      );
      if (age > LOCK_STALE) await rm(this.lockPath, { recursive: true, force: true });
      else await sleep(20);
    }
  }

  private async stamp(): Promise<string | undefined> {
    try {
      const { ino, mtimeMs, size } = await stat(this.path);
      return `${ino} ${mtimeMs} ${size}`;
    } catch {
      return undefined;
    }
  }
}
