import type { JudgeReport, JudgedLine, Outcome } from '../judge/index.js';
import type { PredictedStep, Verdict } from './predictor.js';

/** A forecast that claims to be sure and is wrong. */
export interface Disagreement {
  /** Stable name of what went wrong, for shrinking: the same kind must remain. */
  readonly kind: string;
  readonly message: string;
  readonly line: number;
}

/** What became of one forecast. */
export interface ScoreEntry {
  readonly verdict: Verdict | 'rebuild likely';
  readonly result: 'right' | 'wrong' | 'uncertain' | 'not judged';
  readonly outcome: Outcome;
  /** Whether anyone could know the outcome before the build; undefined where the builder's records do not tell. */
  readonly knowable: boolean | undefined;
  readonly reasonCode: string;
  /** The instruction and what the prediction said of it. */
  readonly text: string;
}

export interface Comparison {
  readonly disagreements: readonly Disagreement[];
  readonly entries: readonly ScoreEntry[];
  readonly sizesChecked: number;
}

type Claim = 'right' | 'wrong' | 'not judged';

const STEP_KEYWORDS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/** Whether a certain verdict stands against what the builder did; a line that the build did not reach is not judged. */
function judgeClaim(verdict: Verdict, line: JudgedLine, buildSucceeded: boolean): Claim {
  const { outcome } = line;
  // Metadata in a stage that is not needed may be called either.
  if (outcome === 'no-step' && line.stageNeeded === false && (verdict === 'unused' || verdict === 'no-layer'))
    return 'right';
  // Which stages a build that failed would have needed is read from the text (`FROM Base0` does not find a stage of
  // that very name, for one): of metadata it tells nothing.
  if (outcome === 'no-step' && verdict === 'unused' && (!buildSucceeded || line.stageNeeded === undefined))
    return 'not judged';
  if (verdict === 'fails') {
    if (outcome === 'failed') return 'right';
    // Another failure may have come first; then this line says nothing.
    return !buildSucceeded && (outcome === 'not-reached' || outcome === 'unknown' || outcome === 'not-judged')
      ? 'not judged'
      : 'wrong';
  }
  if (outcome === 'not-judged' || outcome === 'unknown' || outcome === 'not-reached') return 'not judged';
  switch (verdict) {
    case 'cached':
      return outcome === 'cached' ? 'right' : 'wrong';
    case 'rebuild':
      if (line.merged) return 'not judged';
      return outcome === 'executed' || outcome === 'failed' ? 'right' : 'wrong';
    case 'unused':
      return outcome === 'not-needed' ? 'right' : 'wrong';
    case 'no-layer':
      return outcome === 'no-step' ? 'right' : 'wrong';
    case 'may-hit':
    case 'unknown':
      return 'not judged';
  }
}

/** The builder blames the line of a FROM for the instruction of ONBUILD that failed there, and tells of no step for it. */
function isOfTrigger({ instruction, outcome, line }: JudgedLine, steps: readonly PredictedStep[]): boolean {
  const isBlamed = instruction === 'FROM' && outcome === 'failed';
  return isBlamed && steps.some((one) => one.onbuild && one.start === line.start && one.verdict === 'fails');
}

function compareSize(step: PredictedStep, line: JudgedLine): Disagreement | 'right' | undefined {
  if (step.basis !== 'exact' && step.basis !== 'measured') return undefined;
  if (line.layerBytes === null || line.merged) return undefined;
  // A step that ran again may have another size than the one measured; only the layer that stays is a promise.
  if (step.basis === 'measured' && line.outcome !== 'cached') return undefined;
  // what the engine tells is its own way of counting
  const told = step.engineBytes ?? step.bytes;
  if (told === line.layerBytes) return 'right';
  const message = `${step.basis} size ${String(told)}, but the layer has ${line.layerBytes} bytes`;
  return { kind: `size ${step.basis} ${step.instruction}`, message: at(step, message), line: step.start };
}

function at(step: { readonly start: number; readonly instruction: string }, message: string): string {
  return `line ${step.start} ${step.instruction}: ${message}`;
}

