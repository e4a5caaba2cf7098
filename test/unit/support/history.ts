import { createHash } from 'node:crypto';
import type { ContextTree } from '../../../core/context/tree';
import { indexEvidence, type Evidence, type ImageStore } from '../../../core/evidence/evidence';
import { factsOf } from '../../../core/evidence/facts';
import type { CacheRecord, PastBuild, PastStep } from '../../../core/evidence/pastBuild';
import { recordDescription, withoutPrefix } from '../../../core/evidence/provenance';
import { inputUses } from '../../../core/llb/contentInputs';
import { opKey } from '../../../core/llb/opKey';
import type { PredictedStep, Prediction } from '../../../core/model';
import { PLAIN_REQUEST, type Plan } from '../../../core/plan/graph';
import { predictProject } from '../../../core/predict/project';
import { imageInfo, planOf } from './plan';

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** One build that the engine remembers. */
export interface Remembered {
  readonly text: string;
  /** When it began; it takes 100 ms. */
  readonly at: number;
  readonly args?: Readonly<Record<string, string>>;
  readonly context?: string;
  readonly patterns?: readonly string[];
  /** Lines that were hits. */
  readonly cached?: readonly number[];
  /** Lines whose results were removed since. */
  readonly pruned?: readonly number[];
  /** Bytes of the results by line; 5 where nothing is said. */
  readonly sizes?: Readonly<Record<number, number>>;
}

/** What is predicted for a Dockerfile after some builds. */
export interface Situation {
  readonly text: string;
  readonly builds?: readonly Remembered[];
  readonly tree?: ContextTree;
  readonly others?: ReadonlyMap<string, ContextTree>;
  readonly patterns?: readonly string[];
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly noCache?: boolean;
  readonly store?: ImageStore;
  readonly buildkit?: string;
  readonly base?: string;
  readonly records?: readonly CacheRecord[];
}

/** What an engine keeps of a build context: without it every transfer is a whole one. */
const CONTEXT_COPY: CacheRecord = {
  ...{ id: 'context copy', parents: [], type: 'source.local', description: 'local source for context' },
  ...{ size: 1, createdAt: 0, mutable: true },
};

export function predictFor(situation: Situation): Prediction {
  const { text, args = {}, target = '', noCache = false, tree, patterns = [] } = situation;
  return predictProject({
    text,
    dockerfile: '/ctx/Dockerfile',
    request: {
      ...PLAIN_REQUEST,
      ...{ target, noCache },
      buildArgs: new Map(Object.entries(args)),
    },
    defaultPlatform: 'linux/amd64',
    context: { path: '/ctx', tree, patterns, problems: [], others: situation.others ?? new Map() },
    evidence: evidenceOf(situation),
    builder: { kind: 'none', name: '', engineVersion: null, buildkitVersion: null },
    baseline: 'engine',
    sha256,
  }).prediction;
}

/** The step of a line. */
export function stepAt(prediction: Prediction, line: number): PredictedStep {
  const step = prediction.steps.find((one) => one.line.start === line);
  if (step === undefined) throw new Error(`no step on line ${line}`);
  return step;
}

/** Verdicts by line, `~` behind likely ones. */
export function verdicts(prediction: Prediction): string {
  return prediction.steps
    .filter((step) => step.verdict !== 'no-layer' && step.instruction !== 'FROM')
    .map((step) => `${step.line.start} ${step.verdict}${step.certainty === 'likely' ? ' ~' : ''}`)
    .join(', ');
}

function evidenceOf(situation: Situation): Evidence {
  const builds: PastBuild[] = [];
  const records: CacheRecord[] = [CONTEXT_COPY, ...(situation.records ?? [])];
  for (const [index, one] of (situation.builds ?? []).entries()) remember(one, `ref${index}`, builds, records);
  const { base = 'sha256:base', store = 'graphdriver', buildkit = '0.25.2' } = situation;
  const builder = { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: buildkit } as const;
  return indexEvidence(
    {
      ...{ builder, platform: 'linux/amd64', store, builds, records, layerBytes: new Map() },
      ...{ images: new Map([['docker.io/library/busybox:1', imageInfo({ chainId: base })]]) },
      ...{ clockMargin: 0, clockOffset: 0 },
    },
    sha256,
  );
}

/** Writes down a build as the engine would: its steps, and a record for each that was executed and is still there. */
function remember(one: Remembered, ref: string, builds: PastBuild[], records: CacheRecord[]): void {
  const { text, at, args = {}, cached = [], pruned = [], sizes = {}, patterns = [] } = one;
  const plan: Plan = planOf({ text, args });
  const lineOf = new Map(plan.steps.map((step) => [step.vertex, step.line.start]));
  const steps = plan.vertices.map(({ id, op, inputs }): PastStep => {
    const line = lineOf.get(id) ?? 0;
    const name = `[${id}/9] ${plan.steps.find((step) => step.vertex === id)?.text ?? op.kind}`;
    const description = recordDescription(op, name);
    const started = at + 10 + id;
    const isCached = cached.includes(line);
    if ((op.kind === 'exec' || op.kind === 'file') && !isCached && !pruned.includes(line)) {
      const parent = records.find((record) => record.id === `${ref} ${inputs[0] ?? -1}`);
      records.push({
        ...{ id: `${ref} ${id}`, parents: parent === undefined ? [] : [parent.id], type: 'regular', mutable: false },
        ...{ description, size: sizes[line] ?? 5, createdAt: started + 0.5 },
      });
    }
    return {
      ...{ kind: op.kind, vertexDigest: `${ref} ${id}`, opDigest: sha256(opKey(op)), inputs },
      ...{ uses: inputUses(op, inputs.length), facts: factsOf(op, sha256) },
      ...(op.kind === 'image'
        ? { imageDigest: 'sha256:base', imageReference: op.ref, imagePlatform: op.platform }
        : {}),
      ...(op.kind === 'local' ? { exclude: patterns } : {}),
      ...{ recordDigest: sha256(description), recordTextDigest: sha256(withoutPrefix(description)) },
      ...{ lines: [{ start: line, end: line }], started, completed: started + 1, cached: isCached, done: true },
    };
  });
  const { context = '/ctx' } = one;
  const span = { contextStart: at, contextEnd: at + 50 };
  builds.push({ ref, createdAt: at, completedAt: at + 100, contextPath: context, ...span, steps, loose: [] });
}
