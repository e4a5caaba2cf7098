import type { Sha256 } from './facts';
import type { KeyClass, KeyClasses, StepInstance } from './classes';
import type { CacheRecord } from './pastBuild';
import { withoutPrefix } from './provenance';

/** Is the result of a class still in the cache? `unknown`: records are there that may be it. */
export type Liveness = 'live' | 'gone' | 'unknown';

/** Milliseconds that a record's creation may lie outside its vertex' interval: both are rounded. */
const INTERVAL_MARGIN = 2;

/**
 * Joins cache records to past steps: a record is made while its vertex runs, under a description that follows from the
 * vertex (cache/metadata.go), on top of its parent's record.
 */
export class RecordJoin {
  private readonly recordsOf = new Map<KeyClass, Set<CacheRecord>>();
  private readonly explained = new Set<CacheRecord>();
  private readonly maybe = new Set<KeyClass>();
  /** Classes whose result is that of one of some known classes. */
  private readonly oneOf = new Set<KeyClass>();
  /** What {@link origins} found: each prediction asks again. */
  private readonly known = new Map<KeyClass, readonly KeyClass[]>();
  private readonly byDescription = new Map<string, CacheRecord[]>();
  private readonly byText = new Map<string, CacheRecord[]>();
  readonly regular: readonly CacheRecord[];

  constructor(
    private readonly classes: KeyClasses,
    records: readonly CacheRecord[],
    sha256: Sha256,
  ) {
    // a result that nobody needed as a parent yet is still listed as mutable
    this.regular = records.filter((record) => record.type === 'regular');
    for (const record of this.regular) {
      push(this.byDescription, sha256(record.description), record);
      push(this.byText, sha256(withoutPrefix(record.description)), record);
    }
    for (const instance of classes.instances) if (!instance.step.cached) this.joinExecuted(instance);
    this.separate();
    this.traceParents();
    const rivals = this.unknownByText();
    for (const instance of classes.instances) this.joinUnknownOrigin(instance, rivals);
  }

  /** Is there still a record of this class? */
  liveness(keyClass: KeyClass): Liveness {
    const states = new Set(this.origins(keyClass).map((origin) => this.ownLiveness(origin)));
    const [only = 'unknown'] = states;
    // a hit on one of several results is certain only when all of them are still there
    return states.size === 1 ? only : 'unknown';
  }

  private ownLiveness(root: KeyClass): Liveness {
    if ((this.recordsOf.get(root)?.size ?? 0) > 0) return 'live';
    return this.maybe.has(root) ? 'unknown' : 'gone';
  }

  /** The class itself, or those of which one is where its result comes from. */
  private origins(keyClass: KeyClass): readonly KeyClass[] {
    let origins = this.known.get(keyClass);
    if (origins === undefined) this.known.set(keyClass, (origins = this.findOrigins(keyClass)));
    return origins;
  }

  private findOrigins(keyClass: KeyClass): KeyClass[] {
    const seen = new Set<KeyClass>();
    const queue = [this.classes.find(keyClass)];
    const found: KeyClass[] = [];
    for (let root = queue.pop(); root !== undefined; root = queue.pop()) {
      if (seen.has(root)) continue;
      seen.add(root);
      const hasOwn = (this.recordsOf.get(root)?.size ?? 0) > 0;
      if (hasOwn || !this.oneOf.has(root)) found.push(root);
      else for (const origin of this.classes.unknownOrigin.get(root) ?? []) queue.push(this.classes.find(origin));
    }
    return found;
  }

  /** The live records of a class, or those of which one is its. */
  records(keyClass: KeyClass): ReadonlySet<CacheRecord> {
    return new Set(this.origins(keyClass).flatMap((origin) => [...(this.recordsOf.get(origin) ?? [])]));
  }

  /** Live records that no past step is known to have made. */
  unexplained(): readonly CacheRecord[] {
    return this.regular.filter((record) => !this.explained.has(record));
  }

  private joinExecuted(instance: StepInstance): void {
    const { step } = instance;
    if (step.started === undefined || step.completed === undefined) return;
    const fitting = this.within(step.recordDigest, step.started, step.completed);
    const onParent = fitting.filter((record) => this.fitsParent(record, instance));
    for (const record of onParent) this.join(instance.keyClass, record);
  }

