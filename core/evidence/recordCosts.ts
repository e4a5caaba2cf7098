import type { Evidence } from './evidence';

/** What the step took whose result a cache record is, in milliseconds, by the ids of records; of those where it is known. */
export function recordCosts({ classes, join }: Evidence): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const { step, keyClass } of classes.instances) {
    if (step.cached || step.started === undefined || step.completed === undefined) continue;
    const took = step.completed - step.started;
    // one of several that may be it is not it
    const [record, ...others] = join.records(keyClass);
    if (record !== undefined && others.length === 0) costs.set(record.id, Math.round(took));
  }
  return costs;
}
