import { describe, expect, it } from 'vitest';
import { keyOf, planReclaim } from '../../../core/disk/reclaim';
import { unusedItems } from '../../../core/disk/unusedItems';
import type { DiskReport, ReclaimItem, ReclaimPlan } from '../../../core/model';
import { Random } from '../../generator/random';
import { SimulatedStore } from './simulatedStore';

const STORES = 1500;

function allItems({ containers, images, buildCache }: DiskReport): ReclaimItem[] {
  return [
    ...buildCache.map(({ id }): ReclaimItem => ({ kind: 'build-cache', id, name: id })),
    ...images.map(({ id }): ReclaimItem => ({ kind: 'image', id, name: id })),
    ...containers.map(({ id }): ReclaimItem => ({ kind: 'container', id, name: id })),
  ];
}

/** Carries a plan out, and compares what comes free with what it said. */
function carryOut(store: SimulatedStore, plan: ReclaimPlan, seed: string): number {
  const before = store.bytes();
  const hidden = store.hiddenBytes();
  let promised = 0;
  for (const item of plan.items) {
    expect(store.remove(item.kind, item.id), `${seed}: removing ${keyOf(item)}`).toBeUndefined();
    promised += item.bytes;
    expect(before - store.bytes(), `${seed}: after ${keyOf(item)}`).toBeGreaterThanOrEqual(promised);
  }
  const freed = before - store.bytes();
  expect(promised, seed).toBe(plan.freesAtLeast);
  // what the engine counts as nothing may come free on top, and is named then
  const more = plan.uncertainty.includes('left of an image') ? hidden : 0;
  expect(freed, `${seed}: ${plan.uncertainty}`).toBeLessThanOrEqual(plan.freesAtMost + more);
  if (plan.uncertainty === '') expect(freed, seed).toBe(plan.freesAtMost);
  if (plan.freesAtLeast !== plan.freesAtMost) expect(plan.uncertainty, seed).not.toBe('');
  return freed;
}

describe('plans for random stores', () => {
  it(`come true in ${STORES} simulated ones`, { timeout: 60_000 }, () => {
    let [certain, freeing, refusing] = [0, 0, 0];
    for (let number = 0; number < STORES; number++) {
      const seed = `reclaim/${number}`;
      const store = new SimulatedStore(seed);
      const random = new Random(`choice of ${seed}`);
      const report = store.report();
      const share = random.pick([0.2, 0.5, 1]);
      const asked = allItems(report).filter(() => random.chance(share));
      const kept = new Set(
        allItems(report)
          .filter(() => random.chance(0.05))
          .map(keyOf),
      );
      const plan = planReclaim(report, asked, kept);
      const planned = plan.items.map(keyOf);
      expect(new Set(planned).size, seed).toBe(planned.length);
      expect(
        planned.filter((key) => kept.has(key)),
        seed,
      ).toEqual([]);
      // each thing that was asked for is in one of the two lists
      const answered = [
        ...plan.items.filter((one) => asked.some((item) => keyOf(item) === keyOf(one))),
        ...plan.refused.map(({ item }) => item),
      ];
      expect(answered.map(keyOf).sort(), seed).toEqual(asked.map(keyOf).sort());
      for (const { needs = [] } of plan.items) expect(planned, seed).toEqual(expect.arrayContaining([...needs]));
      // refused is only what a store would refuse now, too, or what something that stays holds
      const freed = carryOut(store, plan, seed);
      for (const { item } of plan.refused.filter(
        (one) => !kept.has(keyOf(one.item)) && one.item.kind !== 'build-cache',
      )) {
        // without the parents told, a step is taken for one of any image that has its layers
        if (store.isParentTold) expect(store.remove(item.kind, item.id), `${seed}: ${keyOf(item)}`).toBeDefined();
      }
      certain += Number(plan.uncertainty === '' && plan.items.length > 0);
      freeing += Number(freed > 0);
      refusing += Number(plan.refused.length > 0);
    }
    // the comparison must not have had nothing to compare
    expect(certain).toBeGreaterThan(STORES * 0.4);
    expect(freeing).toBeGreaterThan(STORES * 0.4);
    expect(refusing).toBeGreaterThan(STORES * 0.2);
  });

  it('leave nothing behind that nothing uses, and need no refusal', () => {
    for (let number = 0; number < 500; number++) {
      const seed = `unused/${number}`;
      const store = new SimulatedStore(seed);
      const report = store.report();
      const plan = planReclaim(report, unusedItems(report, new Set()).all, new Set());
      expect(plan.refused, seed).toEqual([]);
      carryOut(store, plan, seed);
      const left = store.report();
      expect(
        left.containers.filter(({ state }) => state !== 'running' && state !== 'paused'),
        seed,
      ).toEqual([]);
      const used = new Set(left.containers.map(({ imageId }) => imageId));
      if (store.isParentTold) {
        const isUsed = (id: string): boolean =>
          used.has(id) || left.images.some((image) => image.parentId === id && isUsed(image.id));
        expect(
          left.images.filter(({ id }) => !isUsed(id)),
          seed,
        ).toEqual([]);
      }
      const isNeeded = (id: string): boolean =>
        left.buildCache.some((one) => (one.id === id && one.isInUse) || (one.parents.includes(id) && isNeeded(one.id)));
      expect(
        left.buildCache.filter(({ id }) => !isNeeded(id)),
        seed,
      ).toEqual([]);
    }
  });
});
