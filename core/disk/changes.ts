import { asArray, asObject, asText } from '../llb/decode';
import type { ContainerChange, ContainerChanges } from '../model';

/** What an engine says that a container changed, without sizes. */
export interface ToldChange {
  readonly path: string;
  readonly change: ContainerChange['change'];
}

const KINDS: Readonly<Record<number, ToldChange['change']>> = { 0: 'changed', 1: 'added', 2: 'deleted' };

/** Reads `/containers/{id}/changes`, which is null where nothing changed. */
export function readChanges(answer: unknown): ToldChange[] {
  return asArray(answer)
    .map(asObject)
    .flatMap((one) => {
      const change = KINDS[Number(one['Kind'])];
      return change === undefined ? [] : [{ path: asText(one['Path']), change }];
    });
}

/** Something in a writable layer. */
export interface WrittenFile {
  readonly type: ContainerChange['type'];
  /** Bytes of a file, length of a link's text; 0 of all others. */
  readonly bytes: number;
}

/** What the image has at a path: one file, or all files below a folder. */
export interface ImageFile {
  readonly type: ContainerChange['type'];
  readonly bytes: number;
}

export interface ChangeSources {
  /** Undefined: not known. */
  readonly written: (path: string) => WrittenFile | undefined;
  /** Undefined: not known. */
  readonly inImage: (path: string) => ImageFile | undefined;
}

/** Adds sizes to what an engine says that a container changed. */
export function describeChanges(
  told: readonly ToldChange[],
  { written, inImage }: ChangeSources,
  message: string,
): ContainerChanges {
  const changes = told.map(({ path, change }): ContainerChange => {
    const now = change === 'deleted' ? undefined : written(path);
    const before = change === 'added' ? undefined : inImage(path);
    const type = now?.type ?? before?.type ?? 'other';
    return {
      ...{ path, change, type },
      bytes: change === 'deleted' ? 0 : (now?.bytes ?? null),
      // a folder that is still there hides nothing
      imageBytes: change !== 'deleted' && type === 'directory' ? null : (before?.bytes ?? null),
    };
  });
  changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const hiding = changes.filter(
    ({ change, type }) => change === 'deleted' || (change === 'changed' && type !== 'directory'),
  );
  return {
    changes,
    bytes: total(changes.map(({ bytes }) => bytes)),
    hiddenBytes: total(hiding.map(({ imageBytes }) => imageBytes)),
    message,
  };
}

function total(numbers: readonly (number | null)[]): number | null {
  let bytes = 0;
  for (const number of numbers) {
    if (number === null) return null;
    bytes += number;
  }
  return bytes;
}

/** Go's bits of a file mode (io/fs FileMode) that say what it is. */
const GO_DIRECTORY = 0x80000000;
const GO_SYMLINK = 0x08000000;
const GO_OTHER = 0x02000000 + 0x01000000 + 0x04000000 + 0x00200000 + 0x00080000;

/**
 * Reads the header `X-Docker-Container-Path-Stat` of `HEAD /containers/{id}/archive`.
 *
 * @param text of the header, its base64 already decoded
 */
export function readPathStat(text: string): WrittenFile | undefined {
  let stat;
  try {
    stat = asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
  const { mode, size } = stat;
  if (typeof mode !== 'number' || typeof size !== 'number') return undefined;
  const has = (bits: number): boolean => ((mode >>> 0) & bits) !== 0;
  if (has(GO_DIRECTORY)) return { type: 'directory', bytes: 0 };
  if (has(GO_SYMLINK)) return { type: 'symlink', bytes: size };
  return has(GO_OTHER) ? { type: 'other', bytes: 0 } : { type: 'file', bytes: size };
}
