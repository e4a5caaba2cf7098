import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds to wait for another process that is writing. */
const LOCK_WAIT = 3000;
/** Milliseconds after which a lock belongs to a process that died. */
const LOCK_STALE = 15_000;

/**
 * Does `work` while no other process does the same for this path; its folder is made if need be. False when the lock
 * could not be had in time, or `work` failed: what was to be remembered is lost, nothing else.
 */
export async function whileLocked(path: string, work: () => Promise<void>): Promise<boolean> {
  const lock = `${path}.lock`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (!(await acquire(lock))) return false;
    try {
      await work();
      return true;
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  } catch {
    return false; // a full or read-only disk must not stop a prediction
  }
}

/** Replaces a file as a whole, for its owner only: a reader sees the old or the new content. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Another text whenever the file was replaced; undefined when it is absent. */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return undefined;
  }
}

async function acquire(lock: string): Promise<boolean> {
  const end = Date.now() + LOCK_WAIT;
  for (;;) {
    try {
      await mkdir(lock);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > end) return false;
    }
    const age = await stat(lock).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > LOCK_STALE) await rm(lock, { recursive: true, force: true });
    else await sleep(20);
  }
}
