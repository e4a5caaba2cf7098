import type { Certainty, Verdict } from '../model';
import type { Plan } from '../plan/graph';
import { isCertainMiss, type Evaluation } from './evaluate';

/** Must the result of a vertex be there for the build to go on? */
type Need = 'no' | 'maybe' | 'yes';

/** The verdict on one vertex and how it came about. */
export interface Decision {
  readonly verdict: Verdict;
  readonly certainty: Certainty;
  readonly why:
    | 'live'
    | 'consumer-cached'
    | 'pruned'
    | 'no-cache'
    | 'miss'
    | 'parent'
    | 'open'
    | 'missing'
    | 'unreachable'
    | 'not-reached';
  /** For `parent`, `open` and `not-reached`: the vertex that it follows from. */
  readonly from?: number;
}

/**
 * Decides every vertex from the target down: inputs of a hit are not looked at, inputs of a miss are
 * (solver/edge.go: an edge asks for its inputs' results only when its own key has none).
 */
export function decidePlan(plan: Plan, evaluations: readonly Evaluation[]): Decision[] {
  const needs = new Array<Need>(evaluations.length).fill('no');
  const decisions = new Array<Decision | undefined>(evaluations.length);
  if (plan.root !== undefined) needs[plan.root] = 'yes';

  for (let id = evaluations.length - 1; id >= 0; id--) {
    const evaluation = evaluations[id];
    if (evaluation === undefined) continue;
    const need = needs[id] ?? 'no';
    const decision = unlessUnreachable(decide(evaluation, need, evaluations), evaluation, need);
    decisions[id] = decision;
    const passed = passOn(decision, need);
    for (const input of evaluation.vertex.inputs) needs[input] = stronger(needs[input] ?? 'no', passed);
  }
  const settled = decisions.map((one): Decision => one ?? { verdict: 'unknown', certainty: 'certain', why: 'open' });
  return inheritLikelihood(markUnreached(settled, evaluations), evaluations);
}

function decide(evaluation: Evaluation, need: Need, evaluations: readonly Evaluation[]): Decision {
  if (evaluation.missing.length > 0) return { verdict: 'fails', certainty: 'certain', why: 'missing' };
  if (evaluation.live) return { verdict: 'cached', certainty: 'certain', why: 'live' };
  const { open } = evaluation;
  // also that it is not looked at may be what was wrong
  if (need === 'no' && open?.code !== 'was-wrong') {
    return { verdict: 'cached', certainty: 'certain', why: 'consumer-cached' };
  }
  if (open !== undefined) {
    return {
      verdict: open.likely ? 'rebuild' : 'may-hit',
      certainty: open.likely ? 'likely' : 'certain',
      why: 'open',
      ...(open.from === undefined ? {} : { from: open.from }),
    };
  }
  // its key is known but the result is gone: executed only if something that is executed asks for it
  if (evaluation.classes.size > 0) {
    return { verdict: need === 'maybe' ? 'may-hit' : 'rebuild', certainty: 'certain', why: 'pruned' };
  }
  if (evaluation.vertex.ignoreCache) return { verdict: 'rebuild', certainty: 'certain', why: 'no-cache' };
  const parent = evaluation.vertex.inputs.find((input) => {
    const one = evaluations[input];
    return one !== undefined && isCertainMiss(one);
  });
  return parent === undefined
    ? { verdict: 'rebuild', certainty: 'certain', why: 'miss' }
    : { verdict: 'rebuild', certainty: 'certain', why: 'parent', from: parent };
}

/** What is executed for certain fails where it has to look into a folder that is not there. */
function unlessUnreachable(decision: Decision, { unreachable }: Evaluation, need: Need): Decision {
  const isExecuted = need === 'yes' && decision.verdict === 'rebuild' && decision.certainty === 'certain';
  return isExecuted && unreachable.length > 0
    ? { verdict: 'fails', certainty: 'certain', why: 'unreachable' }
    : decision;
}

function passOn(decision: Decision, need: Need): Need {
  switch (decision.verdict) {
    case 'cached':
      return 'no';
    case 'may-hit':
      return need === 'no' ? 'no' : 'maybe';
    case 'rebuild':
      return decision.certainty === 'likely' ? 'maybe' : 'yes';
    default:
      return 'yes';
  }
}

function stronger(a: Need, b: Need): Need {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'no';
}

/** What stands on a step that fails is not reached. */
function markUnreached(decisions: readonly Decision[], evaluations: readonly Evaluation[]): Decision[] {
  const failing = new Map<number, number>();
  return decisions.map((decision, id) => {
    if (decision.verdict === 'fails') {
      failing.set(id, id);
      return decision;
    }
    const from = evaluations[id]?.vertex.inputs.map((input) => failing.get(input)).find((one) => one !== undefined);
    if (from === undefined) return decision;
    failing.set(id, from);
    return { verdict: 'unknown', certainty: 'certain', why: 'not-reached', from };
  });
}

/** A chain on a step that likely rebuilds likely rebuilds. */
function inheritLikelihood(decisions: Decision[], evaluations: readonly Evaluation[]): Decision[] {
  for (const [id, decision] of decisions.entries()) {
    const [parent] = evaluations[id]?.vertex.inputs ?? [];
    if (parent === undefined || decision.verdict !== 'may-hit' || decision.from !== parent) continue;
    const above = decisions[parent];
    if (above?.verdict === 'rebuild' && above.certainty === 'likely') {
      decisions[id] = { ...decision, verdict: 'rebuild', certainty: 'likely' };
    }
  }
  return decisions;
}
