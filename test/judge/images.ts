import { asString, at, parseJson } from './json.js';
import { run } from './run.js';

const DOCKER_TIMEOUT_MS = 30_000;

/** One entry of `docker history`, newest first. */
export interface HistoryEntry {
  /** The first twelve digits of its image's id; undefined when that image is not on this engine. */
  readonly id: string | undefined;
  readonly createdBy: string;
  /** Bytes of the regular files of the layer (overlay2), 0 for an entry without a layer. */
  readonly bytes: number;
}

let blocks: Promise<boolean> | undefined;

/** Does the engine count blocks on disk instead of bytes of files? The containerd image store does. */
function countsBlocks(): Promise<boolean> {
  blocks ??= run('docker', ['info', '--format', '{{.DriverStatus}}'], { timeoutMs: DOCKER_TIMEOUT_MS }).then((info) =>
    info.stdout.includes('io.containerd.snapshotter'),
  );
  return blocks;
}

/** `docker history` of an image with exact sizes; undefined when the engine does not answer or counts otherwise. */
export async function imageHistory(image: string): Promise<readonly HistoryEntry[] | undefined> {
  if (await countsBlocks()) return undefined;
  const args = ['history', '--no-trunc', '--human=false', '--format', 'json', image];
  const result = await run('docker', args, { timeoutMs: DOCKER_TIMEOUT_MS });
  if (result.code !== 0) return undefined;
  const entries: HistoryEntry[] = [];
  for (const line of result.stdout.split('\n')) {
    if (line.trim() === '') continue;
    const entry = parseJson(line);
    const bytes = Number(asString(at(entry, 'Size')));
    if (!Number.isSafeInteger(bytes)) return undefined;
    const id = /^sha256:([0-9a-f]{12})/.exec(asString(at(entry, 'ID')) ?? '')?.[1];
    entries.push({ id, createdBy: asString(at(entry, 'CreatedBy')) ?? '', bytes });
  }
  return entries;
}

/** Bytes of the layer of an image and of the images below it, by the first twelve digits of their ids. */
export async function imageSizes(image: string): Promise<ReadonlyMap<string, number> | undefined> {
  const history = await imageHistory(image);
  return history && new Map(history.flatMap(({ id, bytes }) => (id === undefined ? [] : [[id, bytes] as const])));
}

/** Whether an entry that BuildKit wrote has a layer. `WORKDIR /` is recorded but makes none. */
function layerKeyword(entry: HistoryEntry): string | undefined {
  const keyword = /^(RUN|COPY|ADD|WORKDIR) /.exec(entry.createdBy)?.[1];
  return entry.createdBy.trim() === 'WORKDIR /' ? undefined : keyword;
}

/**
 * Bytes of the newest layers of an image, oldest of them first.
 *
 * @param keywords the instructions that made them, in that order (undefined: any); undefined is returned when the history tells
 * another story, so that a size is never given to the wrong line.
 */
export function layerBytes(
  history: readonly HistoryEntry[],
  keywords: readonly (string | undefined)[],
): number[] | undefined {
  const layers = history.filter((entry) => layerKeyword(entry) !== undefined).slice(0, keywords.length);
  layers.reverse();
  const agrees = keywords.every((keyword, index) => {
    const entry = layers[index];
    return entry !== undefined && (keyword === undefined || layerKeyword(entry) === keyword);
  });
  return agrees ? layers.map((layer) => layer.bytes) : undefined;
}

/** Removes an image by a name or id that the caller made. Never throws: an image already gone is fine. */
export async function removeImage(image: string): Promise<void> {
  await run('docker', ['image', 'rm', image], { timeoutMs: DOCKER_TIMEOUT_MS });
}

/** Removes images and, with the last that stands on them, those below that nobody named. Never throws, as above. */
export async function removeImages(program: string, oldestFirst: readonly string[]): Promise<void> {
  const ids = [...new Set(oldestFirst)].reverse();
  if (ids.length > 0) await run(program, ['image', 'rm', ...ids], { timeoutMs: 4 * DOCKER_TIMEOUT_MS });
}
