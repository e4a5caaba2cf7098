import {
  formatBytes,
  type DiskCacheRecord,
  type DiskContainer,
  type DiskImage,
  type DiskReport,
  type ReclaimPlan,
} from '../model';
import { heldLayers, isImageSource, type HeldLayers } from './heldLayers';
import { keyOf, type ChosenItem } from './reclaimChoice';

/** What comes free when chosen items are removed in their order. */
export interface FreedBytes extends Pick<ReclaimPlan, 'freesAtLeast' | 'freesAtMost' | 'uncertainty' | 'stays'> {
  /** By key of an item: bytes that are certain to be gone with it. */
  readonly byItem: ReadonlyMap<string, number>;
}

/** Adds up what comes free: a layer only with the last of all that has it, images and build cache. */
export function freedBytes(report: DiskReport, chosen: readonly ChosenItem[]): FreedBytes {
  return new Freeing(report, chosen).freed();
}

class Freeing {
  private readonly places: ReadonlyMap<string, number>;
  private readonly held: HeldLayers;
  private readonly sizes: ReadonlyMap<string, number | null>;
  /** Chain ids of layers that one of their holders keeps, whichever. */
  private readonly keptForCertain: ReadonlySet<string>;
  private readonly byItem = new Map<string, number>();
  private readonly stays: { bytes: number; why: string }[] = [];
  private readonly doubts: string[] = [];
  private readonly unknown: string[] = [];
  private atLeast = 0;
  private atMost = 0;

  constructor(
    private readonly report: DiskReport,
    private readonly chosen: readonly ChosenItem[],
  ) {
    this.places = new Map(chosen.map(({ item }, index) => [keyOf(item), index]));
    this.held = heldLayers(report);
    this.keptForCertain = new Set(
      report.layers.filter(({ inBuildCache }) => inBuildCache === 'yes').map(({ chainId }) => chainId),
    );
    this.sizes = new Map(report.layers.map(({ chainId, sizeBytes }) => [chainId, sizeBytes]));
  }

  freed(): FreedBytes {
    this.containers();
    this.images();
    this.records();
    for (const volume of this.report.volumes) {
      if (this.place('volume', volume.name) === undefined) continue;
      this.known(keyOf({ kind: 'volume', id: volume.name }), volume.sizeBytes, `volume ${volume.name}`);
    }
    if (this.unknown.length > 0) {
      this.doubts.push(`More comes free than is counted here, as the size is not known of: ${some(this.unknown)}.`);
    }
    const { byItem, atLeast: freesAtLeast, atMost: freesAtMost, stays } = this;
    return { byItem, freesAtLeast, freesAtMost, uncertainty: this.doubts.join(' '), stays };
  }

  private place(kind: 'container' | 'image' | 'build-cache' | 'volume', id: string): number | undefined {
    return this.places.get(keyOf({ kind, id }));
  }

  private certain(key: string, bytes: number): void {
    this.byItem.set(key, (this.byItem.get(key) ?? 0) + bytes);
    this.atLeast += bytes;
    this.atMost += bytes;
  }

  private known(key: string, bytes: number | null, what: string): void {
    if (bytes === null) this.unknown.push(what);
    else this.certain(key, bytes);
  }

  private stay(bytes: number, why: string): void {
    if (bytes > 0) this.stays.push({ bytes, why });
  }

  private containers(): void {
    const sizes = new Map(this.report.volumes.map(({ name, sizeBytes }) => [name, sizeBytes]));
    for (const container of this.report.containers) {
      const { id, name, sizeBytes, logBytes, isLogInSize, configBytes, checkpointBytes } = container;
      if (this.place('container', id) === undefined) continue;
      const key = keyOf({ kind: 'container', id });
      this.known(key, sizeBytes, `the writable layer of ${name}`);
      if (!isLogInSize) this.known(key, logBytes, `the logs of ${name}`);
      // small, and where there are any, the report says that they could not be read
      this.certain(key, (configBytes ?? 0) + (checkpointBytes ?? 0));
      for (const { kind, source } of container.mounts) {
        if (kind === 'volume') this.stay(sizes.get(source) ?? 0, `Volume ${source} of container ${name} stays.`);
      }
    }
  }

  private images(): void {
    const { images, storage } = this.report;
    const isGoing = (image: DiskImage): boolean => this.place('image', image.id) !== undefined;
    const [going, staying] = [images.filter(isGoing), images.filter((image) => !isGoing(image))];
    const users = new Map<string, DiskImage>();
    for (const image of staying) for (const chain of image.layers) users.set(chain, image);
    // what it consists of could not be asked for: it may have any of the layers
    const opaque = staying.find(({ layers, sizeBytes }) => layers.length === 0 && sizeBytes > 0);
    const stray = this.strayContainer();
    const last = new Map<string, number>();
    for (const image of going) {
      const place = this.place('image', image.id) ?? 0;
      for (const chain of image.layers) last.set(chain, Math.max(last.get(chain) ?? 0, place));
    }
    const sums = { shared: 0, cached: 0, maybe: 0 };
    const sharers = new Set<string>();
    for (const [chain, place] of last) {
      const bytes = this.sizes.get(chain) ?? null;
      const sharer = users.get(chain);
      if (sharer !== undefined) {
        sums.shared += bytes ?? 0;
        sharers.add(sharer.names[0] ?? sharer.id.slice(0, 19));
      } else if (bytes !== null) this.layer(chain, place, bytes, opaque !== undefined || stray !== undefined, sums);
    }
    this.stay(sums.shared, `Layers that other images have, too: ${some([...sharers])}.`);
    this.stay(sums.cached, 'Layers that the build cache keeps: they go with its records.');
    if (opaque !== undefined && going.length > 0) {
      this.doubts.push(`It is not known which layers image ${opaque.names[0] ?? opaque.id} has.`);
    }
    if (stray !== undefined && going.length > 0) {
      this.doubts.push(`Container ${stray.name} was made from an image that is not listed, and may have their layers.`);
    }
    if (sums.maybe > 0) {
      this.doubts.push(
        `The build cache may keep ${formatBytes(sums.maybe)} of layers: nothing tells which are its records.`,
      );
    }
    for (const image of going) this.besideLayers(image, storage.store);
  }

