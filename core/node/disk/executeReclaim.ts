import { keyOf } from '../../disk/reclaim';
import type {
  DiskReport,
  PlannedRemoval,
  ReclaimItem,
  ReclaimOutcome,
  ReclaimPlan,
  ReclaimProgress,
} from '../../model';
import type { DiskAccess } from './diskAccess';

const KINDS: Readonly<Record<ReclaimItem['kind'], string>> = {
  container: 'container',
  image: 'image',
  'build-cache': 'build cache',
  volume: 'volume',
};

/**
 * Removes exactly the items of a plan, in their order. What fails is reported and the others go on, but not what needed it
 * to be gone. When the signal is aborted, nothing more is touched and the outcome says what was done until then. Measures
 * afterwards, so that what came free is told by the store itself and not by what was promised.
 *
 * @param bytesBefore total of the measurement that the plan was made from; without it the store is measured first, too
 */
export async function executeReclaim(
  plan: ReclaimPlan,
  access: Pick<DiskAccess, 'remove' | 'measure'>,
  signal: AbortSignal,
  onProgress: (progress: ReclaimProgress) => void,
  bytesBefore?: number,
): Promise<ReclaimOutcome> {
  const total = plan.items.length;
  const measure = async (done: number): Promise<DiskReport | undefined> => {
    if (signal.aborted) return undefined;
    try {
      return await access.measure(signal, (what) => onProgress({ done, total, what }));
    } catch {
      // what was removed is worth telling also when the engine does not answer any more
      return undefined;
    }
  };
  const before = bytesBefore ?? (total === 0 ? undefined : (await measure(0))?.totals.bytes);
  const removing = new Removing();
  for (const [done, item] of plan.items.entries()) {
    if (signal.aborted) break;
    onProgress({ done, total, what: `removing ${KINDS[item.kind]} ${item.name}` });
    await removing.remove(item, access, signal);
  }
  const after = total === 0 ? undefined : await measure(total);
  return removing.outcome(before, after);
}

class Removing {
  private readonly removed: ReclaimItem[] = [];
  private readonly failed: { item: ReclaimItem; why: string; isTried: boolean }[] = [];
  private engineBytes: number | null = null;

  async remove(planned: PlannedRemoval, access: Pick<DiskAccess, 'remove'>, signal: AbortSignal): Promise<void> {
    const item: ReclaimItem = { kind: planned.kind, id: planned.id, name: planned.name };
    const obstacle = this.failed.find((other) => (planned.needs ?? []).includes(keyOf(other.item)));
    if (obstacle !== undefined) {
      const why = `${KINDS[obstacle.item.kind]} ${obstacle.item.name} is still there, which had to go before it`;
      this.failed.push({ item, why, isTried: false });
      return;
    }
    try {
      const bytes = await access.remove(item, signal);
      if (bytes !== null) this.engineBytes = (this.engineBytes ?? 0) + bytes;
      this.removed.push(item);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      const why = signal.aborted ? 'stopped while it was being removed: it may be gone or not' : words;
      this.failed.push({ item, why, isTried: true });
    }
  }

  outcome(before: number | undefined, after: DiskReport | undefined): ReclaimOutcome {
    const left = after === undefined ? undefined : keysOf(after);
    // an engine may take more along than it was asked to, and then not find it any more
    const isGone = ({ item, isTried }: { item: ReclaimItem; isTried: boolean }): boolean =>
      isTried && left !== undefined && !left.has(keyOf(item));
    return {
      removed: [...this.removed, ...this.failed.filter(isGone).map(({ item }) => item)],
      failed: this.failed.filter((one) => !isGone(one)).map(({ item, why }) => ({ item, why })),
      engineBytes: this.engineBytes,
      measuredBytes: before === undefined || after === undefined ? null : before - after.totals.bytes,
    };
  }
}

function keysOf({ containers, images, buildCache, volumes }: DiskReport): ReadonlySet<string> {
  return new Set([
    ...containers.map(({ id }) => keyOf({ kind: 'container', id })),
    ...images.map(({ id }) => keyOf({ kind: 'image', id })),
    ...buildCache.map(({ id }) => keyOf({ kind: 'build-cache', id })),
    ...volumes.map(({ name }) => keyOf({ kind: 'volume', id: name })),
  ]);
}
