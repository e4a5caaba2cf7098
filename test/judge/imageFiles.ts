import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asArray, asString, at, parseJson } from './json.js';
import { run } from './run.js';
import { listTar, readFromTar, type TarEntry } from './tarList.js';

const TIMEOUT_MS = 60_000;

/** What a container of an image sees. */
export interface VisibleFiles {
  /** One line for each path: `type mode uid:gid size path`, with the target of a link or the other names of a file. */
  readonly lines: ReadonlyMap<string, string>;
  /** Bytes of regular files, hard links once. */
  readonly bytes: number;
}

/** One layer as its archive lists it. */
export interface SavedLayer {
  readonly diffId: string;
  /** Undefined for the layer of a step that has none in the history. */
  readonly createdBy: string | undefined;
  readonly entries: readonly TarEntry[];
  /** Bytes of the archive itself. */
  readonly archiveBytes: number;
}

/** What every path of an image is, on one line. */
export function describeFile(
  file: Omit<TarEntry, 'path' | 'type'> & { readonly path: string; readonly type: string },
  otherNames: readonly string[] = [],
): string {
  const end = file.type === 'symlink' ? ` -> ${file.link}` : otherNames.map((name) => ` = ${name}`).join('');
  return `${file.type} ${file.mode} ${file.uid}:${file.gid} ${file.size} ${file.path}${end}`;
}

/** Runs docker or podman; throws with what it said when it fails. Returns what it printed. */
export async function engineCommand(program: string, args: readonly string[], env = {}): Promise<string> {
  const result = await run(program, args, { timeoutMs: TIMEOUT_MS, env });
  if (result.code !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${result.stderr.trim()}`);
  return result.stdout.trim();
}

/** The file system of a container that is made from the image and never started. */
export async function exportImage(program: string, image: string): Promise<VisibleFiles> {
  const container = await engineCommand(program, ['create', '--network', 'none', image, '/none']);
  const folder = await mkdtemp(join(tmpdir(), 'li-export-'));
  try {
    const archive = join(folder, 'export.tar');
    await engineCommand(program, ['export', '--output', archive, container]);
    return visibleFiles(await listTar(archive));
  } finally {
    await engineCommand(program, ['rm', '--force', container]);
    await rm(folder, { recursive: true, force: true });
  }
}

function visibleFiles(entries: readonly TarEntry[]): VisibleFiles {
  const byPath = new Map(entries.map((entry) => [clean(entry.path), entry]));
  const names = new Map<string, string[]>();
  for (const [path, { type, link }] of byPath) {
    const first = type === 'hardlink' ? clean(link) : path;
    names.set(first, [...(names.get(first) ?? []), path].sort());
  }
  const lines = new Map<string, string>();
  let bytes = 0;
  for (const [path, entry] of byPath) {
    if (path === '') continue;
    const first = entry.type === 'hardlink' ? clean(entry.link) : path;
    const content = byPath.get(first) ?? entry;
    const others = (names.get(first) ?? []).filter((name) => name !== path);
    lines.set(
      path,
      describeFile({ ...entry, path, type: content.type, size: content.size, link: content.link }, others),
    );
    bytes += entry.size;
  }
  return { lines, bytes };
}

/** The layers in an archive that `docker save` or `podman save` (docker-archive) wrote, as `tar` lists them. */
export async function savedLayers(archive: string): Promise<readonly SavedLayer[]> {
  const [manifest] = asArray(parseJson(await readFromTar(archive, 'manifest.json')));
  const config = parseJson(await readFromTar(archive, asString(at(manifest, 'Config')) ?? ''));
  const diffIds = asArray(at(config, 'rootfs', 'diff_ids')).map(asString);
  const making = asArray(at(config, 'history')).filter((step) => at(step, 'empty_layer') !== true);
  const folder = await mkdtemp(join(tmpdir(), 'li-saved-'));
  try {
    const blobs = asArray(at(manifest, 'Layers')).map((blob) => asString(blob) ?? '');
    await engineCommand('tar', ['--extract', `--directory=${folder}`, `--file=${archive}`, ...new Set(blobs)]);
    const layers: SavedLayer[] = [];
    for (const [index, blob] of blobs.entries()) {
      layers.push({
        diffId: diffIds[index] ?? '',
        createdBy: asString(at(making[index], 'created_by')) ?? (making[index] === undefined ? undefined : ''),
        entries: await listTar(join(folder, blob)),
        archiveBytes: (await stat(join(folder, blob))).size,
      });
    }
    return layers;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bytes of each step of an image as docker or podman counts them, the oldest first. */
export async function historySizes(program: string, image: string): Promise<readonly number[]> {
  const printed = await engineCommand(program, ['history', '--human=false', '--format', 'json', image]);
  // Podman prints one list, Docker a line for each step
  const steps = printed.startsWith('[') ? asArray(parseJson(printed)) : printed.split('\n').map(parseJson);
  return steps.map((step) => Number(at(step, 'Size') ?? at(step, 'size') ?? 0)).reverse();
}

/** A name as it is below the root. */
export function clean(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
