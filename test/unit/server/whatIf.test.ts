import { describe, expect, it } from 'vitest';
import type { PredictedStep, Verdict } from '../../../core/model';
import type { ProjectPrediction } from '../../../core/predict/project';
import type { ProjectParts } from '../../../server/makeProject';
import { WhatIf, type WhatIfState } from '../../../server/whatIf';

const COST = { takenBy: [], executed: [] };

/** A prediction with one step for each verdict, on the lines from 1 on. */
function predicted(verdicts: readonly Verdict[], asked: string[] = []): ProjectPrediction {
  const steps = verdicts.map((verdict, index) => ({ verdict, line: { start: index + 1 } }) as unknown as PredictedStep);
  const costOf = (path: string) => {
    asked.push(path);
    return COST;
  };
  return { prediction: { steps }, costOf } as unknown as ProjectPrediction;
}

type Otherwise = Pick<ProjectParts, 'morePatterns' | 'taken'>;

/** A Dockerfile of which two of three steps are cached, and one where something is otherwise. */
function asking(more: Partial<WhatIfState> = {}) {
  const paths: string[] = [];
  const made: Otherwise[] = [];
  const whatIf = new WhatIf(() => ({
    project: predicted(['cached', 'cached', 'rebuild'], paths),
    contextPath: '/work/shop',
    comparesWithCommit: false,
    knowsEngine: true,
    make: (otherwise) => {
      made.push(otherwise);
      return predicted(['cached', 'may-hit', 'rebuild']);
    },
    ...more,
  }));
  return { whatIf, paths, made };
}

const TAKEN = { records: new Set(['a']), images: new Set<string>(), names: [] };

describe('what becomes of a build', () => {
  it('if a file of its context changes', () => {
    const { whatIf, paths } = asking();
    expect(whatIf.changed('/work/shop/src/app.js')).toBe(COST);
    expect(paths).toEqual(['src/app.js']);
  });

  it.each(['/work/shop', '/work/shopping/app.js', '/work', '/elsewhere/app.js'])(
    'is not asked for what is not in its context: %s',
    (path) => {
      const { whatIf, paths } = asking();
      expect(whatIf.changed(path)).toBeUndefined();
      expect(paths).toEqual([]);
    },
  );

  it('if a pattern is added to the ignore file', () => {
    const { whatIf, made } = asking();
    expect(whatIf.ignored('docs')).toBe('Once it is ignored, line 2 will not be taken from the cache one time.');
    expect(made).toEqual([{ morePatterns: ['docs'] }]);
  });

  it('if nothing follows from a pattern', () => {
    const same = () => predicted(['cached', 'cached', 'rebuild']);
    expect(asking({ make: same }).whatIf.ignored('docs')).toBeUndefined();
  });

  it('if records of the engine go', () => {
    const { whatIf, made } = asking();
    expect(whatIf.without(TAKEN)?.map(({ now }) => now.line.start)).toEqual([2]);
    expect(made).toEqual([{ taken: TAKEN }]);
  });

  it('is not told of an engine that did not answer, or is not asked', () => {
    expect(asking({ knowsEngine: false }).whatIf.without(TAKEN)).toBeUndefined();
    expect(asking({ comparesWithCommit: true }).whatIf.without(TAKEN)).toBeUndefined();
    expect(asking({ comparesWithCommit: true }).whatIf.ignored('docs')).toBeUndefined();
  });

  it('is not told before there is a prediction', () => {
    const whatIf = new WhatIf(() => undefined);
    expect([whatIf.changed('/a'), whatIf.ignored('a'), whatIf.without(TAKEN)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
