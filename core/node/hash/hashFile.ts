import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { beginsLikeArchive } from './archive';

/** The content of a file, in short. */
export interface FileContent {
  /** SHA-256, as hexadecimal. */
  readonly digest: string;
  /** It begins like an archive that ADD unpacks. */
  readonly archive: boolean;
}

const CHUNK = 1 << 18;
/** One for all files of a thread: with many small files, making one for each takes longer than reading. */
const buffer = Buffer.allocUnsafeSlow(CHUNK);

/** A pipe that was put in the place of the file is not waited for. */
const READ = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** Reads a file and hashes it; blocks, so large amounts belong in a worker. Throws what the file system throws. */
export function hashFile(path: string): FileContent {
  const descriptor = openSync(path, READ);
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${path} is no file`);
    const hash = createHash('sha256');
    let archive = false;
    for (let first = true; ; first = false) {
      const length = readSync(descriptor, buffer, 0, CHUNK, null);
      if (first) archive = beginsLikeArchive(buffer.subarray(0, length));
      if (length === 0) return { digest: hash.digest('hex'), archive };
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}
