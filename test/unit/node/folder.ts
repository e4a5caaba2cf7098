import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these files, removed after the test. */
export function folderOf(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'li-node-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  put(folder, files);
  return folder;
}

/** Writes files below a folder. */
export function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs something as a user who may read what everybody may; only root can. */
export function asNobody<T>(work: () => T): T {
  const end = (): void => process.seteuid?.(0);
  process.seteuid?.(65_534);
  let isLong = false;
  try {
    const result = work();
    if (!(result instanceof Promise)) return result;
    isLong = true;
    // of what comes later, too: it may take more than one turn
    return result.finally(end) as T;
  } finally {
    if (!isLong) end();
  }
}
