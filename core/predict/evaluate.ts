import type { KeyClass, StepInstance } from '../evidence/classes';
import { selectorKey } from '../evidence/classes';
import type { Evidence } from '../evidence/evidence';
import type { ImportedCache } from '../evidence/importedCache';
import type { Sha256 } from '../evidence/facts';
import type { CacheRecord, PastStep } from '../evidence/pastBuild';
import { inputUses, type InputUse } from '../llb/contentInputs';
import type { LlbOp } from '../llb/op';
import { opKey } from '../llb/opKey';
import { recordKey } from '../llb/recordKey';
import type { FileChange } from '../model';
import type { Plan, PlanOptions, Vertex } from '../plan/graph';
import { copiedBytes } from './copied';
import type { ContentComparison, ContextView } from './content';
import { NO_DOUBTS, type Doubts } from './doubts';
import { describes, matchContent, type Open } from './open';
import { sourceEvaluation, sourceMatch } from './sources';

/** A past step that differs from a vertex only in what it took from the build context. */
export interface ContentDifference {
  readonly instance: StepInstance;
  readonly comparison: ContentComparison;
}

/** What the evidence says of one vertex, consumers apart. */
export interface Evaluation {
  readonly vertex: Vertex;
  readonly opDigest: string;
  readonly uses: readonly InputUse[];
  /** Key classes that the vertex is proven to have. */
  readonly classes: ReadonlySet<KeyClass>;
  /** A live result exists under its key. */
  readonly live: boolean;
  readonly open: Open | undefined;
  /** The latest past step with the same operation on the same inputs but other content. */
  readonly difference: ContentDifference | undefined;
  /** Of a live result: changes that the builder will not notice. */
  readonly hidden: readonly FileChange[];
  /** Sources that are not in the build context. */
  readonly missing: readonly string[];
  /** Folders before a wildcard that are not there: it fails when it is executed. */
  readonly unreachable: readonly string[];
}

/** Evaluates every vertex of a plan, inputs first (solver/edge.go, solver/cachemanager.go). */
export function evaluatePlan(
  plan: Plan,
  options: PlanOptions,
  evidence: Evidence,
  context: ContextView,
  sha256: Sha256,
  imported: readonly ImportedCache[] = [],
  doubts: Doubts = NO_DOUBTS,
): Evaluation[] {
  const evaluator = new Evaluator(options, evidence, context, sha256, imported, doubts);
  for (const vertex of plan.vertices) evaluator.add(vertex);
  return evaluator.evaluations;
}

/** Name of the step that gives a cache mount its owner, without `[internal]`. */
const CACHE_FOLDER = 'setting cache mount permissions';

const NOTHING: Pick<Evaluation, 'classes' | 'live' | 'open' | 'difference' | 'hidden' | 'missing' | 'unreachable'> = {
  classes: new Set(),
  live: false,
  open: undefined,
  difference: undefined,
  hidden: [],
  missing: [],
  unreachable: [],
};

/** What is known of one vertex before any evidence. */
type Bare = Pick<Evaluation, 'vertex' | 'opDigest' | 'uses'>;

function bare(vertex: Vertex, sha256: Sha256): Bare {
  return { vertex, opDigest: sha256(opKey(vertex.op)), uses: inputUses(vertex.op, vertex.inputs.length) };
}

/** The vertices of a plan without any evidence. */
export function bareEvaluations(plan: Plan, sha256: Sha256): Evaluation[] {
  return plan.vertices.map((vertex) => ({ ...bare(vertex, sha256), ...NOTHING }));
}

/** What a step names that the build context does not have. */
export function absentSources(
  step: Bare,
  evaluations: readonly Evaluation[],
  context: ContextView,
): Pick<Evaluation, 'missing' | 'unreachable'> {
  for (const [position, input] of step.vertex.inputs.entries()) {
    const use = step.uses[position];
    if (use === undefined || evaluations[input]?.vertex.op.kind !== 'local') continue;
    const { missing, unreachable } = context.take(use, false);
    if (missing.length > 0 || unreachable.length > 0) return { missing, unreachable };
  }
  return NOTHING;
}

type Match = 'yes' | 'no' | Open;

/** A past step with the operation of a vertex, and how it matches. */
interface Candidate {
  readonly instance: StepInstance;
  readonly match: Match;
  readonly comparison?: ContentComparison;
}

