import { Random } from '../../generator/random';
import type { DiskReport } from '../../../core/model';
import { reportOf, type StoreText } from './reclaimStore';

/** A layer on disk, whoever has it. */
interface Node {
  readonly id: string;
  readonly parent: string;
  readonly bytes: number;
}

interface Image {
  readonly names: readonly string[];
  readonly top: string;
  readonly parent: string;
}

/**
 * A store that knows what no engine tells: the layer of each record. Removes one thing at a time by the engine's rules, and
 * counts what is on disk by walking from all that is left. Shares nothing with the code under test.
 */
export class SimulatedStore {
  readonly nodes = new Map<string, Node>();
  readonly images = new Map<string, Image>();
  readonly containers = new Map<string, { image: string; state: string; bytes: number }>();
  readonly records = new Map<string, { node: string; parents: string[]; isInUse: boolean; isSource: boolean }>();
  readonly isParentTold: boolean;

  constructor(seed: string) {
    const random = new Random(seed);
    this.isParentTold = random.chance(0.7);
    this.makeNodes(random);
    this.makeImages(random);
    for (let index = random.int(0, 4); index > 0; index--) {
      const state = random.pick(['exited', 'exited', 'created', 'running', 'paused']);
      this.containers.set(`c${index}`, { image: random.pick([...this.images.keys()]), state, bytes: random.int(0, 9) });
    }
    this.makeRecords(random);
  }

  private makeNodes(random: Random): void {
    const count = random.int(1, 12);
    // few sizes, so that layers are alike; or many, so that they are not
    const sizes = random.chance(0.5) ? [10, 20] : Array.from({ length: 40 }, (_, index) => 100 + index * 7);
    for (let index = 0; index < count; index++) {
      const parent = index === 0 || random.chance(0.2) ? '' : `n${random.int(0, index - 1)}`;
      this.nodes.set(`n${index}`, { id: `n${index}`, parent, bytes: random.pick(sizes) });
    }
  }

  private makeImages(random: Random): void {
    for (let index = random.int(1, 5); index > 0; index--) {
      const chain = this.down(random.pick([...this.nodes.keys()])).reverse();
      const id = `i${index}`;
      let parent = '';
      // as the classic builder does: an image for each step
      if (random.chance(0.4)) {
        for (const [step, top] of chain.slice(0, -1).entries()) {
          const stepId = `${id}-${step}`;
          this.images.set(stepId, { names: [], top, parent });
          parent = stepId;
        }
      }
      const names = random.chance(0.2) ? [] : random.chance(0.2) ? [`${id}:1`, `${id}:2`] : [`${id}:1`];
      this.images.set(id, { names, top: chain.at(-1) ?? '', parent });
    }
  }

  private makeRecords(random: Random): void {
    for (let times = random.int(0, 4); times > 0; times--) {
      const chain = this.down(random.pick([...this.nodes.keys()])).reverse();
      const sources = random.int(0, chain.length);
      for (const [place, node] of chain.entries()) {
        const id = `r-${node}`;
        if (this.records.has(id)) continue;
        const below = chain[place - 1];
        const parents = below === undefined ? [] : [`r-${below}`];
        // what a build stands on is below all results of builds
        const isOnSource = below === undefined || this.records.get(`r-${below}`)?.isSource === true;
        this.records.set(id, { node, parents, isInUse: random.chance(0.05), isSource: place < sources && isOnSource });
      }
    }
  }

  private down(top: string): string[] {
    const chain: string[] = [];
    for (let at = top; at !== ''; at = this.nodes.get(at)?.parent ?? '') chain.push(at);
    return chain;
  }

  /** What is on disk. */
  bytes(): number {
    const tops = [...this.images.values()].map(({ top }) => top);
    for (const { image } of this.containers.values()) tops.push(this.images.get(image)?.top ?? '');
    for (const { node } of this.records.values()) tops.push(node);
    const onDisk = new Set(tops.flatMap((top) => this.down(top)));
    let bytes = 0;
    for (const id of onDisk) bytes += this.nodes.get(id)?.bytes ?? 0;
    for (const container of this.containers.values()) bytes += container.bytes;
    return bytes;
  }

  /** Layers of what builds stand on that only records have, which the engine counts as 0 bytes. */
  hiddenBytes(): number {
    let bytes = 0;
    for (const { node, isSource } of this.records.values()) {
      if (isSource && !this.isInImage(node)) bytes += this.nodes.get(node)?.bytes ?? 0;
    }
    return bytes;
  }

  private isInImage(node: string): boolean {
    return [...this.images.values()].some(({ top }) => this.down(top).includes(node));
  }

  private childrenOf(image: string): string[] {
    return [...this.images].flatMap(([id, { parent }]) => (parent === image ? [id] : []));
  }

  /** Removes one thing as the engine does with `noprune` and without force; says why not. */
  remove(kind: string, id: string): string | undefined {
    if (kind === 'container') {
      const state = this.containers.get(id)?.state ?? 'gone';
      if (state !== 'exited' && state !== 'created') return state;
      this.containers.delete(id);
      return undefined;
    }
    if (kind === 'image') return this.removeImage(id);
    const record = this.records.get(id);
    if (record === undefined || record.isInUse) return 'gone or in use';
    if ([...this.records.values()].some(({ parents }) => parents.includes(id))) return 'something stands on it';
    this.records.delete(id);
    return undefined;
  }

  private removeImage(id: string): string | undefined {
    const image = this.images.get(id);
    if (image === undefined) return 'gone';
    if ([...this.containers.values()].some((container) => container.image === id)) return 'a container uses it';
    if (this.childrenOf(id).length > 0) return 'image has dependent child images';
    this.images.delete(id);
    return undefined;
  }

  /** What a measurement reports. */
  report(): DiskReport {
    const images: Record<string, NonNullable<StoreText['images']>[string]> = {};
    for (const [id, { names, top, parent }] of this.images) {
      const layers = this.down(top)
        .reverse()
        .map((node) => `${node}=${this.nodes.get(node)?.bytes ?? 0}`);
      const isIntermediate = names.length === 0 && this.childrenOf(id).length > 0;
      images[id] = {
        ...{ layers: layers.join(' '), names: [...names], isIntermediate },
        ...(this.isParentTold ? { parentId: parent } : {}),
      };
    }
    const held = new Set([...this.records.values()].filter((one) => !one.isSource).map(({ node }) => node));
    const sizes = [...this.nodes.values()].map(({ bytes }) => bytes);
    const inBuildCache: Record<string, 'no' | 'yes' | 'maybe'> = {};
    for (const { id, bytes } of this.nodes.values()) {
      const alike = sizes.filter((one) => one === bytes).length > 1;
      const records = [...held].filter((node) => this.nodes.get(node)?.bytes === bytes).length;
      inBuildCache[id] = records === 0 ? 'no' : alike ? 'maybe' : 'yes';
    }
    return reportOf({
      images,
      inBuildCache,
      containers: Object.fromEntries(
        [...this.containers].map(([id, { image, state, bytes }]) => [id, { of: image, state, sizeBytes: bytes }]),
      ),
      records: Object.fromEntries(
        [...this.records].map(([id, { node, parents, isInUse, isSource }]) => [
          id,
          {
            ...{ parents, isInUse, isShared: this.isInImage(node) },
            sizeBytes: isSource ? 0 : (this.nodes.get(node)?.bytes ?? 0),
            description: isSource ? 'from local base:1' : `mount / from exec ${id}`,
          },
        ]),
      ),
    });
  }
}
