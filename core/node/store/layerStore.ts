import { join } from 'node:path';
import { asArray, asObject, asText } from '../../llb/decode';
import { JsonFile } from './jsonFile';

const VERSION = 1;
/** Layers and images that are remembered; the oldest are forgotten first. */
const MAX_LAYERS = 20_000;
const MAX_IMAGES = 5000;

/** Reads the sizes of an image's layers by diffID. */
export type ReadLayerSizes = (image: string) => Promise<Readonly<Record<string, number>>>;

/** Remembers the bytes of layers by diffID: neither a layer nor an image ever changes, so each is asked for once. */
export class LayerStore {
  private readonly file: JsonFile;
  private bytes: Map<string, number> | undefined;
  private readonly images = new Set<string>();

  constructor(folder: string) {
    this.file = new JsonFile(join(folder, 'layers.json'), VERSION);
  }

  /** The sizes of all layers that are known, after images that were not asked for before were; at most `most` of them. */
  async load(images: readonly string[], read: ReadLayerSizes, most: number): Promise<ReadonlyMap<string, number>> {
    const bytes = (this.bytes ??= this.restore(await this.file.read()));
    const fresh = images.filter((image) => !this.images.has(image)).slice(0, most);
    const known = this.images.size;
    const note = async (image: string): Promise<void> => {
      // one that could not be asked for is asked for next time
      const sizes = await read(image).catch(() => undefined);
      if (sizes === undefined) return;
      for (const [layer, size] of Object.entries(sizes)) bytes.set(layer, size);
      this.images.add(image);
    };
    await Promise.all(fresh.map(note));
    if (this.images.size > known) await this.save(bytes);
    return bytes;
  }

  private restore(value: unknown): Map<string, number> {
    const json = asObject(value);
    for (const image of asArray(json['images'])) this.images.add(asText(image));
    return new Map(asArray(json['layers']) as [string, number][]);
  }

  private async save(bytes: Map<string, number>): Promise<void> {
    await this.file.write((theirs) => {
      if (theirs !== undefined) for (const [layer, size] of this.restore(theirs)) bytes.set(layer, size);
      return { images: [...this.images].slice(-MAX_IMAGES), layers: [...bytes].slice(-MAX_LAYERS) };
    });
  }
}
