import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { beginsLikeArchive } from './archive';

/** The content of a file, in short. */
export interface FileContent {
  /** SHA-256, as hexadecimal. */
  readonly digest: string;
  /** It begins like an archive that ADD unpacks. */
  readonly archive: boolean;
  /** SHA-256 of the header that was asked for with the content behind it. */
  readonly sum?: string;
}

const CHUNK = 1 << 18;
/** One for all files of a thread: with many small files, making one for each takes longer than reading. */
const buffer = Buffer.allocUnsafeSlow(CHUNK);

/** A pipe that was put in the place of the file is not waited for. */
const READ = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/**
 * Reads a file and hashes it, and once more behind a `header` if there is one; blocks, so large amounts belong in a
 * worker. Throws what the file system throws.
 */
export function hashFile(path: string, header?: string): FileContent {
  const descriptor = openSync(path, READ);
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${path} is no file`);
    const hash = createHash('sha256');
    const sum = header === undefined ? undefined : createHash('sha256').update(header);
    let archive = false;
    for (let first = true; ; first = false) {
      const length = readSync(descriptor, buffer, 0, CHUNK, null);
      if (first) archive = beginsLikeArchive(buffer.subarray(0, length));
      if (length === 0) {
        const content = { digest: hash.digest('hex'), archive };
        return sum === undefined ? content : { ...content, sum: sum.digest('hex') };
      }
      const part = buffer.subarray(0, length);
      hash.update(part);
      sum?.update(part);
    }
  } finally {
    closeSync(descriptor);
  }
}
