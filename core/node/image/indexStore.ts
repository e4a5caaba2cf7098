import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LayerEntries } from '../../image/layerEntries';
import { Columns, ColumnsReader } from '../store/columns';
import { replaceFile } from '../store/sharedFile';

/** Rises with every change of the format or of what is read from layers: files of another version count as absent. */
const VERSION = 1;
const SUFFIX = '.layer';
/** Megabytes of all indexes, unless the user says another number. */
export const DEFAULT_CACHE_MEGABYTES = 1000;
const MEGABYTE = 1_000_000;

/** The bound that a variable of the environment says (`LAYER_INSIGHT_CACHE_LIMIT`, in megabytes), else the usual one. */
export function cacheMegabytes(env: NodeJS.ProcessEnv): number {
  const text = env['LAYER_INSIGHT_CACHE_LIMIT'] ?? '';
  const megabytes = Number(text);
  return text.trim() === '' || !(megabytes >= 0) ? DEFAULT_CACHE_MEGABYTES : megabytes;
}

/**
 * Remembers what is in a layer by the digest of its content, so that a layer which many images share is read once. Names,
 * sizes and digests, no contents. Only what was verified comes here: the digest names the content for every image.
 */
export class LayerIndexStore {
  private readonly folder: string;

  private limit: number;

  constructor(cacheFolder: string, megabytes = DEFAULT_CACHE_MEGABYTES) {
    this.folder = join(cacheFolder, 'layers');
    this.limit = megabytes * MEGABYTE;
  }

  /** Another bound from now on; what is above it goes at once. 0: nothing is kept. Never rejects. */
  async setLimit(megabytes: number): Promise<void> {
    const limit = megabytes * MEGABYTE;
    if (limit === this.limit) return;
    const isLess = limit < this.limit;
    this.limit = limit;
    // whoever cannot list or remove files there does not write any either
    if (isLess) await this.shrink().catch(() => undefined);
  }

  /** The entries of a layer; undefined when they are not known. */
  async get(diffId: string): Promise<LayerEntries | undefined> {
    const path = this.path(diffId);
    try {
      const reader = ColumnsReader.open(await readFile(path), VERSION);
      if (reader === undefined) return undefined;
      const entries = decode(reader);
      // the ones that are used longest ago go first
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return entries;
    } catch {
      return undefined;
    }
  }

  async put(diffId: string, entries: LayerEntries): Promise<void> {
    if (this.limit <= 0) return;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await replaceFile(this.path(diffId), encode(entries));
      await this.shrink();
    } catch {
      // a full or read-only disk only means that the layer is read again
    }
  }

  private path(diffId: string): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(diffId)?.[1];
    if (hex === undefined) throw new Error(`"${diffId}" is no digest of a layer`);
    return join(this.folder, `${hex}${SUFFIX}`);
  }

  private async shrink(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(SUFFIX));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    let bytes = 0;
    for (const { path, size } of files) {
      bytes += size;
      if (bytes > this.limit) await rm(path, { force: true });
    }
  }
}

function encode(entries: LayerEntries): Uint8Array {
  const { paths, links, columns, digests } = entries.parts();
  const file = new Columns(VERSION);
  const linked = [...links];
  file.texts(paths);
  file.integers(Uint32Array.from(linked, ([index]) => index));
  file.texts(linked.map(([, link]) => link));
  file.bytes(columns.types);
  file.integers(Uint32Array.from(columns.modes));
  file.integers(columns.uids);
  file.integers(columns.gids);
  file.floats(columns.sizes);
  file.floats(columns.modified);
  file.floats(columns.offsets);
  file.bytes(digests ?? new Uint8Array(0));
  return file.finish();
}

function decode(file: ColumnsReader): LayerEntries {
  const paths = file.texts();
  const indexes = file.integers();
  const targets = file.texts();
  const types = file.bytes();
  const modes = Uint16Array.from(file.integers());
  const [uids, gids] = [file.integers(), file.integers()];
  const [sizes, modified, offsets] = [file.floats(), file.floats(), file.floats()];
  const digests = file.bytes();
  return LayerEntries.from({
    paths,
    links: targets.map((target, place): [number, string] => [indexes[place] ?? 0, target]),
    columns: { types, modes, uids, gids, sizes, modified, offsets },
    digests: digests.length === 0 ? undefined : digests,
  });
}
