import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf, difference, predictedAnswer, type Answer } from '../engine/badInput/answers.js';
import { BAD_INPUT } from '../engine/badInput/cases.js';
import type { BadInput } from '../engine/badInput/input.js';
import { planOf } from '../unit/support/plan';

/** What BuildKit 0.25 said; `LAYER_INSIGHT_BAD_INPUT=all npm test -- engine` asks again. */
const answers = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/badInput.json'), 'utf8')) as Readonly<
  Record<string, Answer>
>;

/** What depends on files is shown to the command line only (`test/engine/badInput.test.ts`). */
const NEEDS_FILES =
  /^(?:COPY|ADD) .*(?:nope|x \/a|passwd|loop|outside|bad\.tar)|source=nope|missing source|^NUL in a path$|UTF-8 in COPY$/;

function optionsOf({ args = [] }: BadInput): { target: string; args: Record<string, string> } {
  const given: Record<string, string> = {};
  let target = '';
  for (const [index, argument] of args.entries()) {
    const value = args[index + 1] ?? '';
    if (argument === '--target') target = value;
    if (argument === '--build-arg') given[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1);
  }
  return { target, args: given };
}

describe('broken Dockerfiles', () => {
  it('have names of their own', () => {
    expect(new Set(BAD_INPUT.map(({ name }) => name)).size).toBe(BAD_INPUT.length);
    expect(Object.keys(answers)).toEqual(BAD_INPUT.map(({ name }) => name));
  });

  it('are refused exactly when the builder refused them, at its line', () => {
    const cases = BAD_INPUT.filter(({ name }) => !NEEDS_FILES.test(name));
    const differences = cases.flatMap((input) => {
      const answer = answers[input.name];
      if (answer === undefined) return [`${input.name}: not recorded`];
      const plan = planOf({ text: bytesOf(input, 'busybox:1').toString('utf8'), ...optionsOf(input) });
      const failing = plan.steps.flatMap(({ failure, line }) => (failure === undefined ? [] : [line.start]));
      return difference(input, answer, predictedAnswer(plan.problems, failing)) ?? [];
    });
    expect(differences).toEqual([]);
    expect(cases.length).toBeGreaterThan(400);
  });
});
