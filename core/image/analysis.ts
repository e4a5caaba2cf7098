import { efficiencyOf, type Efficiency } from './efficiency';
import type { LayerEntries } from './layerEntries';
import { stepsOfLayers, type ImageDescription } from './manifest';
import { ShadowedSearch, type ContentQuestion, type SameContent, type Shadowed } from './shadowed';

/** A layer of an image with what made it. */
export interface AnalysedLayer {
  readonly index: number;
  readonly diffId: string;
  /** Digest as it is packed; empty where its source does not tell it. */
  readonly digest: string;
  /** Bytes of its files, as `docker history` counts them. */
  readonly bytes: number;
  /** The step of the image's history; `(missing)` where there is none. */
  readonly createdBy: string;
  readonly isBase: boolean;
  /** Bytes of it that nobody sees in the end. */
  readonly shadowedBytes: number;
  readonly entries: LayerEntries;
}

/** What is known of an image whose layers were read. */
export interface ImageAnalysis {
  readonly layers: readonly AnalysedLayer[];
  /** Layers of the base image; 0 where it is not known. */
  readonly baseLayers: number;
  readonly efficiency: Efficiency;
  readonly shadowed: Shadowed;
}

/** An image's layers as they were read. */
export interface LayersToAnalyse {
  readonly description: ImageDescription;
  readonly layers: readonly { readonly diffId: string; readonly digest: string; readonly entries: LayerEntries }[];
}

/** Analyses an image in two steps, since comparing contents may have to read them. */
export class Analysing {
  private readonly search: ShadowedSearch;

  constructor(private readonly image: LayersToAnalyse) {
    this.search = new ShadowedSearch(image.layers.map(({ entries }) => entries));
  }

  /** Contents that {@link result} asks about. */
  get questions(): readonly ContentQuestion[] {
    return this.search.questions;
  }

  /** `baseLayers`: how many of the first layers are the base image's. */
  result(baseLayers: number, isSame: SameContent): ImageAnalysis {
    const { description, layers } = this.image;
    const shadowed = this.search.result(baseLayers, isSame);
    const lost = layers.map(() => 0);
    for (const { layer, bytes } of shadowed.files) lost[layer] = (lost[layer] ?? 0) + bytes;
    const steps = stepsOfLayers(description.history, layers.length);
    return {
      layers: layers.map(({ diffId, digest, entries }, index) => ({
        ...{ index, diffId, digest, entries, bytes: entries.bytes },
        createdBy: steps[index]?.createdBy ?? '(missing)',
        isBase: index < baseLayers,
        shadowedBytes: lost[index] ?? 0,
      })),
      ...{ baseLayers, shadowed, efficiency: efficiencyOf(layers.map(({ entries }) => entries)) },
    };
  }
}

/** How many of an image's first layers another image consists of; 0 when it is not below it. */
export function layersInCommon(image: readonly string[], base: readonly string[]): number {
  const isBelow =
    base.length > 0 && base.length <= image.length && base.every((diffId, index) => diffId === image[index]);
  return isBelow ? base.length : 0;
}
