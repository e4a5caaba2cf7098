import { keyOf, type DiskContainer, type DiskImage, type DiskReport, type ReclaimItem } from '../model';
import { ImageTree } from './imageTree';
import { RecordTree } from './recordTree';

/** What will be removed, in an order that works on the engine, and what will not. */
export interface ReclaimChoice {
  readonly chosen: readonly ChosenItem[];
  readonly refused: readonly { readonly item: ReclaimItem; readonly why: string }[];
}

export interface ChosenItem {
  readonly item: ReclaimItem;
  readonly isRequired: boolean;
  /** Keys of chosen items that have to be gone before it. */
  readonly needs: readonly string[];
}

/** States of containers that an engine removes without force: `docker rm` refuses all others. */
const STOPPED = new Set(['created', 'exited', 'dead', 'configured', 'stopped', 'initialized']);

/** Whether a container can be removed without stopping it first. */
export function isStopped({ state }: Pick<DiskContainer, 'state'>): boolean {
  return STOPPED.has(state.toLowerCase());
}

/** The item of a container. */
export function containerItem({ id, name }: DiskContainer): ReclaimItem {
  return { kind: 'container', id, name: name === '' ? id.slice(0, 12) : name };
}

/** The item of an image. */
export function imageItem({ id, names }: DiskImage): ReclaimItem {
  return { kind: 'image', id, name: names[0] ?? id.replace(/^sha256:/, '').slice(0, 12) };
}

/** The item of a record of the build cache. */
export function recordItem({ id, description }: DiskReport['buildCache'][number]): ReclaimItem {
  return { kind: 'build-cache', id, name: description === '' ? id.slice(0, 12) : description };
}

/** Chooses what can be removed of what was asked for, with what has to go with it. */
export function chooseItems(
  report: DiskReport,
  items: readonly ReclaimItem[],
  kept: ReadonlySet<string>,
): ReclaimChoice {
  return new Choosing(report, items, kept).choose();
}

interface Removable {
  readonly image: DiskImage;
  readonly item: ReclaimItem;
  readonly isRequired: boolean;
}

class Choosing {
  private readonly refused = new Map<string, { item: ReclaimItem; why: string }>();
  private readonly asked: ReadonlyMap<string, ReclaimItem>;
  private readonly images: ImageTree;
  private readonly records: RecordTree;

  constructor(
    private readonly report: DiskReport,
    items: readonly ReclaimItem[],
    private readonly kept: ReadonlySet<string>,
  ) {
    this.asked = new Map(items.map((item) => [keyOf(item), item]));
    this.images = new ImageTree(report.images);
    this.records = new RecordTree(report.buildCache);
  }

  choose(): ReclaimChoice {
    for (const item of this.asked.values()) {
      if (this.kept.has(keyOf(item))) this.refuse(item, 'It is marked as kept.');
    }
    const containers = this.containers();
    const chosen = [...containers, ...this.imagesToo(containers), ...this.cache(), ...this.volumes()];
    return { chosen, refused: [...this.refused.values()] };
  }

  private refuse(item: ReclaimItem, why: string): void {
    if (!this.refused.has(keyOf(item))) this.refused.set(keyOf(item), { item, why });
  }

  /** Items of a kind that are there and not refused yet, with what the report says of them. */
  private *open<T>(kind: ReclaimItem['kind'], find: (id: string) => T | undefined): Iterable<[ReclaimItem, T]> {
    for (const item of this.asked.values()) {
      if (item.kind !== kind || this.refused.has(keyOf(item))) continue;
      const found = find(item.id);
      if (found === undefined) this.refuse(item, 'The engine does not have it any more.');
      else yield [item, found];
    }
  }

  private containers(): ChosenItem[] {
    const byId = new Map(this.report.containers.map((container) => [container.id, container]));
    const chosen: ChosenItem[] = [];
    for (const [item, container] of this.open('container', (id) => byId.get(id))) {
      if (isStopped(container)) chosen.push({ item, isRequired: false, needs: [] });
      else this.refuse(item, `Its state is "${container.state}": stop it first.`);
    }
    return chosen;
  }

  private imagesToo(containers: readonly ChosenItem[]): ChosenItem[] {
    const gone = new Set(containers.map(({ item }) => item.id));
    const users = usersOfImages(this.report);
    const removable = new Map<string, Removable>();
    for (const [item, image] of this.open('image', (id) => this.images.byId.get(id))) {
      const user = users.get(image.id)?.find(({ id }) => !gone.has(id));
      if (user === undefined) removable.set(image.id, { image, item, isRequired: false });
      else this.refuse(item, `Container ${containerItem(user).name} (${user.state}) was made from it.`);
    }
    this.addSteps(removable, (image) => (users.get(image.id) ?? []).every(({ id }) => gone.has(id)));
    this.dropParents(removable);
    const inOrder = [...removable.values()].sort((a, b) => this.images.compare(a.image, b.image));
    return inOrder.map(({ image, item, isRequired }) => {
      const containersOf = (users.get(image.id) ?? []).map(({ id }) => keyOf({ kind: 'container', id }));
      const children = this.images.madeFrom(image).filter((id) => removable.has(id));
      return { item, isRequired, needs: [...containersOf, ...children.map((id) => keyOf({ kind: 'image', id }))] };
    });
  }

