import { keyOf, type DiskReport, type ReclaimItem, type ReclaimPlan } from '../model';
import { freedBytes } from './reclaimBytes';
import { chooseItems } from './reclaimChoice';
import { reclaimCommands } from './reclaimCommands';

export { commandText, keyOf } from '../model';

/**
 * Works out what removing these items does, before anything is touched. Containers go before their images, images before
 * build cache, and what stands on something before it. What cannot or must not go is refused with the reason: what runs or
 * is in use, what is marked as kept, and volumes together with anything else.
 *
 * @param kept keys ({@link keyOf}) of what the user wants to keep
 * @param costOf milliseconds that it took to make an item, as measured; null: not known
 */
export function planReclaim(
  report: DiskReport,
  items: readonly ReclaimItem[],
  kept: ReadonlySet<string>,
  costOf: (item: ReclaimItem) => number | null = () => null,
): ReclaimPlan {
  const { chosen, refused } = chooseItems(report, items, kept);
  const { byItem, ...freed } = freedBytes(report, chosen);
  return {
    items: chosen.map(({ item, isRequired, needs }) => ({
      ...{ kind: item.kind, id: item.id, name: item.name },
      bytes: byItem.get(keyOf(item)) ?? 0,
      isRequired,
      rebuildMs: costOf(item),
      ...(needs.length > 0 ? { needs } : {}),
    })),
    refused,
    ...freed,
    commands: reclaimCommands(report, chosen),
  };
}
