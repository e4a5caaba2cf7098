import { describe, expect, it } from 'vitest';
import type { Efficiency } from '../../../core/image/efficiency';
import { BadRule, checkGates, DEFAULT_RULES, type GateRules } from '../../../core/image/gates';

const FINE: Efficiency = {
  ...{ score: 0.95, wastedBytes: 1000, sizeBytes: 100_000, userSizeBytes: 50_000, userWastedPercent: 0.02 },
  inefficient: [],
};

/** The state of each rule: the user's share, bytes, the score. */
function states(rules: Partial<GateRules>, figures: Partial<Efficiency> = {}): string {
  const results = checkGates({ ...DEFAULT_RULES, ...rules }, { ...FINE, ...figures });
  return results.map(({ status }) => status).join(' ');
}

/** Is a limit of bytes passed by so many? */
const passesBytes = (limit: string, wastedBytes: number): boolean =>
  states({ highestWastedBytes: limit }, { wastedBytes }).split(' ')[1] === 'pass';

describe("dive's rules for CI", () => {
  it('come in the order of their names, the limit of bytes switched off', () => {
    expect(checkGates(DEFAULT_RULES, FINE).map(({ rule, status }) => [rule, status])).toEqual([
      ['highestUserWastedPercent', 'pass'],
      ['highestWastedBytes', 'skip'],
      ['lowestEfficiency', 'pass'],
    ]);
  });

  it('pass when a figure is exactly the limit', () => {
    expect(states({}, { score: 0.9, userWastedPercent: 0.1 })).toBe('pass skip pass');
    expect(states({ highestWastedBytes: '1000' })).toBe('pass pass pass');
  });

  it('fail just beyond the limit', () => {
    expect(states({}, { score: 0.8999999999999999 })).toBe('pass skip fail');
    expect(states({}, { userWastedPercent: 0.10000000000000002 })).toBe('fail skip pass');
    expect(states({ highestWastedBytes: '999' })).toBe('pass fail pass');
  });

  it('pass where nothing was added, and fail where only removals were', () => {
    expect(states({}, { userWastedPercent: NaN })).toBe('pass skip pass');
    expect(states({}, { userWastedPercent: Infinity })).toBe('fail skip pass');
  });

  it('say what is and what was expected', () => {
    const [, bytes, score] = checkGates({ ...DEFAULT_RULES, highestWastedBytes: '1kB' }, { ...FINE, score: 0.5 });
    expect(bytes?.message).toBe('1000, limit 1kB');
    expect(score?.message).toBe('0.5 is lower than 0.9');
    const failed = checkGates({ ...DEFAULT_RULES, highestWastedBytes: '1' }, FINE)[1];
    expect(failed?.message).toBe('1000 is higher than 1');
  });

  it.each(['', '  ', 'disabled', 'off', 'false', 'OFF', ' Disabled '])('are switched off by "%s"', (text) => {
    const rules = { lowestEfficiency: text, highestWastedBytes: text, highestUserWastedPercent: text };
    expect(states(rules, { score: 0, userWastedPercent: 9 })).toBe('skip skip skip');
  });

  it.each(['-0.1', '1.1', 'high', '90%', 'true', '0,9', '1e', '.'])('are no ratio "%s"', (text) => {
    expect(() => states({ lowestEfficiency: text })).toThrow(BadRule);
    expect(() => states({ highestUserWastedPercent: text })).toThrow(`"${text}"`);
  });

  it.each(['0', '1', '.5', '1.', '+0.5', '5e-1', '0.5E0'])('may be the ratio %s', (text) => {
    expect(states({ lowestEfficiency: text }, { score: 1 })).toBe('pass skip pass');
  });

  it.each([
    ['20MB', 20e6],
    ['20mb', 20e6],
    ['19Mb', 19e6],
    ['20MiB', 20 * 1024 ** 2],
    ['1 GB', 1e9],
    ['1.5k', 1500],
    ['1,500', 1500],
    ['2Ki', 2048],
    ['1.0005 kB', 1000],
    ['7', 7],
    ['7B', 7],
    ['1TiB', 1024 ** 4],
    ['1PB', 1e15],
  ])('take %s for bytes', (text, bytes) => {
    expect([passesBytes(text, bytes), passesBytes(text, bytes + 1)]).toEqual([true, false]);
  });

  it.each(['MB', '-1', '20XB', '1.2.3', ',', '.', '5iB', '5i', '1e3', '20 M B', '100EB'])(
    'are no bytes "%s"',
    (text) => {
      expect(() => states({ highestWastedBytes: text })).toThrow(BadRule);
    },
  );
});
