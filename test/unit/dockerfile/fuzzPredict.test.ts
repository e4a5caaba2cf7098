import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../../fuzz/fuzz.js';

const CASES = 1500;
const fresh = process.env['LAYER_INSIGHT_SEED'] ?? `fresh-${randomUUID()}`;

describe('damaged Dockerfiles (npm run fuzz has more)', () => {
  it.each(['fixed', fresh])('are predicted without failing, each in time (seed %s)', { timeout: 120_000 }, (seed) => {
    const { findings, accepted } = fuzz(seed, CASES);
    expect(findings.join('\n\n')).toBe('');
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(CASES);
  });
});
