import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../core/disk/reclaim';
import type { DiskReport, PlannedRemoval, ReclaimItem, ReclaimPlan, ReclaimProgress } from '../../../core/model';
import type { DiskAccess } from '../../../core/node/disk/diskAccess';
import { executeReclaim } from '../../../core/node/disk/executeReclaim';
import { reportOf } from './reclaimStore';

const removal = (kind: ReclaimItem['kind'], id: string, needs: readonly string[] = []): PlannedRemoval => ({
  ...{ kind, id, name: `the ${id}`, bytes: 0, isRequired: false, rebuildMs: null },
  ...(needs.length > 0 ? { needs } : {}),
});

const planOf = (...items: readonly PlannedRemoval[]): ReclaimPlan => ({
  ...{ items, refused: [], freesAtLeast: 0, freesAtMost: 0, uncertainty: '', stays: [], commands: [] },
});

const PLAN = planOf(
  removal('container', 'web'),
  removal('image', 'app', ['container:web']),
  removal('image', 'step', ['image:app']),
  removal('build-cache', 'r'),
);

/** An engine that removes what it is not told to refuse; 100 bytes each, of which it tells those of build cache. */
class Engine implements Pick<DiskAccess, 'remove' | 'measure'> {
  readonly asked: string[] = [];
  measured = 0;
  left: string[];

  constructor(
    items: readonly ReclaimItem[],
    private readonly onRemove: (id: string) => void = () => undefined,
    private readonly onMeasure: () => void = () => undefined,
  ) {
    this.left = items.map(keyOf);
  }

  remove(item: ReclaimItem): Promise<number | null> {
    return settled(() => {
      this.asked.push(item.id);
      this.onRemove(item.id);
      this.left = this.left.filter((key) => key !== keyOf(item));
      return item.kind === 'build-cache' ? 100 : null;
    });
  }

  measure(): Promise<DiskReport> {
    return settled(() => {
      this.measured++;
      this.onMeasure();
      const idsOf = (kind: string): string[] =>
        this.left.filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1));
      const report = reportOf({
        images: Object.fromEntries(idsOf('image').map((id) => [id, { layers: '' }])),
        containers: Object.fromEntries(idsOf('container').map((id) => [id, { of: 'app' }])),
        records: Object.fromEntries(idsOf('build-cache').map((id) => [id, {}])),
      });
      return { ...report, totals: { ...report.totals, bytes: 1000 + 100 * this.left.length } };
    });
  }
}

/** What an exception is for somebody who waits. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

const ids = (items: readonly ReclaimItem[]): string => items.map(({ id }) => id).join(' ');
const refuse =
  (...refused: readonly string[]) =>
  (id: string): void => {
    if (refused.includes(id)) throw new Error(`${id} is busy`);
  };

describe('carrying out a plan', () => {
  it('removes exactly its items in their order and tells what the engine and the measurement say', async () => {
    const engine = new Engine(PLAN.items);
    const progress: ReclaimProgress[] = [];
    const outcome = await executeReclaim(PLAN, engine, new AbortController().signal, (one) => progress.push(one));
    expect(engine.asked).toEqual(['web', 'app', 'step', 'r']);
    expect(outcome).toEqual({
      removed: PLAN.items.map(({ kind, id, name }) => ({ kind, id, name })),
      ...{ failed: [], engineBytes: 100, measuredBytes: 400 },
    });
    expect(progress[0]).toEqual({ done: 0, total: 4, what: 'removing container the web' });
    expect(progress.at(-1)).toEqual({ done: 3, total: 4, what: 'removing build cache the r' });
  });

  it('does not measure before when it is told what there was', async () => {
    const engine = new Engine(PLAN.items);
    const outcome = await executeReclaim(PLAN, engine, new AbortController().signal, () => undefined, 5000);
    expect([engine.measured, outcome.measuredBytes]).toEqual([1, 4000]);
  });

  it('goes on after a failure, but not with what needed it to be gone', async () => {
    const engine = new Engine(PLAN.items, refuse('web'));
    const outcome = await executeReclaim(PLAN, engine, new AbortController().signal, () => undefined);
    expect(engine.asked).toEqual(['web', 'r']);
    expect(outcome.failed.map(({ item, why }) => `${item.id}: ${why}`)).toEqual([
      'web: web is busy',
      'app: container the web is still there, which had to go before it',
      'step: image the app is still there, which had to go before it',
    ]);
    expect(outcome).toMatchObject({ engineBytes: 100, measuredBytes: 100 });
  });

  it('counts as removed what the engine had taken along already', async () => {
    const engine = new Engine(PLAN.items, (id) => {
      if (id === 'app') engine.left = engine.left.filter((key) => key !== 'image:step');
      if (id === 'step') throw new Error('no such image: step');
    });
    const outcome = await executeReclaim(PLAN, engine, new AbortController().signal, () => undefined);
    expect([ids(outcome.removed), outcome.failed]).toEqual(['web app r step', []]);
  });

  it('touches nothing more once it is stopped, and says what was done', async () => {
    const stop = new AbortController();
    const engine = new Engine(PLAN.items, (id) => {
      if (id === 'app') stop.abort();
    });
    const outcome = await executeReclaim(PLAN, engine, stop.signal, () => undefined);
    expect(engine.asked).toEqual(['web', 'app']);
    expect([ids(outcome.removed), outcome.failed, outcome.measuredBytes]).toEqual(['web app', [], null]);
  });

  it('does not know about what was being removed when it was stopped', async () => {
    const stop = new AbortController();
    const engine = new Engine(PLAN.items, (id) => {
      stop.abort();
      refuse('web')(id);
    });
    const outcome = await executeReclaim(PLAN, engine, stop.signal, () => undefined);
    expect(outcome.removed).toEqual([]);
    expect(outcome.failed.map(({ why }) => why)).toEqual(['stopped while it was being removed: it may be gone or not']);
  });

  it('tells what was removed also when it cannot be measured', async () => {
    const engine = new Engine(PLAN.items, undefined, () => {
      throw new Error('gone');
    });
    const outcome = await executeReclaim(PLAN, engine, new AbortController().signal, () => undefined);
    expect([ids(outcome.removed), outcome.measuredBytes]).toEqual(['web app step r', null]);
  });

  it('asks nothing for an empty plan', async () => {
    const engine = new Engine([]);
    const outcome = await executeReclaim(planOf(), engine, new AbortController().signal, () => undefined);
    expect([engine.measured, outcome]).toEqual([
      0,
      { removed: [], failed: [], engineBytes: null, measuredBytes: null },
    ]);
  });
});
