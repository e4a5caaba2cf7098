import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const images: string[] = [];

/** Builds a context with the real builder, as a user does in a terminal. */
export async function build(context: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'li-build-'));
  try {
    const iid = join(scratch, 'image');
    await execute('docker', ['buildx', 'build', '--load', '--iidfile', iid, context], { timeout: 120_000 });
    images.push((await readFile(iid, 'utf8')).trim());
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Removes the images of this run's builds: the engine may be the user's own. */
export async function removeImages(): Promise<void> {
  for (const image of images.splice(0)) {
    // an image that is still used by a later build of the same content is already gone or not ours
    await execute('docker', ['image', 'rm', image], { timeout: 30_000 }).catch(() => undefined);
  }
}
