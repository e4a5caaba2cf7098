import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cutAtLine } from '../../build/buildToLine';

/** A Dockerfile that ends with one line, in a folder of its own. */
export interface CutFile {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/**
 * Writes a Dockerfile up to the end of the instruction on a line where the builder can read it, with the ignore file that
 * belongs to this Dockerfile alone. Fails with a sentence where it cannot be cut.
 *
 * @param dockerfile absolute path of the whole one
 * @param line 1-based
 */
export async function writeCutFile(dockerfile: string, text: string, line: number): Promise<CutFile> {
  const cut = cutAtLine(text, line);
  if ('reason' in cut) throw new Error(cut.reason);
  const folder = await mkdtemp(join(tmpdir(), 'layer-insight-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, basename(dockerfile));
  try {
    await writeFile(path, cut.text, { mode: 0o600 });
    await copyFile(`${dockerfile}.dockerignore`, `${path}.dockerignore`).catch(() => undefined);
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
