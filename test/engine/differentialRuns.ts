import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuilderKind } from './builders.js';
import { expectCertain, expectNoFindings, runCases } from './differential.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const SHRINK_MS = 90_000;
/** Builds of a seed that others may disturb: Buildah's race is rare, more of them have another cause. */
const MAX_DISTURBED = 2;
/** Of the steps whose outcome anyone could know before the build, so many percent have a certain verdict. */
const CERTAIN_PERCENT = 95;

export interface DifferentialRuns {
  readonly title: string;
  readonly kind: BuilderKind;
  readonly provideBase: () => Promise<string>;
  /** The builder with its version; undefined where there is none. */
  readonly builder: string | undefined;
  /** Builds of all seeds together. */
  readonly builds: number;
  readonly seeds: readonly string[];
}

/** A seed that is always the same and a new one, or those that are asked for. */
export function chosenSeeds(fixed: string): readonly string[] {
  const asked = process.env['LAYER_INSIGHT_SEED'];
  return asked === undefined ? [fixed, `fresh-${randomUUID()}`] : asked.split(',');
}

/** Differential runs against a builder whose images are its cache; the seeds at the same time, as their builds wait. */
export function describeRuns({ title, kind, provideBase, builder, builds, seeds }: DifferentialRuns): void {
  describe.skipIf(builder === undefined)(title, () => {
    const state = mkdtempSync('/tmp/li-diff-state-');
    let baseImage = '';
    const scores: Score[] = [];

    beforeAll(async () => {
      expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
      baseImage = await provideBase();
    });
    afterAll(() => rmSync(state, { recursive: true, force: true }));

    it.concurrent.each(seeds)(
      'never claims a certain verdict that the builder contradicts (seed %s)',
      async (seed) => {
        const score = new Score();
        scores.push(score);
        const predictor = commandLinePredictor(CLI, join(state, seed.replaceAll('/', '-')), kind.predictor());
        const run = { seed, builds: Math.ceil(builds / seeds.length), baseImage, runId: `li-${randomUUID()}` };
        const around = { predictor, builder: kind.build, kind, score };
        const findings = await runCases({ ...run, shrinkMs: SHRINK_MS }, around);
        console.log(`${builder ?? ''}\nseed ${seed} (repeat with LAYER_INSIGHT_SEED=${seed})\n${score.table()}`);
        expectNoFindings(findings);
        expect(score.disturbed).toBeLessThanOrEqual(MAX_DISTURBED);
      },
      builds * 12_000 + 6 * SHRINK_MS,
    );

    // a few builds may all have one and the same question
    it.skipIf(builds < 30)('is certain of nearly all that can be known', () => {
      expectCertain(scores, CERTAIN_PERCENT);
    });
  });
}