  /** Steps that nothing is made from any more: the engine's own `rmi` takes them along, too. */
  private addSteps(removable: Map<string, Removable>, isUnused: (image: DiskImage) => boolean): void {
    const steps = this.report.images.filter((image) => image.isIntermediate && image.names.length === 0);
    let isAdded = removable.size > 0;
    while (isAdded) {
      isAdded = false;
      for (const image of steps) {
        const item = imageItem(image);
        if (removable.has(image.id) || this.kept.has(keyOf(item)) || !isUnused(image)) continue;
        const children = this.images.madeFrom(image);
        if (children.length === 0 || !children.every((id) => removable.has(id))) continue;
        // a name of one of them says more than a digest
        const top = removable.get(children[0] ?? '')?.item.name ?? '';
        const name = top.startsWith('step of ') ? top : `step of ${top}`;
        removable.set(image.id, { image, item: { ...item, name }, isRequired: true });
        isAdded = true;
      }
    }
  }

  /**
   * An image cannot be removed while one that was made from it is there (moby daemon/images/image_delete.go
   * conflictDependentChild; not even by force). One with names would only lose these. Podman would remove the description
   * of it, and as with Docker all layers would stay.
   */
  private dropParents(removable: Map<string, Removable>): void {
    let isDropped = true;
    // who is refused keeps what it is made from
    while (isDropped) {
      isDropped = false;
      for (const [id, { image, item, isRequired }] of removable) {
        const child = this.images.madeFrom(image).find((one) => one !== id && !removable.has(one));
        const childImage = this.images.byId.get(child ?? '');
        if (childImage === undefined) continue;
        if (!isRequired)
          this.refuse(item, `Image ${imageItem(childImage).name} was made from it: remove that one first.`);
        removable.delete(id);
        isDropped = true;
      }
    }
  }

  /**
   * The engine prunes only records that nothing stands on, and says nothing when it does not (seen: `CachesDeleted: null`).
   * So all that stand on what was asked for go, too.
   */
  private cache(): ChosenItem[] {
    const removable = new Map<string, ReclaimItem>();
    for (const [item, record] of this.open('build-cache', (id) => this.records.byId.get(id))) {
      if (this.report.engine.kind === 'podman') {
        this.refuse(item, 'Podman removes cache mounts only all at once: "podman image prune --build-cache".');
        continue;
      }
      const all = this.records.withDescendants([record.id]);
      const obstacle = [...all].flatMap((id) => this.whyNot(id, record.id) ?? [])[0];
      if (obstacle === undefined) removable.set(record.id, item);
      else this.refuse(item, obstacle);
    }
    const going = this.records.withDescendants(removable.keys());
    const order = this.records.parentsFirst().filter(({ id }) => going.has(id));
    return order.reverse().map((record) => ({
      item: removable.get(record.id) ?? recordItem(record),
      isRequired: !removable.has(record.id),
      needs: this.records.childrenOf(record.id).map(({ id }) => keyOf({ kind: 'build-cache', id })),
    }));
  }

  private whyNot(id: string, asked: string): string | undefined {
    const record = this.records.byId.get(id);
    if (record === undefined) return undefined;
    const subject = id === asked ? 'It' : `"${recordItem(record).name}", which stands on it,`;
    if (record.isInUse) return `${subject} is in use.`;
    return this.kept.has(keyOf({ kind: 'build-cache', id })) ? `${subject} is marked as kept.` : undefined;
  }

  private volumes(): ChosenItem[] {
    const byName = new Map(this.report.volumes.map((volume) => [volume.name, volume]));
    const chosen: ChosenItem[] = [];
    for (const [item, volume] of this.open('volume', (name) => byName.get(name))) {
      const [user] = volume.containers;
      if (this.asked.size > 1) this.refuse(item, 'A volume has data that nothing can make again: remove it alone.');
      else if (user !== undefined) this.refuse(item, `Container ${user} uses it.`);
      else chosen.push({ item, isRequired: false, needs: [] });
    }
    return chosen;
  }
}

/** Containers by the id of the image that they were made from. */
export function usersOfImages({ containers, images }: DiskReport): ReadonlyMap<string, readonly DiskContainer[]> {
  const users = new Map<string, DiskContainer[]>(images.map(({ id }) => [id, []]));
  const byName = new Map(containers.map((container) => [container.name, container]));
  for (const container of containers) users.get(container.imageId)?.push(container);
  // an engine's own list of them may know more than the id that a container has
  for (const image of images) {
    const list = users.get(image.id) ?? [];
    for (const name of image.containers) {
      const container = byName.get(name);
      if (container !== undefined && !list.includes(container)) list.push(container);
    }
  }
  return users;
}
