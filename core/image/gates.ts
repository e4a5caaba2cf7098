import type { Efficiency } from './efficiency';

/** dive's rules for CI; each is a number as text, or switched off. */
export interface GateRules {
  readonly lowestEfficiency: string;
  readonly highestWastedBytes: string;
  readonly highestUserWastedPercent: string;
}

/** What dive takes where nothing else is said (dive cmd/dive/cli/internal/options/ci_rules.go). */
export const DEFAULT_RULES: GateRules = {
  lowestEfficiency: '0.9',
  highestWastedBytes: 'disabled',
  highestUserWastedPercent: '0.1',
};

export interface GateResult {
  readonly rule: keyof GateRules;
  readonly status: 'pass' | 'fail' | 'skip';
  /** What was expected and what is. */
  readonly message: string;
}

/** A rule is not written as it has to be. */
export class BadRule extends Error {}

/** Checks dive's rules (dive cmd/dive/cli/internal/command/ci/rules.go): equal passes, what is no number passes. */
export function checkGates(rules: GateRules, efficiency: Efficiency): GateResult[] {
  const { score, wastedBytes, userWastedPercent } = efficiency;
  return [
    check('highestUserWastedPercent', rules, ratio, (limit) => userWastedPercent > limit, String(userWastedPercent)),
    check('highestWastedBytes', rules, bytes, (limit) => wastedBytes > limit, String(wastedBytes)),
    check('lowestEfficiency', rules, ratio, (limit) => limit > score, String(score)),
  ];
}

function check(
  rule: keyof GateRules,
  rules: GateRules,
  parse: (text: string) => number | undefined,
  fails: (limit: number) => boolean,
  actual: string,
): GateResult {
  const text = rules[rule].trim();
  if (['', 'disabled', 'off', 'false'].includes(text.toLowerCase())) {
    return { rule, status: 'skip', message: 'disabled' };
  }
  const limit = parse(text);
  if (limit === undefined)
    throw new BadRule(`${rule}: "${text}" is not ${parse === bytes ? 'a number of bytes' : 'a number from 0 to 1'}`);
  const isFailed = fails(limit);
  const than = rule === 'lowestEfficiency' ? 'lower' : 'higher';
  return {
    ...{ rule, status: isFailed ? 'fail' : 'pass' },
    message: isFailed ? `${actual} is ${than} than ${text}` : `${actual}, limit ${text}`,
  };
}

function ratio(text: string): number | undefined {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}

const POWERS = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** `20MB` is 20 million, `20MiB` 20 times 1024²; letters of any case (go-humanize ParseBytes). */
function bytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^([\d.,]+)\s*([a-z]*)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  // commas alone would be the number 0
  const value = /\d/.test(digits) ? Number(digits.replaceAll(',', '')) : Number.NaN;
  const [, power = '', binary = ''] = /^(?:([kmgtpe])(i?))?b?$/i.exec(unit) ?? [undefined, '?'];
  const bytes = Math.trunc(value * (binary === '' ? 1000 : 1024) ** POWERS.indexOf(power.toLowerCase()));
  return power !== '?' && bytes < 2 ** 64 ? bytes : undefined;
}
