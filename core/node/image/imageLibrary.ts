import { baseOf, sharingOf, type ImageSharing } from '../../image/sharing';
import type { EngineImages } from '../engines/engineImages';
import type { ImageStep, ListedEngineImage } from '../engines/imageList';
import { openEngineImage } from './engineImage';
import { analyse, openByName, type ReadImage } from './findImage';
import type { LayerIndexStore } from './indexStore';
import type { OpenOptions } from './openImage';

/** Images that stay open: the entries of large ones take some megabytes. */
const MAX_OPEN = 4;
/** Images that are asked for their steps at a time. */
const AT_ONCE = 8;

/** An image of the engine with its steps and what it shares. */
export interface ImageOnEngine extends ListedEngineImage {
  /** Oldest first. */
  readonly steps: readonly ImageStep[];
  readonly sharing: ImageSharing;
  /** The named image that it stands on. */
  readonly base: ListedEngineImage | undefined;
  /** How many of the first steps are the base's. */
  readonly baseSteps: number;
}

/** The images of one engine, and those that were opened. What an id names never changes, so it is asked for once. */
export class ImageLibrary {
  private readonly steps = new Map<string, readonly ImageStep[]>();
  private readonly open = new Map<string, Promise<ReadImage>>();

  constructor(
    readonly engine: EngineImages,
    private readonly store: LayerIndexStore,
  ) {}

  /** All images as they are now. */
  async list(signal: AbortSignal): Promise<readonly ImageOnEngine[]> {
    const images = await this.engine.list(signal);
    const ids = new Set(images.map(({ id }) => id));
    for (const id of this.steps.keys()) if (!ids.has(id)) this.steps.delete(id);
    const unknown = images.filter(({ id }) => !this.steps.has(id));
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      await Promise.all(
        unknown.slice(at, at + AT_ONCE).map(async ({ id }) => {
          const steps = await this.engine.steps(id, signal);
          if (steps !== undefined) this.steps.set(id, steps);
        }),
      );
    }
    const bytes = new Map<string, number>();
    for (const step of [...this.steps.values()].flat())
      if (step.diffId !== undefined) bytes.set(step.diffId, step.bytes);
    const sharing = sharingOf(images, (diffId) => bytes.get(diffId));
    return images.flatMap((image): ImageOnEngine[] => {
      const [steps, shares] = [this.steps.get(image.id), sharing.get(image.id)];
      // removed in between
      if (steps === undefined || shares === undefined) return [];
      const base = baseOf(image, images);
      const baseSteps =
        base === undefined ? 0 : countBaseSteps(steps, this.steps.get(base.id) ?? [], base.diffIds.length);
      return [{ ...image, steps, sharing: shares, base, baseSteps }];
    });
  }

  /** Opens and analyses an image, an archive or a layout; the same one is read once. */
  read(name: string, options: OpenOptions): Promise<ReadImage> {
    const known = this.open.get(name);
    if (known !== undefined) {
      // the ones that were used longest ago go first
      this.open.delete(name);
      this.open.set(name, known);
      return known;
    }
    const reading = isPath(name)
      ? openByName(name, () => this.engine, this.store, options).then((image) =>
          analyse(image, undefined, options.signal),
        )
      : openEngineImage(this.engine, name, this.store, options).then((image) =>
          analyse(image, this.engine, options.signal),
        );
    this.open.set(name, reading);
    for (const oldest of [...this.open.keys()].slice(0, -MAX_OPEN)) this.open.delete(oldest);
    reading.catch(() => {
      if (this.open.get(name) === reading) this.open.delete(name);
    });
    return reading;
  }

  /** Reads a file again that may have changed. */
  forget(name: string): void {
    this.open.delete(name);
  }
}

/** Steps up to the last layer of the base, and the metadata that the base adds after it. */
function countBaseSteps(steps: readonly ImageStep[], base: readonly ImageStep[], layers: number): number {
  let [seen, count] = [0, 0];
  while (count < steps.length && seen < layers) if (steps[count++]?.diffId !== undefined) seen++;
  if (seen < layers) return 0;
  while (count < base.length && count < steps.length && steps[count]?.createdBy === base[count]?.createdBy) count++;
  return count;
}

/** Names of images are never absolute paths. */
export function isPath(name: string): boolean {
  return name.startsWith('/') || /^[a-z]:[\\/]/i.test(name);
}
