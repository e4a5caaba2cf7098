import type { ContainerChanges, DiskReport, ReclaimItem } from '../../model';

/** One engine, asked where its bytes are. Every call has a timeout and ends when its signal is aborted. */
export interface DiskAccess {
  /**
   * Reads everything that has bytes. May take minutes on a large store; `onProgress` gets what is being measured.
   * Fails with a sentence that names the engine and the remedy when nothing answers; what only a part of cannot be read
   * is in the report's `notMeasured`.
   */
  measure(signal: AbortSignal, onProgress: (what: string) => void): Promise<DiskReport>;

  /** What a container changed against its image; undefined when it is gone. */
  changes(containerId: string, signal: AbortSignal): Promise<ContainerChanges | undefined>;

  /** Bytes of the files below a path of this machine; undefined when the engine is elsewhere or it cannot be read. */
  bindMountBytes(source: string, signal: AbortSignal): Promise<number | undefined>;

  /**
   * Removes this one thing and nothing else, never by force, never what is in use. Gives the bytes that the engine says
   * came free, null where it does not say; fails with the engine's words.
   */
  remove(item: ReclaimItem, signal: AbortSignal): Promise<number | null>;

  /** Calls `onChanged` when containers, images or volumes came or went, until aborted or the engine goes away. */
  listen(signal: AbortSignal, onChanged: () => void): Promise<void>;
}
