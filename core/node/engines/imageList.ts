import type { HistoryStep } from '../../image/manifest';

/** An image of an engine, as a list shows it. */
export interface ListedEngineImage {
  readonly id: string;
  readonly names: readonly string[];
  /** Digests by which registries know it. */
  readonly repoDigests: readonly string[];
  /** Milliseconds since the epoch; undefined where it is not told. */
  readonly created: number | undefined;
  /** Bytes as the engine counts them. */
  readonly bytes: number;
  readonly diffIds: readonly string[];
  readonly platform: string;
  /** Names of containers made from it. */
  readonly containers: readonly string[];
}

/** One layer or step of an image, as `docker history` prints it. */
export interface ImageStep extends HistoryStep {
  /** Bytes of its layer as the engine counts them. */
  readonly bytes: number;
  readonly diffId: string | undefined;
}

/** Lists the images of an engine. */
export interface ImageLister {
  /** All images with names, and those that lost theirs; not the images of steps. */
  list(signal: AbortSignal): Promise<readonly ListedEngineImage[]>;
  /** `Docker 28.5.2`. */
  version(signal: AbortSignal): Promise<string>;
  /** Calls `onChanged` when an image or a container came or went, until aborted or the engine goes away. */
  listen(signal: AbortSignal, onChanged: () => void): Promise<void>;
  /** Oldest first; undefined when the image is gone. */
  steps(id: string, signal: AbortSignal): Promise<readonly ImageStep[] | undefined>;
}
