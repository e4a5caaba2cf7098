import {
  keyOf,
  type DiskContainer,
  type DiskImage,
  type DiskReport,
  type ReclaimItem,
  type UnusedKind,
} from '../model';
import { ImageTree } from './imageTree';
import { containerItem, imageItem, isStopped, recordItem, usersOfImages } from './reclaimChoice';
import { RecordTree } from './recordTree';

/** What nothing uses, volumes apart and without what is marked as kept. Each list can be given to `planReclaim`. */
export interface UnusedItems extends Readonly<Record<UnusedKind, readonly ReclaimItem[]>> {
  readonly stoppedContainers: readonly ReclaimItem[];
  /** Images without a name that no container was made from. */
  readonly danglingImages: readonly ReclaimItem[];
  /** Images that no container was made from, those without a name, too. */
  readonly unusedImages: readonly ReclaimItem[];
  readonly unusedCache: readonly ReclaimItem[];
  /** All of these, and the images that only those containers use: what `docker system prune --all` would remove. */
  readonly all: readonly ReclaimItem[];
}

/** Finds what nothing uses. */
export function unusedItems(report: DiskReport, kept: ReadonlySet<string>): UnusedItems {
  const isFree = (item: ReclaimItem): boolean => !kept.has(keyOf(item));
  const containers = report.containers.filter((one) => isStopped(one) && isFree(containerItem(one)));
  const going = new Set(containers.map(({ id }) => id));
  const users = usersOfImages(report);
  const usersOf = (id: string): readonly DiskContainer[] => users.get(id) ?? [];
  const unused = freeImages(report, (image) => isFree(imageItem(image)) && usersOf(image.id).length === 0);
  const afterwards = freeImages(
    report,
    (image) => isFree(imageItem(image)) && usersOf(image.id).every(({ id }) => going.has(id)),
  );
  const stoppedContainers = containers.map(containerItem);
  const unusedCache = freeRecords(report, isFree);
  return {
    stoppedContainers,
    danglingImages: unused.filter(({ names }) => names.length === 0).map(imageItem),
    unusedImages: unused.map(imageItem),
    unusedCache,
    all: [...stoppedContainers, ...afterwards.map(imageItem), ...unusedCache],
  };
}

/**
 * Images that may go by themselves, and nothing that stays was made from them. Steps are not among them: they go with the
 * images that are made from them.
 */
function freeImages(report: DiskReport, mayGo: (image: DiskImage) => boolean): DiskImage[] {
  const tree = new ImageTree(report.images);
  const blocked = new Set(report.images.filter((image) => !mayGo(image)).map(({ id }) => id));
  const parents = new Map<string, string[]>();
  for (const image of report.images) {
    for (const child of tree.madeFrom(image)) parents.set(child, [...(parents.get(child) ?? []), image.id]);
  }
  // a set that grows while it is walked gives what was added, too
  for (const id of blocked) for (const parent of parents.get(id) ?? []) blocked.add(parent);
  return report.images.filter(({ id, isIntermediate }) => !isIntermediate && !blocked.has(id));
}

/** Records that are not in use, nor is anything on them in use or marked as kept. */
function freeRecords({ engine, buildCache }: DiskReport, isFree: (item: ReclaimItem) => boolean): ReclaimItem[] {
  // Podman removes no single one
  if (engine.kind === 'podman') return [];
  const needed = buildCache.filter((record) => record.isInUse || !isFree(recordItem(record))).map(({ id }) => id);
  const blocked = new RecordTree(buildCache).withAncestors(needed);
  return buildCache.filter(({ id }) => !blocked.has(id)).map(recordItem);
}
