import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { realBuilder, runCases, type Finding } from './differential.js';
import { engineForSuite } from './engine.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const engine = await engineForSuite('predictions against the real builder');

/** Builds of both runs together. */
const BUILDS = Number(process.env['LAYER_INSIGHT_BUILDS'] ?? 220);
const SHRINK_MS = 90_000;
const TIMEOUT_MS = BUILDS * 8_000 + 6 * SHRINK_MS;

const seeds =
  process.env['LAYER_INSIGHT_SEED'] === undefined
    ? ['fixed-1', `fresh-${randomUUID()}`]
    : [process.env['LAYER_INSIGHT_SEED']];

describe.skipIf(engine === undefined)('predictions against the real builder', () => {
  const state = mkdtempSync(join(tmpdir(), 'li-diff-state-'));
  let baseImage = '';

  beforeAll(async () => {
    expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
    baseImage = await ensureBaseImage();
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  it.each(seeds)(
    'never claims a certain verdict that the builder contradicts (seed %s)',
    async (seed) => {
      const score = new Score();
      const predictor = commandLinePredictor(CLI, join(state, seed));
      const run = {
        seed,
        builds: Math.ceil(BUILDS / seeds.length),
        baseImage,
        runId: `li-${randomUUID()}`,
        shrinkMs: SHRINK_MS,
      };
      const findings: Finding[] = await runCases(run, { predictor, builder: realBuilder, score });
      console.log(`${engine ?? ''}\nseed ${seed} (repeat with LAYER_INSIGHT_SEED=${seed})\n${score.table()}`);
      expect(findings.map((finding) => finding.text).join('\n\n')).toBe('');
    },
    TIMEOUT_MS,
  );
});
