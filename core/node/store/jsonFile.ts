import { readFile } from 'node:fs/promises';
import { replaceFile, stampOf, whileLocked } from './sharedFile';

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
      this.readStamp = await stampOf(this.path);
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
    return whileLocked(this.path, async () => {
      const changed = (await stampOf(this.path)) !== this.readStamp;
      const theirs = changed ? await this.read() : undefined;
      await replaceFile(this.path, JSON.stringify({ version: this.version, value: make(theirs) }));
      this.readStamp = await stampOf(this.path);
    });
  }
}