  /** Classes of which nobody knows who made their result, by the words of their steps. */
  private unknownByText(): ReadonlyMap<string, ReadonlySet<KeyClass>> {
    const byText = new Map<string, Set<KeyClass>>();
    for (const { step, keyClass } of this.classes.instances) {
      const root = this.classes.find(keyClass);
      if (!this.classes.unknownOrigin.has(root)) continue;
      const known = byText.get(step.recordTextDigest);
      if (known === undefined) byText.set(step.recordTextDigest, new Set([root]));
      else known.add(root);
    }
    return byText;
  }

  /** A step only ever seen as a hit: its record is the one with its text on its parent's record, if that is unique. */
  private joinUnknownOrigin(instance: StepInstance, unknownByText: ReadonlyMap<string, ReadonlySet<KeyClass>>): void {
    const root = this.classes.find(instance.keyClass);
    if (!this.classes.unknownOrigin.has(root) || (this.recordsOf.get(root)?.size ?? 0) > 0) return;
    const { step } = instance;
    const candidates = (this.byText.get(step.recordTextDigest) ?? []).filter(
      (record) =>
        !this.explained.has(record) &&
        record.createdAt <= (step.started ?? Infinity) + marginOf(record) &&
        this.fitsParent(record, instance),
    );
    const sharing = unknownByText.get(step.recordTextDigest);
    const hasRivals = sharing !== undefined && [...sharing].some((other) => other !== root);
    const [only] = candidates;
    const known = this.classes.unknownOrigin.get(root)?.size ?? 0;
    if (candidates.length === 1 && !hasRivals && known === 0 && only !== undefined) this.join(root, only);
    else if (candidates.length === 0 && known > 0) this.oneOf.add(root);
    else this.maybe.add(root);
  }

  /** The live records of a description that were made during a vertex. */
  within(digest: string, started: number, completed: number): CacheRecord[] {
    return (this.byDescription.get(digest) ?? []).filter(
      (record) => record.createdAt >= started - marginOf(record) && record.createdAt <= completed + marginOf(record),
    );
  }

  /** A record lies on its parent step's record; where that one is not known nothing can be said against it. */
  private fitsParent(record: CacheRecord, instance: StepInstance): boolean {
    const parent = instance.inputs[0];
    if (parent === undefined || record.parents.length === 0) return true;
    const known = this.recordsOf.get(this.classes.find(parent));
    if (known === undefined || known.size === 0) return true;
    return [...known].some((one) => record.parents.includes(one.id));
  }

  /** A record names the record that it was made on: that tells which result a hit below an executed step was. */
  private traceParents(): void {
    const makers = new Map<string, KeyClass | undefined>();
    for (const [keyClass, records] of this.recordsOf) {
      for (const { id } of records) makers.set(id, makers.has(id) ? undefined : keyClass);
    }
    for (const { step, keyClass, inputs } of this.classes.instances) {
      const [hit] = inputs;
      const [record, ...more] = this.recordsOf.get(this.classes.find(keyClass)) ?? [];
      if (step.cached || hit === undefined || record === undefined || more.length > 0) continue;
      const [parent] = record.parents;
      const origin = parent === undefined ? undefined : makers.get(parent);
      if (origin !== undefined && this.classes.unknownOrigin.has(this.classes.find(hit)))
        this.classes.unite(hit, origin);
    }
  }

  /** Steps that ran at the same time with the same words: whose record is gone when there are fewer than steps? */
  private separate(): void {
    const classesOf = new Map<CacheRecord, KeyClass[]>();
    for (const [keyClass, records] of this.recordsOf) for (const record of records) push(classesOf, record, keyClass);
    for (const sharing of classesOf.values()) {
      if (sharing.length === 1) continue;
      const records = new Set(sharing.flatMap((one) => [...(this.recordsOf.get(one) ?? [])]));
      if (records.size >= sharing.length) continue;
      for (const one of sharing) {
        this.recordsOf.delete(one);
        this.maybe.add(one);
      }
    }
  }

  private join(keyClass: KeyClass, record: CacheRecord): void {
    const root = this.classes.find(keyClass);
    if ((record.precision ?? 0) > INTERVAL_MARGIN) {
      // a build in the same second that nobody remembers may have made it as well
      this.maybe.add(root);
      return;
    }
    this.explained.add(record);
    const known = this.recordsOf.get(root);
    if (known === undefined) this.recordsOf.set(root, new Set([record]));
    else known.add(record);
  }
}

function marginOf(record: CacheRecord): number {
  return INTERVAL_MARGIN + (record.precision ?? 0);
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
