import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { registryReference } from '../../model';
import { baseOf, sharingOf, type ImageSharing } from '../../image/sharing';
import type { EngineImages } from '../engines/engineImages';
import type { ImageStep, ListedEngineImage } from '../engines/imageList';
import { openEngineImage } from './engineImage';
import { analyse, openByName, type ReadImage } from './findImage';
import type { LayerIndexStore } from './indexStore';
import type { OpenImage, OpenOptions } from './openImage';
import { describeRegistryImage, openRegistryImage, type RegistryDescription } from './registryImage';

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
  /** What was at the path of an archive or a layout when it was read. */
  private readonly states = new Map<string, string>();
  private readonly described = new Map<string, Promise<RegistryDescription>>();

  constructor(
    readonly engine: EngineImages,
    private readonly store: LayerIndexStore,
    /** For the credentials that docker has for registries. */
    private readonly env: NodeJS.ProcessEnv = {},
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

  /**
   * Opens and analyses an image, an archive, a layout, or an image of a registry (`registryName`); the same one is read
   * once, one on disk again when it changed. Of a registry the network is asked: only for those who said so.
   */
  async read(name: string, options: OpenOptions): Promise<ReadImage> {
    if (isPath(name)) await this.forgetChanged(name);
    const known = this.open.get(name);
    if (known !== undefined) {
      // the ones that were used longest ago go first
      this.open.delete(name);
      this.open.set(name, known);
      return known;
    }
    const isOfEngine = !isPath(name) && registryReference(name) === undefined;
    const reading = this.openImage(name, options).then((image) =>
      analyse(image, isOfEngine ? this.engine : undefined, options.signal),
    );
    this.open.set(name, reading);
    for (const oldest of [...this.open.keys()].slice(0, -MAX_OPEN)) this.open.delete(oldest);
    reading.catch(() => {
      if (this.open.get(name) === reading) this.open.delete(name);
    });
    return reading;
  }

  /**
   * What a registry says of an image (`registryName`); it is asked once.
   *
   * @param again asks it anew: a tag may be another image now
   */
  async describe(name: string, signal: AbortSignal | undefined, again = false): Promise<RegistryDescription> {
    const before = await this.described.get(name)?.catch(() => undefined);
    if (before !== undefined && !again) return before;
    const asking = describeRegistryImage(registryReference(name) ?? name, this.env, { signal });
    this.described.set(name, asking);
    try {
      const described = await asking;
      if (before !== undefined && before.description.id !== described.description.id) this.open.delete(name);
      return described;
    } catch (error) {
      if (this.described.get(name) === asking) this.described.delete(name);
      throw error;
    }
  }

  private async openImage(name: string, options: OpenOptions): Promise<OpenImage> {
    if (isPath(name)) return openByName(name, () => this.engine, this.store, options);
    const reference = registryReference(name);
    if (reference === undefined) return openEngineImage(this.engine, name, this.store, options);
    const described = await this.describe(name, options.signal);
    return openRegistryImage(reference, this.env, this.store, options, described);
  }

  private async forgetChanged(path: string): Promise<void> {
    const state = await stateOf(path);
    if (this.states.get(path) !== state) this.open.delete(path);
    this.states.set(path, state);
  }
}

/** Another text once there is something else at a path: an archive, or the index of a layout. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  const index = found?.isDirectory() === true ? await stat(join(path, 'index.json')).catch(() => undefined) : found;
  return index === undefined ? '' : `${index.ino} ${index.size} ${index.mtimeMs} ${index.ctimeMs}`;
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
