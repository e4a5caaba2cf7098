import type { BuilderInfo } from '../model';
import type { BuildahConfig } from './config';

/** One entry of an image's history. */
export interface HistoryEntry {
  /** As the store writes it, to the nanosecond. */
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly author: string;
  readonly isEmpty: boolean;
}

/** An image as far as it decides a build with Buildah. Arguments of builds are in it: it is never written to disk. */
export interface BuildahImage {
  readonly id: string;
  /** Of its manifest. */
  readonly digest: string;
  /** Nanoseconds since the epoch. */
  readonly created: bigint;
  readonly history: readonly HistoryEntry[];
  /** DiffIDs. */
  readonly layers: readonly string[];
  /** Media type of its manifest. */
  readonly format: string;
  /** `os/arch`. */
  readonly platform: string;
  readonly config: BuildahConfig;
  readonly bytes: number | undefined;
}

/** What a store says of its images, at one moment. */
export interface BuildahEvidence {
  readonly builder: BuilderInfo;
  /** `os/arch` that is built for. */
  readonly platform: string;
  /** The images that were asked for, as they are named; undefined for one that is not there. */
  readonly named: ReadonlyMap<string, BuildahImage | undefined>;
  readonly images: readonly BuildahImage[];
  /** `BUILDAH_LAYERS`: without layers nothing is looked up. */
  readonly usesLayers: boolean;
  readonly clockOffset: number;
  readonly clockMargin: number;
}

/** What is known of a store that could not be asked. */
export function noBuildahEvidence(builder: BuilderInfo, platform: string): BuildahEvidence {
  return {
    ...{ builder, platform, named: new Map(), images: [], usesLayers: true },
    ...{ clockOffset: 0, clockMargin: 0 },
  };
}

/** The format that `podman build` writes unless it is told otherwise. */
export const OCI_FORMAT = 'application/vnd.oci.image.manifest.v1+json';

/** Finds images by the history that they go on from (imagebuildah/stage_executor.go historyAndDiffIDsMatch). */
export class HistoryIndex {
  private readonly byParent = new Map<string, BuildahImage[]>();
  private readonly byId = new Map<string, BuildahImage>();

  constructor({ images, named, platform }: BuildahEvidence) {
    for (const image of [...named.values(), ...images]) if (image !== undefined) this.byId.set(image.id, image);
    for (const image of this.byId.values()) {
      if (image.history.length === 0 || image.format !== OCI_FORMAT || image.platform !== platform) continue;
      const key = pastOf(image, 1);
      const siblings = this.byParent.get(key);
      if (siblings === undefined) this.byParent.set(key, [image]);
      else siblings.push(image);
    }
    // of several equal ones the newest is taken
    for (const siblings of this.byParent.values()) siblings.sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  image(id: string): BuildahImage | undefined {
    return this.byId.get(id);
  }

  all(): readonly BuildahImage[] {
    return [...this.byId.values()].sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** What tells images apart, and what an image stands on; empty for nothing. They hold build arguments. */
  places(image: BuildahImage): { readonly place: string; readonly parent: string } {
    const parent = image.history.length <= 1 ? '' : pastOf(image, 1);
    return { place: keyOf(image.history, image.layers), parent };
  }

  /** Images that have one step more than `parent` (an id; empty for none), the newest first. */
  of(parent: string, hasLayer: boolean): readonly BuildahImage[] {
    const image = this.byId.get(parent);
    const [history, layers] = image === undefined ? [[], []] : [image.history, image.layers];
    if (parent !== '' && image === undefined) return [];
    // an image that was not built by steps has layers that its history does not tell of
    if (layers.length !== layersOf(history)) return [];
    const length = layers.length + (hasLayer ? 1 : 0);
    return (this.byParent.get(keyOf(history, layers)) ?? []).filter((one) => one.layers.length === length);
  }
}

/** The text of the last step of an image. */
export function lastText(image: BuildahImage): string {
  return image.history.at(-1)?.createdBy ?? '';
}

function layersOf(history: readonly HistoryEntry[]): number {
  return history.filter(({ isEmpty }) => !isEmpty).length;
}

/** The same for images of the same steps and layers, without so many of the last steps. It holds build arguments. */
export function pastOf({ history, layers }: BuildahImage, without = 0): string {
  const steps = history.slice(0, Math.max(0, history.length - without));
  return keyOf(steps, layers.slice(0, layersOf(steps)));
}

function keyOf(history: readonly HistoryEntry[], layers: readonly string[]): string {
  const entries = history.map((one) => [one.created, one.createdBy, one.comment, one.author, one.isEmpty]);
  return JSON.stringify([entries, layers]);
}
