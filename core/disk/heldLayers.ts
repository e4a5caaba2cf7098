import type { DiskCacheRecord, DiskReport, DiskStorage } from '../model';
import { isOwnResult } from './packedLayers';
import { RecordTree } from './recordTree';

/** Which records of the build cache keep which layers of images on disk. */
export interface HeldLayers {
  /**
   * By id of a record: chain ids of the layers one of which is its own. It keeps that one and all below it. A record that
   * is not here keeps no layer of an image.
   */
  readonly ownOf: ReadonlyMap<string, readonly string[]>;
  /** By chain id: ids of the records that may keep it. */
  readonly holdersOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of those, the records that keep it for certain. */
  readonly certainOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * What a build stands on. There is such a record for each layer of the image, and the engine counts 0 bytes for it. Still
 * they keep the layers on disk when the image goes (moby daemon/internal/builder-next/adapters/containerimage/pull.go
 * takes them from the image's own snapshot; seen with 28.5: `du` falls only when these records are pruned).
 */
const IMAGE_SOURCE = /^(?:pulled from|from local)\b/;

/** Whether a record is a layer of an image that a build stands on. */
export function isImageSource({ description }: DiskCacheRecord): boolean {
  return IMAGE_SOURCE.test(description);
}

/** What is known of layers and records. */
export interface LayersAndRecords extends Pick<DiskReport, 'layers' | 'buildCache'> {
  readonly storage: Pick<DiskStorage, 'store'>;
}

/**
 * Finds the layers that records keep. Only the engine's own files name both. No answer of it does; but a record that is
 * shared has its layer's bytes (it is the same folder), and its parent has the layer below. What nothing tells apart may
 * be kept by any of them.
 */
export function heldLayers(report: LayersAndRecords): HeldLayers {
  const layers = new LayerTree(report);
  const ownOf = new Map<string, readonly string[]>();
  const [holdersOf, certainOf] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  const isContainerd = report.storage.store === 'containerd';
  for (const [id, candidates] of candidatesOf(report, layers)) {
    ownOf.set(id, [...candidates]);
    for (const candidate of candidates) {
      for (const chain of layers.downFrom(candidate)) {
        addTo(holdersOf, chain, id);
        // with containerd only the place in the chain is known, no size
        if (candidates.size === 1 && !isContainerd) addTo(certainOf, chain, id);
      }
    }
  }
  if (!isContainerd) completeFromReport(report, { ownOf, holdersOf, certainOf });
  return { ownOf, holdersOf, certainOf };
}

/**
 * Layers of which the report says that they are kept, without a record that would fit: any may be it of those that fit no
 * layer.
 */
function completeFromReport(
  { layers, buildCache }: LayersAndRecords,
  {
    ownOf,
    holdersOf,
    certainOf,
  }: { ownOf: ReadonlyMap<string, unknown> } & Record<'holdersOf' | 'certainOf', Map<string, Set<string>>>,
): void {
  const shared = buildCache.filter(({ isShared }) => isShared).map(({ id }) => id);
  const unmatched = shared.filter((id) => !ownOf.has(id));
  for (const { chainId, inBuildCache } of layers) {
    if (inBuildCache === 'no') continue;
    const possible = unmatched.length === 0 && inBuildCache === 'yes' ? shared : unmatched;
    if (!holdersOf.has(chainId) && possible.length > 0) holdersOf.set(chainId, new Set(possible));
    const holders = holdersOf.get(chainId);
    // one of them keeps it; if there is only one, that is it
    if (inBuildCache === 'yes' && holders?.size === 1) for (const id of holders) addTo(certainOf, chainId, id);
  }
}

/** By id of a shared record: the layers one of which is its own. */
function candidatesOf(report: LayersAndRecords, layers: LayerTree): ReadonlyMap<string, ReadonlySet<string>> {
  const isContainerd = report.storage.store === 'containerd';
  const shared = new RecordTree(report.buildCache.filter(({ isShared }) => isShared)).parentsFirst();
  const found = new Map<string, Set<string>>();
  const belowOf = ({ parents }: DiskCacheRecord): Set<string> | undefined =>
    parents.length === 1 ? found.get(parents[0] ?? '') : undefined;
  for (const record of shared) {
    // with containerd, records count the compressed layer, too
    const isAnySize = isContainerd || (record.sizeBytes === 0 && isImageSource(record));
    const below = belowOf(record);
    let places = layers.ofSize(isAnySize ? undefined : record.sizeBytes);
    if (record.parents.length === 0) places = layers.on('');
    else if (below !== undefined) places = [...below].flatMap((chain) => layers.on(chain));
    if (record.layer !== undefined) places = layers.has(record.layer) ? [record.layer] : [];
    else if (!isAnySize) places = places.filter((chain) => layers.isOfSize(chain, record.sizeBytes));
    found.set(record.id, new Set(places));
  }
  // what fits no candidate of a record on it is none, from the top; and then what stands on nothing that is left
  for (const record of [...shared].reverse()) {
    const [own, below] = [found.get(record.id), belowOf(record)];
    if (own === undefined || own.size === 0 || below === undefined) continue;
    const fitting = new Set([...own].map((chain) => layers.below(chain)));
    for (const chain of [...below]) if (!fitting.has(chain)) below.delete(chain);
  }
  for (const record of shared) {
    const [own, below] = [found.get(record.id), belowOf(record)];
    if (own === undefined || below === undefined) continue;
    for (const chain of [...own]) if (!below.has(layers.below(chain))) own.delete(chain);
  }
  for (const record of shared) {
    // with containerd, results of a build are snapshots of their own; only what it stands on is the image's
    if (found.get(record.id)?.size === 0 || (isContainerd && isOwnResult(record))) found.delete(record.id);
  }
  return found;
}

class LayerTree {
  private readonly layers: DiskReport['layers'];
  private readonly parents = new Map<string, string>();
  private readonly children = new Map<string, string[]>();
  private readonly bySize = new Map<number | null, string[]>();
  private readonly sizes = new Map<string, number | null>();

  constructor({ layers }: LayersAndRecords) {
    this.layers = layers;
    for (const { chainId, parent, sizeBytes } of layers) {
      this.parents.set(chainId, parent);
      append(this.children, parent, chainId);
      append(this.bySize, sizeBytes, chainId);
      this.sizes.set(chainId, sizeBytes);
    }
  }

  has(chainId: string): boolean {
    return this.parents.has(chainId);
  }

  /** Layers directly on this one; on `''` the lowest ones. */
  on(chainId: string): readonly string[] {
    return this.children.get(chainId) ?? [];
  }

  below(chainId: string): string {
    return this.parents.get(chainId) ?? '';
  }

  /** Layers that have or may have this size; all of them without one. */
  ofSize(bytes: number | undefined): readonly string[] {
    if (bytes === undefined) return this.layers.map(({ chainId }) => chainId);
    return [...(this.bySize.get(bytes) ?? []), ...(this.bySize.get(null) ?? [])];
  }

  /** Whether a layer has or may have this size. */
  isOfSize(chainId: string, bytes: number): boolean {
    const size = this.sizes.get(chainId) ?? null;
    return size === null || size === bytes;
  }

  /** A layer and all below it. */
  downFrom(chainId: string): ReadonlySet<string> {
    const chain = new Set<string>();
    for (let at = chainId; at !== '' && !chain.has(at); at = this.below(at)) chain.add(at);
    return chain;
  }
}

function append<K>(map: Map<K, string[]>, key: K, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