/** An input of a past step. */
interface PastInput {
  readonly source: PastStep;
  readonly use: InputUse;
  readonly keyClass: KeyClass | undefined;
}

class Evaluator {
  readonly evaluations: Evaluation[] = [];
  private readonly unexplained: readonly CacheRecord[];

  constructor(
    private readonly options: PlanOptions,
    private readonly evidence: Evidence,
    private readonly context: ContextView,
    private readonly sha256: Sha256,
    private readonly imported: readonly ImportedCache[],
    private readonly doubts: Doubts,
  ) {
    this.unexplained = evidence.join.unexplained();
  }

  add(vertex: Vertex): void {
    const base = bare(vertex, this.sha256);
    this.evaluations.push({ ...base, ...NOTHING, ...this.evaluate(base) });
  }

  private evaluate(base: Bare): Partial<Evaluation> {
    const { vertex } = base;
    switch (vertex.op.kind) {
      case 'local':
        return {};
      case 'image':
      case 'opaque':
      case 'remote':
        return sourceEvaluation(vertex, this.options, this.evidence, this.sha256);
      case 'exec':
      case 'file':
      case 'merge':
        return this.operation(base);
    }
  }

  private operation(base: Bare): Partial<Evaluation> {
    const { missing, unreachable } = absentSources(base, this.evaluations, this.context);
    if (missing.length > 0) return { missing };
    return { unreachable, ...this.known(base) };
  }

  private known(base: Bare): Partial<Evaluation> {
    const { vertex, uses } = base;
    const doubt = this.doubts.get(vertex.id);
    if (doubt !== undefined) return { open: doubt };
    if (vertex.ignoreCache) return {};

    const parent = this.parentOf(vertex, uses);
    if (parent !== undefined && isCertainMiss(parent)) return {};
    if (vertex.op.kind === 'merge' && this.inputsOf(vertex).some(isCertainMiss)) return {};
    if (vertex.uncovered !== undefined) {
      return { open: { code: 'not-covered', message: vertex.uncovered, likely: false } };
    }

    const classes = new Set<KeyClass>();
    let open: Open | undefined;
    let difference: ContentDifference | undefined;
    let hidden: readonly FileChange[] = [];
    let isHeld = false;
    // newest first: the latest build explains best, and one proof is enough
    const candidates = [...this.evidence.classes.withOp(base.opDigest)]
      .reverse()
      .map((instance) => ({ instance, ...this.matchInstance(base, instance) }));
    const disproved = this.disproved(candidates);
    for (const { instance, match, comparison } of candidates) {
      if (comparison !== undefined && match !== 'yes' && comparison.foreign !== true && !comparison.unnoticed) {
        difference = stronger(difference, { instance, comparison });
      }
      const keyClass = this.evidence.classes.find(instance.keyClass);
      if (match === 'no' || (match !== 'yes' && disproved.has(keyClass))) continue;
      if (match === 'yes') {
        classes.add(keyClass);
        isHeld ||= this.isHeld(instance);
        if (hidden.length === 0) hidden = comparison?.hidden ?? [];
      } else if (this.evidence.join.liveness(keyClass) !== 'gone') {
        const size = comparison === undefined ? 'unknown' : this.compareSize(base, keyClass);
        // files that were written since, but add up to what they were, are as often the same as not
        if (size === 'unknown') open ??= match;
        else if (size === 'equal') open ??= { ...match, likely: false };
        else if (comparison !== undefined && comparison.foreign !== true) difference ??= { instance, comparison };
      }
    }
    // another folder's build may have had these very files, but this folder's own did not: a rebuild is likely
    if (open?.foreign === true && difference !== undefined) open = { ...open, likely: true };
    const states = [...classes].map((one) => this.evidence.join.liveness(one));
    if (isHeld && states.some((state) => state !== 'gone')) return { classes, open: HELD, difference };
    if (states.includes('live')) return { classes, live: true, hidden };
    if (states.includes('unknown')) {
      const message = 'a past build had this step, but whether its result is still kept cannot be told';
      open ??= { code: 'record-unexplained', message, likely: false };
    }
    open ??= this.unexplainedRecord(base, parent) ?? this.importedRecord(vertex.op);
    return { classes, open, difference };
  }