/**
 * Compares a prediction with what the real builder then did.
 *
 * @param lostContext nobody looked at the context between an earlier build and a change of it, which proves what that
 * build was given: what takes files of the context cannot be known from then on.
 */
export function compare(steps: readonly PredictedStep[], report: JudgeReport, lostContext = false): Comparison {
  const disagreements: Disagreement[] = [];
  const entries: ScoreEntry[] = [];
  let sizesChecked = 0;
  const used = new Set<PredictedStep>();
  for (const line of report.lines) {
    const onbuild = line.origin === 'onbuild';
    // metadata of ONBUILD is predicted, too, but nothing happens for it where it is no step
    const step = steps.find(
      (one) =>
        !used.has(one) &&
        one.start === line.line.start &&
        one.onbuild === onbuild &&
        (!onbuild ||
          report.everyInstruction === true ||
          (STEP_KEYWORDS.has(one.instruction) && one.verdict !== 'no-layer')),
    );
    if (!step) {
      const message = at({ start: line.line.start, instruction: line.instruction }, 'the prediction has no such step');
      disagreements.push({ kind: 'step missing', message, line: line.line.start });
      continue;
    }
    used.add(step);
    if (step.end !== line.line.end || (!step.onbuild && step.instruction !== line.instruction)) {
      const message = at(
        step,
        `lines ${step.start}-${step.end}, expected ${line.instruction} ${line.line.start}-${line.line.end}`,
      );
      disagreements.push({ kind: 'step lines', message, line: step.start });
    }
    const claim = isOfTrigger(line, steps) ? 'not judged' : judgeClaim(step.verdict, line, report.succeeded);
    const sure = step.certain && step.verdict !== 'may-hit' && step.verdict !== 'unknown';
    if (sure && claim === 'wrong') {
      const kind = `${step.verdict} but ${line.outcome} ${line.instruction}`;
      const detail = `${step.verdict} (${step.reasonCode}: ${step.reason}), but the builder: ${line.outcome}`;
      disagreements.push({ kind, message: at(step, detail), line: step.start });
    }
    if (step.verdict === 'may-hit' && !namesItsCause(step))
      disagreements.push({
        kind: 'may-hit without cause',
        message: at(step, JSON.stringify(step.reason)),
        line: step.start,
      });
    // Sizes of a build that failed are not known; everything else that was exported is.
    const size = compareSize(step, line);
    if (size !== undefined) sizesChecked++;
    if (size !== undefined && size !== 'right') disagreements.push(size);
    entries.push({
      ...scoreOf(step, line, claim),
      knowable: isKnowable(line, lostContext),
      reasonCode: step.reasonCode,
      text: at(step, `${line.text} (${line.outcome}): ${step.reason}`),
    });
  }
  for (const step of steps)
    if (!used.has(step) && !step.onbuild)
      disagreements.push({ kind: 'step extra', message: at(step, 'there is no such instruction'), line: step.start });
  return { disagreements, entries, sizesChecked };
}

/** A step that takes what this very build makes is not knowable, nor one against content that nobody saw. */
function isKnowable({ dependence }: JudgedLine, lostContext: boolean): boolean | undefined {
  return dependence && !dependence.output && !(lostContext && dependence.context);
}

/** Whether the message says on what the outcome depends. */
function namesItsCause(step: PredictedStep): boolean {
  return step.reasonCode !== '' && step.reason.split(/\s+/).length >= 3;
}

function scoreOf(
  step: PredictedStep,
  line: JudgedLine,
  claim: Claim,
): Pick<ScoreEntry, 'verdict' | 'result' | 'outcome'> {
  const { verdict } = step;
  if (verdict === 'may-hit' || verdict === 'unknown') {
    const decided = line.outcome === 'cached' || line.outcome === 'executed' || line.outcome === 'failed';
    const result = decided && line.instruction !== 'FROM' ? 'uncertain' : 'not judged';
    return { verdict, result, outcome: line.outcome };
  }
  const likely = verdict === 'rebuild' && !step.certain;
  return { verdict: likely ? 'rebuild likely' : verdict, result: claim, outcome: line.outcome };
}
