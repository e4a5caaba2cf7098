import type { Evidence } from '../evidence/evidence';
import type { StepInstance } from '../evidence/classes';
import { compareFacts } from '../evidence/compareFacts';
import { factsOf, type Sha256 } from '../evidence/facts';
import type { OpFacts } from '../evidence/pastBuild';
import { MAX_REASON_FILES, type FileChange, type Reason } from '../model';
import type { Evaluation } from './evaluate';

type ReasonParts = Pick<Reason, 'code' | 'message' | 'variable'>;
type Origins = Evaluation['vertex']['origins'];

/** Where in the history the previous version of a step is looked for. */
export interface CauseScope {
  readonly evidence: Evidence;
  readonly evaluations: readonly Evaluation[];
  readonly contextPath: string;
  readonly sha256: Sha256;
}

/** What differs, in words, by the part of the operation. */
export const PART_NAMES: Readonly<Record<string, string>> = {
  args: 'the command changed',
  cwd: 'the working directory changed',
  user: 'the user changed',
  network: 'the network mode changed',
  mounts: 'its mounts changed',
  hosts: 'the extra hosts changed',
  platform: 'the platform changed',
  ulimits: '--ulimit changed',
  cgroup: '--cgroup-parent changed',
  security: '--security changed',
  devices: '--device changed',
  hostname: 'the host name changed',
  secretEnv: 'the secrets in its environment changed',
  sources: 'the sources changed',
  destination: 'the destination changed',
  owner: '--chown changed',
  mode: '--chmod changed',
  exclude: '--exclude changed',
  path: 'the directory, its owner or its time changed',
};

/** Weighs one more likeness above any difference in time, in milliseconds. */
const LIKENESS = 1e13;

/** Says why a step that nothing above it forces to rebuild will be executed. */
export function rootCause(evaluation: Evaluation, line: number, scope: CauseScope): Reason {
  const { difference } = evaluation;
  if (difference !== undefined) return filesReason(difference.comparison.changes, line);
  const served = servedChange(evaluation, scope);
  if (served !== undefined) return { ...served, causeLine: line };
  const previous = previousVersion(evaluation, line, scope);
  if (previous === undefined) {
    return { code: 'never-built', message: 'no remembered build has this step', causeLine: line };
  }
  const base = baseChange(evaluation, previous, scope);
  if (base !== undefined) return { ...base, causeLine: line };
  const differing = differingFacts(
    factsOf(evaluation.vertex.op, scope.sha256),
    previous.step.facts,
    evaluation.vertex.origins,
  );
  if (differing === undefined) {
    return { code: 'never-built', message: 'no remembered build has this step on this chain', causeLine: line };
  }
  return { ...differing, causeLine: line };
}

/** A reason that names changed files. */
export function filesReason(changes: readonly FileChange[], line: number): Reason {
  const [first] = changes;
  const words = first === undefined ? 'its files changed' : `${first.path} ${changeWords(first)}`;
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : '';
  return {
    code: 'file-changed',
    message: `${words}${more}`,
    causeLine: line,
    files: changes.slice(0, MAX_REASON_FILES),
    ...(changes.length > MAX_REASON_FILES ? { fileCount: changes.length } : {}),
  };
}

function changeWords(change: FileChange): string {
  switch (change.change) {
    case 'added':
      return 'was added';
    case 'removed':
      return 'was removed';
    default:
      return `changed (${change.change})`;
  }
}

/**
 * The step that this one replaces: in the newest build of this context (else of any), one of the same kind on an equal
 * parent, the one of the same line first.
 */
