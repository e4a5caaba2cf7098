import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { expectCertain, expectNoFindings, realBuilder, runCases, useFirst } from './differential.js';
import { engineForSuite } from './engine.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const engine = await engineForSuite('predictions against the real builder');

/** Builds of both runs together. */
const BUILDS = Number(process.env['LAYER_INSIGHT_BUILDS'] ?? 300);
const SHRINK_MS = 90_000;
const TIMEOUT_MS = BUILDS * 8_000 + 6 * SHRINK_MS;
/**
 * Of the steps whose outcome anyone could know before the build (`isKnowable` in compare.ts), so many percent have a
 * certain verdict: of the builds that are always the same, and of any. One file that is in doubt makes all that stands on
 * it uncertain, in each build of its case, so that few of a hundred builds tell little of all of them.
 */
const CERTAIN_PERCENT = { fixed: 97, fresh: 90 };

const seeds =
  process.env['LAYER_INSIGHT_SEED'] === undefined
    ? ['fixed-1', `fresh-${randomUUID()}`]
    : [process.env['LAYER_INSIGHT_SEED']];

describe.skipIf(engine === undefined)('predictions against the real builder', () => {
  const state = mkdtempSync(join(tmpdir(), 'li-diff-state-'));
  let baseImage = '';
  const scores = new Map<string, Score>();

  beforeAll(async () => {
    expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
    baseImage = await ensureBaseImage();
    await useFirst(baseImage);
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  // At the same time, for the time that a build waits: what others build must not matter anyway.
  it.concurrent.each(seeds)(
    'never claims a certain verdict that the builder contradicts (seed %s)',
    async (seed) => {
      const score = new Score();
      scores.set(seed, score);
      const predictor = commandLinePredictor(CLI, join(state, seed));
      const builds = Math.ceil(BUILDS / seeds.length);
      const run = { seed, builds, baseImage, runId: `li-${randomUUID()}`, shrinkMs: SHRINK_MS };
      const findings = await runCases(run, { predictor, builder: realBuilder, score });
      console.log(`${engine ?? ''}\nseed ${seed} (repeat with LAYER_INSIGHT_SEED=${seed})\n${score.table()}`);
      expectNoFindings(findings);
      if (builds >= 50) expect(score.sizes).toBeGreaterThan(builds / 2);
    },
    TIMEOUT_MS,
  );

  // a few builds may all have one and the same question
  it.skipIf(BUILDS < 100).each(seeds)('is certain of nearly all that can be known (seed %s)', (seed) => {
    const score = scores.get(seed);
    expectCertain(score === undefined ? [] : [score], CERTAIN_PERCENT[seed === 'fixed-1' ? 'fixed' : 'fresh']);
  });
});
