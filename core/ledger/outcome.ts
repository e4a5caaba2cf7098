import type { PastBuild } from '../evidence/pastBuild';

/** What the builder did with a step; `unclear`: its log does not tell. */
export type StepOutcome = 'cached' | 'executed' | 'unclear';

/**
 * What a build did with each of its steps. The log shows that the key of a step without inputs is computed as an
 * interval of its own, not marked as cached (solver/jobs.go sharedOp.CacheMap): WORKDIR on an empty root looks executed
 * although nobody needed it. It was, where something that stands on it was executed as well.
 */
export function outcomesOf({ steps }: PastBuild): readonly StepOutcome[] {
  const neededBy = new Set<number>();
  for (const { inputs, cached, done, kind } of steps) {
    if (!cached && done && kind !== 'opaque') inputs.forEach((input) => neededBy.add(input));
  }
  return steps.map(({ cached, done, inputs }, index): StepOutcome => {
    if (!done) return 'unclear';
    if (cached) return 'cached';
    return inputs.length > 0 || neededBy.has(index) ? 'executed' : 'unclear';
  });
}