  /** Does a running build hold the step, or something that it stands on? */
  private isHeld({ build, step }: StepInstance): boolean {
    const { held } = this.evidence;
    if (held === undefined || held === 'unknown') return held === 'unknown';
    if (held.size === 0) return false;
    const seen = new Set<PastStep>();
    const queue = [step];
    for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
      if (held.has(one.vertexDigest)) return true;
      if (seen.has(one)) continue;
      seen.add(one);
      queue.push(...one.inputs.flatMap((input) => build.steps[input] ?? []));
    }
    return false;
  }

  /** Steps of one class took the same content: where one of them had other content than now, they all had. */
  private disproved(candidates: readonly Candidate[]): ReadonlySet<KeyClass> {
    const disproved = candidates.filter(
      ({ match, comparison }) => match === 'no' && comparison?.result === 'different',
    );
    return new Set(disproved.map(({ instance }) => this.evidence.classes.find(instance.keyClass)));
  }

  /** Do both come about from their operation alone: inline documents, folders that a new cache begins with? */
  private areDocuments({ op, inputs }: Vertex, theirs: PastStep): boolean {
    if (op.kind !== 'file' || inputs.length > 0 || theirs.kind !== 'file' || theirs.inputs.length > 0) return false;
    if (op.actions[0]?.action.kind === 'mkfile') return true;
    return theirs.recordTextDigest === this.sha256(CACHE_FOLDER) && op.actions[0]?.action.kind === 'mkdir';
  }

  private inputsOf(vertex: Vertex): Evaluation[] {
    return vertex.inputs.flatMap((input) => this.evaluations[input] ?? []);
  }

  /** What another builder left in a cache that this build imports. */
  private importedRecord(op: LlbOp): Open | undefined {
    if (this.imported.length === 0) return undefined;
    const key = recordKey(op, this.sha256);
    const cache = this.imported.find(({ keys }) => keys === undefined || key === undefined || keys.has(key));
    if (cache === undefined) return undefined;
    const message =
      cache.keys === undefined
        ? `the imported cache ${cache.name} may have it`
        : `the imported cache ${cache.name} has this step; whether on the same base and files only the build tells`;
    return { code: 'network-dependent', message, likely: false };
  }

  /** The evaluation of the input that the operation stands on, where its own key counts. */
  private parentOf(vertex: Vertex, uses: readonly InputUse[]): Evaluation | undefined {
    const [first] = vertex.inputs;
    if (first === undefined || uses[0]?.byContent !== false) return undefined;
    return this.evaluations[first];
  }

  private matchInstance(base: Bare, instance: StepInstance): { match: Match; comparison?: ContentComparison } {
    const { vertex, uses } = base;
    if (instance.step.inputs.length !== vertex.inputs.length) return { match: 'no' };
    let match: Match = 'yes';
    let comparison: ContentComparison | undefined;
    for (const [position, input] of vertex.inputs.entries()) {
      const use = uses[position];
      const now = this.evaluations[input];
      const theirs = instance.step.uses[position];
      const source = instance.build.steps[instance.step.inputs[position] ?? -1];
      if (use === undefined || now === undefined || theirs === undefined || source === undefined)
        return { match: 'no' };
      const fromContext = now.vertex.op.kind === 'local';
      const one: Match =
        fromContext && source.kind === 'local'
          ? matchContent(
              (comparison = this.context.compare(use, {
                build: instance.build,
                use: theirs,
                exclude: source.exclude,
              })),
            )
          : this.matchInput(now, use, { source, use: theirs, keyClass: instance.inputs[position] });
      // what comes before content matches when this is reached: the content alone makes the difference
      if (one === 'no') return comparison !== undefined && fromContext ? { match: 'no', comparison } : { match: 'no' };
      if (one !== 'yes' && match === 'yes') match = one;
    }
    const counts = match === 'yes' ? comparison?.hidden !== undefined : comparison?.result === 'unknown';
    return counts && comparison !== undefined ? { match, comparison } : { match };
  }

  /**
   * A layer of copied files has exactly their bytes: a kept result of another size is not this one. Only where the
   * engine counts bytes of files (overlay2); a block-counting store says nothing.
   */
  private compareSize(base: Bare, keyClass: KeyClass): 'equal' | 'different' | 'unknown' {
    if (this.evidence.store !== 'graphdriver') return 'unknown';
    const expected = copiedBytes(base, this.evaluations, this.context);
    const records = [...this.evidence.join.records(keyClass)];
    // a size that the engine could not find out is negative
    if (expected === undefined || records.length === 0 || records.some((one) => one.size < 0)) return 'unknown';
    return records.some((one) => expected.includes(one.size)) ? 'equal' : 'different';
  }

  /** An input that is not the build context on both sides: by its key, or by the content of what it yields. */
  private matchInput(now: Evaluation, use: InputUse, theirs: PastInput): Match {
    const from = now.vertex.id;
    const fromContext = now.vertex.op.kind === 'local';
    if (!fromContext && theirs.keyClass !== undefined) {
      const sameKey = now.classes.has(this.evidence.classes.find(theirs.keyClass));
      if (sameKey && (use.selectors.length === 0 || selectorKey(use) === selectorKey(theirs.use))) return 'yes';
    }
    if (use.byContent) {
      // the operation alone says what an inline document or an empty folder holds
      if (this.areDocuments(now.vertex, theirs.source)) {
        return now.opDigest === theirs.source.opDigest ? 'yes' : 'no';
      }
      const { kind } = now.vertex.op;
      // a file of another content
      if (kind === 'remote' && now.open === undefined && theirs.source.fetched !== undefined) return 'no';
      if (!OPERATIONS.includes(kind) && now.open !== undefined) return { ...now.open, from };
      const message = fromContext
        ? 'an earlier build took the same files from a stage'
        : 'what the stage that it copies from will yield decides';
      return { code: 'depends-on-output', message, likely: false, from };
    }
    if (now.open === undefined) {
      const { classes } = this.evidence;
      const { keyClass } = theirs;
      const same = keyClass !== undefined && [...now.classes].some((one) => classes.maybeSame(one, keyClass));
      const bySource = sourceMatch(now.vertex, theirs.source, same, this.options, this.evidence);
      if (bySource !== undefined) return bySource === 'no' ? 'no' : { ...bySource, from };
      if (!same) return 'no';
      const message = 'an earlier build had this step on a result that may be another one';
      return { code: 'record-unexplained', message, likely: false, from };
    }
    return { code: 'parent-uncertain', message: now.open.message, likely: now.open.likely, from };
  }

  /** A live record that no remembered build made may be this very step (built before the history, or in a failed build). */
  private unexplainedRecord(base: Bare, parent: Evaluation | undefined): Open | undefined {
    const { vertex } = base;
    const countsFiles = this.evidence.store === 'graphdriver';
    const expected = countsFiles ? copiedBytes(base, this.evaluations, this.context) : undefined;
    const parentRecords =
      parent === undefined ? [] : [...parent.classes].flatMap((one) => [...this.evidence.join.records(one)]);
    const fits = this.unexplained.some((record) => {
      if (!describes(record, vertex)) return false;
      // a copy of these files has their size
      if (expected !== undefined && record.size >= 0 && !expected.includes(record.size)) return false;
      if (parentRecords.length === 0 || parent?.open !== undefined) return true;
      return parentRecords.some((one) => record.parents.includes(one.id));
    });
    if (!fits) return undefined;
    const message = 'the cache holds a result with this description from a build that is not remembered';
    return { code: 'record-unexplained', message, likely: false };
  }
}

const HELD: Open = {
  code: 'record-unexplained',
  message: 'not found until a running build ends, which made what it stands on',
  likely: false,
};

const OPERATIONS: readonly LlbOp['kind'][] = ['exec', 'file', 'merge'];

/** No proven key and nothing that speaks for one: the step is executed whenever it is looked at. */
export function isCertainMiss(evaluation: Evaluation): boolean {
  if (!OPERATIONS.includes(evaluation.vertex.op.kind)) return false;
  return evaluation.classes.size === 0 && evaluation.open === undefined;
}

/** A proven difference explains better than files that were touched; otherwise the newest build is kept. */
function stronger(known: ContentDifference | undefined, other: ContentDifference): ContentDifference {
  if (known === undefined) return other;
  return known.comparison.result !== 'different' && other.comparison.result === 'different' ? other : known;
}
