import type { DiskCacheRecord, DiskLayer } from '../model';
import { isImageSource } from './heldLayers';

type Layer = Pick<DiskLayer, 'chainId' | 'parent' | 'sizeBytes'>;
type InCache = DiskLayer['inBuildCache'];

/**
 * Which layers of images the build cache keeps, too, by chain id. No answer of an engine names both a record and a layer,
 * but a shared record has its layer's bytes (it is the same folder), and its parents' are those of the layers below. Layers
 * of the same bytes on layers of the same bytes are told apart by nothing: `maybe` unless there is a record for each.
 *
 * @param noted chain ids by ids of records, from the engine's own files
 */
export function layersInCache(
  layers: readonly Layer[],
  records: readonly DiskCacheRecord[],
  noted?: ReadonlyMap<string, string>,
): ReadonlyMap<string, InCache> {
  const shared = records.filter(({ isShared }) => isShared);
  const result = new Map<string, InCache>(layers.map(({ chainId }) => [chainId, 'no']));
  if (shared.length === 0) return result;
  const join = new Join(layers, records);
  // what is kept keeps all that it stands on
  const note = (top: Layer, value: InCache): void => {
    for (const { chainId } of join.downFrom(top)) {
      const before = result.get(chainId);
      if (before === 'yes' || before === value) return;
      result.set(chainId, value);
    }
  };
  if (noted !== undefined && shared.every(({ id }) => noted.has(id))) {
    for (const { id } of shared) {
      const layer = join.layer(noted.get(id) ?? '');
      if (layer !== undefined) note(layer, 'yes');
    }
    return result;
  }
  const groups = new Map<string, { readonly layers: readonly Layer[]; records: number }>();
  for (const record of shared) {
    if (isLowestSource(record)) continue;
    const matched = join.layersOf(record);
    const key = matched.map(({ chainId }) => chainId).join(' ');
    groups.set(key, { layers: matched, records: (groups.get(key)?.records ?? 0) + 1 });
  }
  // records that fit the same layers, as many as there are layers: each has one
  for (const group of groups.values()) {
    for (const layer of group.layers) note(layer, group.records >= group.layers.length ? 'yes' : 'maybe');
  }
  for (const source of shared.filter(isLowestSource)) {
    const tops = join.layersBelow(source);
    for (const top of tops.length === 0 ? layers : tops) note(top, tops.length === 1 ? 'yes' : 'maybe');
  }
  return result;
}

/** The record of the lowest layer of an image that a build stands on. */
function isLowestSource(record: DiskCacheRecord): boolean {
  return record.parents.length === 0 && isImageSource(record);
}

class Join {
  private readonly layers: ReadonlyMap<string, Layer>;
  private readonly bySize = new Map<number, Layer[]>();
  private readonly records: ReadonlyMap<string, DiskCacheRecord>;
  private readonly children = new Map<string, DiskCacheRecord[]>();
  private readonly known = new Map<string, readonly Layer[]>();

  constructor(layers: readonly Layer[], records: readonly DiskCacheRecord[]) {
    this.layers = new Map(layers.map((layer) => [layer.chainId, layer]));
    for (const layer of layers) {
      if (layer.sizeBytes !== null) append(this.bySize, layer.sizeBytes, layer);
    }
    this.records = new Map(records.map((record) => [record.id, record]));
    for (const record of records) for (const parent of record.parents) append(this.children, parent, record);
  }

  layer(chainId: string): Layer | undefined {
    return this.layers.get(chainId);
  }

  /** The layers that may be the one of a record. */
  layersOf(record: DiskCacheRecord): readonly Layer[] {
    const known = this.known.get(record.id);
    if (known !== undefined) return known;
    // a record is no ancestor of itself; a broken answer must not lead in circles
    this.known.set(record.id, []);
    const [parentId, ...others] = record.parents;
    const parent = this.records.get(parentId ?? '');
    const sameSize = this.bySize.get(record.sizeBytes) ?? [];
    let found: readonly Layer[] = sameSize;
    if (parentId === undefined) found = sameSize.filter((layer) => layer.parent === '');
    else if (parent !== undefined && others.length === 0 && !isLowestSource(parent)) {
      const below = new Set(this.layersOf(parent).map(({ chainId }) => chainId));
      found = sameSize.filter((layer) => below.has(layer.parent));
    }
    this.known.set(record.id, found);
    return found;
  }

  /** The topmost layers that an image source may stand for, by what was built on it; none: nothing tells. */
  layersBelow(source: DiskCacheRecord): readonly Layer[] {
    const below = new Set<string>();
    for (const child of this.children.get(source.id) ?? []) {
      if (child.isShared) for (const { parent } of this.layersOf(child)) below.add(parent);
    }
    return [...below].flatMap((chain) => this.layers.get(chain) ?? []);
  }

  /** A layer and all below it. */
  *downFrom(top: Layer): Iterable<Layer> {
    let layer: Layer | undefined = top;
    while (layer !== undefined) {
      yield layer;
      layer = layer.parent === '' ? undefined : this.layers.get(layer.parent);
    }
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