  /** A layer that no image has any more from this place of the list on. */
  private layer(
    chain: string,
    place: number,
    bytes: number,
    isDoubtful: boolean,
    sums: { cached: number; maybe: number },
  ): void {
    const isStaying = (id: string): boolean => this.place('build-cache', id) === undefined;
    if ([...(this.held.certainOf.get(chain) ?? [])].some(isStaying)) {
      sums.cached += bytes;
      return;
    }
    const holders = [...(this.held.holdersOf.get(chain) ?? [])];
    if (this.keptForCertain.has(chain) && holders.length > 0 && holders.every(isStaying)) {
      sums.cached += bytes;
      return;
    }
    const isMaybeHeld = holders.some(isStaying);
    if (isMaybeHeld) sums.maybe += bytes;
    if (isMaybeHeld || isDoubtful) {
      this.atMost += bytes;
      return;
    }
    const places = holders.map((id) => this.place('build-cache', id) ?? 0);
    const item = this.chosen[places.reduce((latest, one) => Math.max(latest, one), place)]?.item;
    if (item !== undefined) this.certain(keyOf(item), bytes);
  }

  /** A container whose image was removed by force: nothing tells the layers that it still has. */
  private strayContainer(): DiskContainer | undefined {
    const ids = new Set(this.report.images.map(({ id }) => id));
    const named = new Set(this.report.images.flatMap(({ containers }) => containers));
    return this.report.containers.find(
      ({ id, imageId, name }) => !ids.has(imageId) && !named.has(name) && this.place('container', id) === undefined,
    );
  }

  /** What an image has beside layers of known size. */
  private besideLayers(image: DiskImage, store: DiskReport['storage']['store']): void {
    const sizes = image.layers.map((chain) => this.sizes.get(chain) ?? null);
    const isKnown = sizes.every((bytes) => bytes !== null);
    const rest = Math.max(0, image.sizeBytes - sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0));
    const name = image.names[0] ?? image.id.slice(0, 19);
    if (rest === 0) return;
    // Podman: its manifest and configuration, which are its own (containers/storage images.go, big data)
    if (store === 'podman' && isKnown) {
      this.certain(keyOf({ kind: 'image', id: image.id }), rest);
      return;
    }
    this.atMost += rest;
    if (store === 'containerd') {
      this.doubts.push(
        `Image ${name} has ${formatBytes(rest)} of compressed layers and descriptions, which stay as far as another image or the build cache has them.`,
      );
    } else this.doubts.push(`The bytes of some layers of image ${name} are not known.`);
  }

  private records(): void {
    const isContainerd = this.report.storage.store === 'containerd';
    const [going, staying] = this.layersOfImages();
    const isAnyImageGoing = this.report.images.some(({ id }) => this.place('image', id) !== undefined);
    let [withImages, maybe] = [0, 0];
    for (const record of this.report.buildCache) {
      const { id, sizeBytes, isShared } = record;
      if (this.place('build-cache', id) === undefined) continue;
      const own = this.held.ownOf.get(id);
      if (isContainerd ? this.mayHaveBlobOf(record, staying) : isShared && own === undefined && isAnyImageGoing) {
        this.atMost += sizeBytes;
        maybe += sizeBytes;
      } else if (isContainerd || !isShared) this.certain(keyOf({ kind: 'build-cache', id }), sizeBytes);
      // what goes together with its image was counted as its layer
      else if (own === undefined || !own.some((chain) => going.has(chain))) withImages += sizeBytes;
      if (sizeBytes === 0 && !isShared && isImageSource(record)) {
        this.unknown.push(`layers that are left of an image (${record.description})`);
      }
    }
    this.stay(withImages, 'Build cache whose bytes are layers of images: they stay as long as the images do.');
    if (maybe > 0) {
      this.doubts.push(`Images keep a part of ${formatBytes(maybe)} of build cache; the engine does not say how much.`);
    }
  }

  /** Chain ids of layers of images that go, and of such that stay. */
  private layersOfImages(): [ReadonlySet<string>, ReadonlySet<string>] {
    const [going, staying] = [new Set<string>(), new Set<string>()];
    for (const { id, layers } of this.report.images) {
      const set = this.place('image', id) === undefined ? staying : going;
      for (const chain of layers) set.add(chain);
    }
    return [going, staying];
  }

  /**
   * Containerd's store: a record has the bytes of a snapshot of its own and, once it was exported, of the compressed layer.
   * The latter stays with an image that has it. Such a record need not be marked as shared (seen with 28.5 after the record
   * on it was pruned), so it is told by its size: what is compressed is hardly larger than what is unpacked.
   */
  private mayHaveBlobOf({ type, isShared, sizeBytes }: DiskCacheRecord, staying: ReadonlySet<string>): boolean {
    if (type !== 'regular') return false;
    return (
      isShared ||
      [...staying].some((chain) => {
        const bytes = this.sizes.get(chain) ?? null;
        return bytes === null || (bytes <= sizeBytes && sizeBytes <= 2.1 * bytes + 65_536);
      })
    );
  }
}

/** The first three of a list, and how many more there are. */
function some(list: readonly string[]): string {
  const more = list.length - 3;
  return list.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
