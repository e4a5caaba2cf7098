import type { DiskCacheRecord } from '../model';

/** Records of the build cache with what stands on what. */
export class RecordTree {
  readonly byId: ReadonlyMap<string, DiskCacheRecord>;
  private readonly children = new Map<string, DiskCacheRecord[]>();

  constructor(readonly records: readonly DiskCacheRecord[]) {
    this.byId = new Map(records.map((record) => [record.id, record]));
    for (const record of records) {
      for (const parent of new Set(record.parents)) {
        const list = this.children.get(parent);
        if (list === undefined) this.children.set(parent, [record]);
        else list.push(record);
      }
    }
  }

  childrenOf(id: string): readonly DiskCacheRecord[] {
    return this.children.get(id) ?? [];
  }

  /** These records and all that they stand on. */
  withAncestors(ids: Iterable<string>): ReadonlySet<string> {
    return closure(ids, (id) => this.byId.get(id)?.parents ?? []);
  }

  /** These records and all that stand on them. */
  withDescendants(ids: Iterable<string>): ReadonlySet<string> {
    return closure(ids, (id) => this.childrenOf(id).map((child) => child.id));
  }

  /** All records, each after its parents. Those that stand on themselves (a broken answer) come last. */
  parentsFirst(): readonly DiskCacheRecord[] {
    const waiting = new Map<string, number>();
    const ready: DiskCacheRecord[] = [];
    for (const record of this.byId.values()) {
      const parents = [...new Set(record.parents)].filter((id) => this.byId.has(id)).length;
      if (parents === 0) ready.push(record);
      else waiting.set(record.id, parents);
    }
    // grows while it is walked
    for (const record of ready) {
      for (const child of this.childrenOf(record.id)) {
        const left = (waiting.get(child.id) ?? 0) - 1;
        if (left > 0) waiting.set(child.id, left);
        else if (waiting.delete(child.id)) ready.push(child);
      }
    }
    return [...ready, ...[...this.byId.values()].filter(({ id }) => waiting.has(id))];
  }
}

function closure(ids: Iterable<string>, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set(ids);
  // a set that grows while it is walked gives what was added, too
  for (const id of found) for (const other of next(id)) found.add(other);
  return found;
}
