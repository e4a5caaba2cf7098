import { expect } from 'vitest';
import type { JudgeReport } from '../../judge/index.js';
import { isPredicted } from '../builders.js';
import { compare } from '../compare.js';
import type { PredictedStep } from '../predictor.js';
import { placed, type Placed, type Step } from './lines.js';
import type { Shortcoming } from './notYet.js';
import type { Asked, Predicted, Scenario } from './scenario.js';

export interface Verified extends Predicted {
  readonly report: JudgeReport;
}

export interface VerifyOptions {
  readonly asked?: Asked | undefined;
  /** Codes of the problems that the prediction has to name. */
  readonly problems?: readonly string[] | undefined;
  readonly shortcoming?: Shortcoming | undefined;
}

const label = (line: Placed): string => `${line.start} ${line.text.split('\n')[0] ?? ''}`;

function outcomeOf(line: Placed, report: JudgeReport): string {
  const judged = report.lines.find((one) => one.line.start === line.start && one.origin === undefined);
  return judged?.outcome ?? 'no such line';
}

function verdictOf(line: Placed, steps: readonly PredictedStep[]): string {
  const step = steps.find((one) => one.start === line.start && !one.onbuild);
  if (step === undefined) return 'no such line';
  return step.verdict === 'rebuild' && !step.certain ? `rebuild likely (${step.reasonCode})` : step.verdict;
}

/** The reasons of every step, and what else was said, for the message of a failure. */
function reasons({ steps, said }: Predicted): string {
  return [...steps.map((one) => `${one.start} ${one.instruction}: ${one.verdict}, ${one.reason}`), said].join('\n');
}

/** A row that left its shortcoming behind has to leave the list too. */
const FIXED = 'the product is better than its list says: take the row off traps/notYet.ts';

/**
 * Predicts a build, builds it, and checks four things: the builder did for each line what the steps say, no certain
 * verdict was wrong, what can be known was predicted, and the problems that a person should hear of were named.
 */
export async function verify(
  scenario: Scenario,
  steps: readonly Step[],
  options: VerifyOptions = {},
): Promise<Verified> {
  const predicts = isPredicted(scenario.kind);
  const predicted = predicts ? await scenario.predict(steps, options.asked) : { steps: [], problems: [], said: '' };
  const report = await scenario.build(steps, options.asked);
  const expected = placed(scenario.whole(steps));

  const fails = expected.some((line) => line.outcome === 'failed');
  expect(report.succeeded, report.error).toBe(!fails);
  expect(
    expected.map((line) => `${label(line)}: ${outcomeOf(line, report)}`),
    'what the builder did',
  ).toEqual(expected.map((line) => `${label(line)}: ${line.outcome}`));

  if (!predicts) return { ...predicted, report };
  const wrong = compare(predicted.steps, report).disagreements.map((one) => one.message);
  const known = expected.filter((line) => line.verdict !== undefined);
  const verdicts = known.map((line) => `${label(line)}: ${verdictOf(line, predicted.steps)}`);
  const right = known.map((line) => `${label(line)}: ${line.verdict ?? ''}`);
  const { problems } = predicted;
  switch (options.shortcoming) {
    case 'wrong':
      expect(wrong, FIXED).not.toEqual([]);
      break;
    case 'open':
      expect(wrong).toEqual([]);
      expect(verdicts, FIXED).not.toEqual(right);
      break;
    case 'unnamed':
      expect(wrong).toEqual([]);
      expect(verdicts, reasons(predicted)).toEqual(right);
      expect(problems, FIXED).not.toEqual(options.problems ?? []);
      break;
    case undefined:
      expect(wrong, reasons(predicted)).toEqual([]);
      expect(verdicts, reasons(predicted)).toEqual(right);
      expect(problems).toEqual(options.problems ?? []);
  }
  return { ...predicted, report };
}
