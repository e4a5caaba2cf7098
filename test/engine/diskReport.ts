import type { DiskPart, DiskPartKind } from '../../core/model/index.js';

/** Bytes of all parts of a kind. */
export function bytesOf(parts: readonly DiskPart[], ...kinds: readonly DiskPartKind[]): number {
  return parts.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** One of a list, by what it is called. */
export function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not in the report`);
  return found;
}
