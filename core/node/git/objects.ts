import { randomUUID } from 'node:crypto';
import { runGit, type Repository } from './runGit';

const NEWLINE = 10;

/** The bytes of objects by their names, as they are stored. */
export async function readObjects(
  repository: Repository,
  objects: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const input = objects.map((object) => `${object}\n`).join('');
  const output = await runGit({ ...repository, args: ['cat-file', '--batch'], input });
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(NEWLINE, at);
    if (end < 0) break;
    const [object = '', , size] = output.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (size === undefined) continue; // `NAME missing`
    const length = Number(size);
    found.set(object, output.subarray(at, at + length));
    at += length + 1;
  }
  return found;
}

/**
 * The bytes of files by their paths, as a checkout has them. The sizes that git tells are those before the conversion,
 * so that an object that does not exist is asked for behind each: its name is where the bytes end.
 */
export async function readConverted(
  repository: Repository,
  files: readonly { readonly path: string; readonly object: string }[],
): Promise<ReadonlyMap<string, Buffer>> {
  // git reads one path a line
  const asked = files.filter(({ path }) => !path.includes('\n'));
  const mark = randomUUID();
  const input = asked.map(({ object, path }) => `${object} ${path}\n${mark} -\n`).join('');
  const output = await runGit({ ...repository, args: ['cat-file', '--batch', '--filters'], input });
  const found = new Map<string, Buffer>();
  const end = Buffer.from(`\n${mark} missing\n`);
  let at = 0;
  for (const { path } of asked) {
    const start = output.indexOf(NEWLINE, at) + 1;
    const stop = output.indexOf(end, start - 1);
    if (start === 0 || stop < 0) break;
    found.set(path, output.subarray(start, stop));
    at = stop + end.length;
  }
  return found;
}
