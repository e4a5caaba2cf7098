import { formatBytes, keyOf, type DiskContainer, type DiskImage, type DiskReport, type ReclaimPlan } from '../model';
import { heldLayers, isImageSource, type HeldLayers } from './heldLayers';
import { bytesWithoutPacked, isOwnResult } from './packedLayers';
import type { ChosenItem } from './reclaimChoice';

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
      if (!isLogInSize) {
        this.known(key, logBytes, `the logs of ${name}`);
        // small, and where there are any, the report says that they could not be read
        this.certain(key, (configBytes ?? 0) + (checkpointBytes ?? 0));
      }
      this.certain(key, this.beginningOf(container));
      for (const { kind, source } of container.mounts) {
        if (kind === 'volume') this.stay(sizes.get(source) ?? 0, `Volume ${source} of container ${name} stays.`);
      }
    }
  }

  /**
   * Containerd's store: the snapshot between image and container, with the folders to mount on. It is in what docker prints
   * as `virtual` (with graph drivers it is not, and has a link of 12 bytes).
   */
  private beginningOf({ imageId, sizeBytes, virtualBytes }: DiskContainer): number {
    const image = this.report.images.find(({ id }) => id === imageId);
    if (this.report.storage.store !== 'containerd' || image === undefined) return 0;
    const sizes = image.layers.map((chain) => this.sizes.get(chain) ?? null);
    if (sizeBytes === null || virtualBytes === null || sizes.includes(null)) return 0;
    return Math.max(0, virtualBytes - sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), sizeBytes));
  }

  private images(): void {
    const { images } = this.report;
    const isGoing = (image: DiskImage): boolean => this.place('image', image.id) !== undefined;
    const [going, staying] = [images.filter(isGoing), images.filter((image) => !isGoing(image))];
    const users = new Map<string, DiskImage>();
    // who reads it knows images by their names
    const namedLast = [...staying].sort((a, b) => Number(a.names.length > 0) - Number(b.names.length > 0));
    for (const image of namedLast) for (const chain of image.layers) users.set(chain, image);
    const opaque = this.opaqueImage();
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
    this.besideLayers(going);
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

  /** An image that stays and whose layers could not be asked for: it may have any of them. */
  private opaqueImage(): DiskImage | undefined {
    return this.report.images.find(
      ({ id, layers, sizeBytes }) => layers.length === 0 && sizeBytes > 0 && this.place('image', id) === undefined,
    );
  }

  /** A container whose image was removed by force: nothing tells the layers that it still has. */
  private strayContainer(): DiskContainer | undefined {
    const ids = new Set(this.report.images.map(({ id }) => id));
    const named = new Set(this.report.images.flatMap(({ containers }) => containers));
    return this.report.containers.find(
      ({ id, imageId, name }) => !ids.has(imageId) && !named.has(name) && this.place('container', id) === undefined,
    );
  }

  /** What images have beside layers of known size. */
  private besideLayers(images: readonly DiskImage[]): void {
    const { store } = this.report.storage;
    const [unsure, names] = [{ bytes: 0 }, [] as string[]];
    for (const { id, layers, names: own, sizeBytes } of images) {
      const sizes = layers.map((chain) => this.sizes.get(chain) ?? null);
      const rest = Math.max(0, sizeBytes - sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0));
      if (rest === 0) continue;
      // Podman: its manifest and configuration, which are its own (containers/storage images.go, big data)
      if (store === 'podman' && !sizes.includes(null)) this.certain(keyOf({ kind: 'image', id }), rest);
      else {
        unsure.bytes += rest;
        names.push(own[0] ?? id.slice(0, 19));
      }
    }
    this.atMost += unsure.bytes;
    if (names.length === 0) return;
    const what =
      store === 'containerd'
        ? `Packed layers and descriptions, up to ${formatBytes(unsure.bytes)}, go only as far as no other image and no build cache has them`
        : 'The sizes of some layers are not known';
    this.doubts.push(`${what}: ${some(names)}.`);
  }

  private records(): void {
    const isContainerd = this.report.storage.store === 'containerd';
    const [going, staying] = this.layersOfImages();
    const stayingBytes = [...staying].map((chain) => this.sizes.get(chain) ?? null);
    if (this.opaqueImage() !== undefined) stayingBytes.push(null);
    let [withImages, maybe] = [0, 0];
    for (const record of this.report.buildCache) {
      const { id, sizeBytes, isShared } = record;
      if (this.place('build-cache', id) === undefined) continue;
      const own = this.held.ownOf.get(id) ?? [];
      let sure = sizeBytes;
      if (isContainerd) sure = bytesWithoutPacked(record, stayingBytes);
      else if (isShared) {
        sure = 0;
        // what goes together with its image was counted as its layer
        if (going.size === 0 || (own.length > 0 && !own.some((chain) => going.has(chain)))) withImages += sizeBytes;
        else if (own.length === 0) maybe += sizeBytes;
      }
      this.certain(keyOf({ kind: 'build-cache', id }), sure);
      if (isContainerd) maybe += sizeBytes - sure;
      if (!isShared && (isContainerd ? !isOwnResult(record) : sizeBytes === 0 && isImageSource(record))) {
        this.unknown.push(`layers that are left of an image (${record.description || id.slice(0, 12)})`);
      }
    }
    this.atMost += maybe;
    this.stay(withImages, 'Build cache whose bytes are layers of images: they stay as long as the images do.');
    if (maybe > 0) this.doubts.push(`Images may keep ${formatBytes(maybe)} of the build cache.`);
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
}

/** The first three of a list, and how many more there are. */
function some(list: readonly string[]): string {
  const more = list.length - 3;
  return list.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
