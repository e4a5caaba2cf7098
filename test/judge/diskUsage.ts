import { asArray, at, parseJson } from './json.js';
import { engineCommand } from './imageFiles.js';
import { run } from './run.js';

/** What `du` says of a folder and of each of its subfolders, in bytes on disk. */
export interface Measured {
  readonly all: number;
  readonly folders: ReadonlyMap<string, number>;
}

/** `du` of a folder; what is written meanwhile makes it fail, and it is asked again. */
export async function duOf(folder: string): Promise<Measured> {
  await run('sync', [], { timeoutMs: 60_000 });
  const listed = await run('du', ['--block-size=1', '--max-depth=1', folder], { timeoutMs: 60_000 });
  const sizes = new Map<string, number>();
  for (const line of listed.stdout.trim().split('\n')) {
    const [bytes = '', path = ''] = line.split('\t');
    sizes.set(path, Number(bytes));
  }
  const all = sizes.get(folder);
  if (all === undefined) throw new Error(`du ${folder}: ${listed.stderr.trim()}`);
  sizes.delete(folder);
  return { all, folders: new Map([...sizes].map(([path, bytes]) => [path.slice(folder.length + 1), bytes])) };
}

/** Lengths of all files and links below folders (a shell pattern), by `find`. */
export async function lengthsBelow(pattern: string): Promise<number> {
  const script = `find ${pattern} \\( -type f -o -type l \\) -printf '%s\\n' | awk '{ sum += $1 } END { printf "%d", sum }'`;
  const found = await run('sh', ['-c', script], { timeoutMs: 60_000 });
  if (found.code !== 0) throw new Error(`find ${pattern}: ${found.stderr.trim()}`);
  return Number(found.stdout);
}

/** What `system df` prints. Docker with the containerd store fails where a build removes a snapshot meanwhile. */
export async function systemDf(program: string, args: readonly string[] = []): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await engineCommand(program, ['system', 'df', ...args]);
    } catch (error) {
      if (tries === 5 || !/snapshot \S+ does not exist/.test(String(error))) throw error;
    }
  }
}

/** The SIZE that `docker system df` prints for a row, in bytes as far as it prints them: four digits. */
export async function dfSize(program: string, type: string): Promise<number> {
  const printed = await systemDf(program, ['--format', '{{.Type}}|{{.Size}}']);
  const row = printed.split('\n').find((line) => line.startsWith(`${type}|`));
  return printedBytes(row?.split('|')[1] ?? '');
}

/** `17.02MB` as a number. */
export function printedBytes(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)([kMGT]?)B$/.exec(text) ?? [];
  if (number === '') throw new Error(`"${text}" is no size`);
  return Number(number) * 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit);
}

/** Bytes of a container's writable layer and of all its files, as inspecting it tells. */
export async function containerSizes(program: string, name: string): Promise<{ written: number; virtual: number }> {
  const [json] = asArray(parseJson(await engineCommand(program, ['container', 'inspect', '--size', name])));
  return { written: Number(at(json, 'SizeRw')), virtual: Number(at(json, 'SizeRootFs')) };
}
