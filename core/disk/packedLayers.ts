import type { DiskCacheRecord } from '../model';

/**
 * Containerd's store: how much of a record certainly goes with it. A record counts a snapshot of its own and, once it was
 * exported, the packed layer, which stays with an image that has it. The record need not be marked as shared then (seen
 * with 28.5 after the record on it was pruned), so it is told by the sizes: BuildKit's snapshot has at least the bytes of
 * the image's (the same files, and folders to mount on), and what is packed is hardly larger than what is unpacked.
 *
 * @param layers bytes of the layers of images that stay; null: not known
 */
export function bytesWithoutPacked(record: DiskCacheRecord, layers: readonly (number | null)[]): number {
  const { type, sizeBytes, isShared } = record;
  // folders of a build's context and cache mounts are never packed
  if (type !== 'regular' || layers.length === 0) return sizeBytes;
  if (layers.includes(null) || !isOwnResult(record)) return 0;
  const fitting = layers.filter((bytes) => bytes !== null && bytes <= sizeBytes && sizeBytes <= 2.1 * bytes + 65_536);
  if (fitting.length === 0) return isShared ? 0 : sizeBytes;
  return fitting.reduce<number>((least, bytes) => Math.min(least, bytes ?? 0), sizeBytes);
}

/**
 * Whether a record is the result of RUN, COPY and others: with containerd, it is a snapshot of BuildKit's own beside the
 * one of the image. All other regular records are what builds stand on, and have the image's own snapshot.
 */
export function isOwnResult({ type, description }: DiskCacheRecord): boolean {
  return type !== 'regular' || /^(?:mount \/|\[)/.test(description);
}