function previousVersion(evaluation: Evaluation, line: number, scope: CauseScope): StepInstance | undefined {
  const { evidence } = scope;
  const { op } = evaluation.vertex;
  const [parentId] = evaluation.vertex.inputs;
  const parent = parentId === undefined ? undefined : scope.evaluations[parentId];
  const kindOf = (step: StepInstance['step']) =>
    `${step.kind} ${step.facts.parts['path'] === undefined ? 'copy' : 'mkdir'}`;
  const ownFacts = factsOf(op, scope.sha256);
  const ownKind = `${op.kind} ${ownFacts.parts['path'] === undefined ? 'copy' : 'mkdir'}`;

  let best: { instance: StepInstance; score: number } | undefined;
  for (const instance of evidence.classes.instances) {
    if (kindOf(instance.step) !== ownKind || instance.build.contextPath !== scope.contextPath) continue;
    const theirParent = instance.inputs[0];
    const sameParent =
      parent !== undefined && theirParent !== undefined && parent.classes.has(evidence.classes.find(theirParent));
    const sameLine = instance.step.lines.some((one) => one.start === line);
    if (!sameParent && !sameLine) continue;
    const sameArguments = ownFacts.parts['args'] === instance.step.facts.parts['args'];
    // what agrees in more ways counts more, then what was built later
    const likeness = (sameParent ? 4 : 0) + (sameArguments ? 2 : 0) + (sameLine ? 1 : 0);
    const score = instance.build.createdAt + likeness * LIKENESS;
    if (best === undefined || score > best.score) best = { instance, score };
  }
  return best?.instance;
}

/** A file from the network that holds something else than in all builds that had this step. */
function servedChange(evaluation: Evaluation, { evaluations, evidence }: CauseScope): ReasonParts | undefined {
  if (evidence.classes.withOp(evaluation.opDigest).length === 0) return undefined;
  for (const input of evaluation.vertex.inputs) {
    const source = evaluations[input];
    if (source?.vertex.op.kind !== 'remote' || source.open !== undefined || source.classes.size > 0) continue;
    return { code: 'file-changed', message: `${source.vertex.op.url} holds something else than at earlier builds` };
  }
  return undefined;
}

function baseChange(
  evaluation: Evaluation,
  previous: StepInstance,
  scope: CauseScope,
): Pick<Reason, 'code' | 'message'> | undefined {
  const [parentId] = evaluation.vertex.inputs;
  const parent = parentId === undefined ? undefined : scope.evaluations[parentId];
  if (parent?.vertex.op.kind !== 'image') return undefined;
  const theirs = previous.build.steps[previous.step.inputs[0] ?? -1];
  if (theirs?.kind !== 'image' || theirs.imageReference !== parent.vertex.op.ref) return undefined;
  const [keyClass] = previous.inputs;
  if (keyClass !== undefined && parent.classes.has(scope.evidence.classes.find(keyClass))) return undefined;
  return { code: 'base-changed', message: `the base image ${parent.vertex.op.ref} is another one than before` };
}

const VARIABLE_WORDS = {
  value: 'has another value',
  added: 'is new in the environment',
  removed: 'is gone from the environment',
} as const;

function differingFacts(now: OpFacts, before: OpFacts, origins: Origins): ReasonParts | undefined {
  const difference = compareFacts(now, before);
  switch (difference?.kind) {
    case undefined:
      return undefined;
    case 'part':
      return { code: 'instruction-changed', message: PART_NAMES[difference.part] ?? 'the instruction changed' };
    case 'variable':
      return variableReason(difference.name, VARIABLE_WORDS[difference.how], origins);
    case 'order':
      return { code: 'environment-changed', message: 'the order of ENV and ARG changed' };
  }
}

/** Names the variable and the instruction that gave it its value. */
function variableReason(name: string, what: string, origins: Origins): ReasonParts {
  const origin = origins?.get(name);
  const where = origin === undefined ? '' : ` (line ${origin.line})`;
  const variable = { name, ...(origin === undefined ? {} : { line: origin.line }) };
  return origin?.kind === 'argument'
    ? { code: 'argument-changed', message: `build argument ${name}${where} ${what}`, variable }
    : { code: 'environment-changed', message: `${name}${where} ${what}`, variable };
}
