import type { PulledLayer, StepProgress } from '../model';

/** What the output of a builder tells, in the words of the Dockerfile: steps are indexes into those of the prediction. */
export type BuilderEvent =
  | { readonly kind: 'running'; readonly step: number }
  | {
      readonly kind: 'ended';
      readonly step: number;
      readonly how: 'cached' | 'done' | 'canceled';
      /** Milliseconds; null where the builder does not tell. */
      readonly durationMs: number | null;
    }
  | { readonly kind: 'failed'; readonly step: number; readonly error: string; readonly durationMs: number | null }
  | { readonly kind: 'output'; readonly step: number; readonly text: string }
  /** Something under way; `step` undefined: it belongs to no instruction. The same key replaces what was told before. */
  | {
      readonly kind: 'progress';
      readonly step: number | undefined;
      readonly key: string;
      /** Undefined: it ended. */
      readonly progress: StepProgress | undefined;
    }
  | { readonly kind: 'layer'; readonly step: number; readonly layer: PulledLayer }
  /** What had been told of as a layer is none. */
  | { readonly kind: 'no-layer'; readonly step: number; readonly layer: string }
  | { readonly kind: 'image'; readonly id: string }
  /** Why the whole build failed. */
  | { readonly kind: 'error'; readonly error: string }
  /** For whoever reads along: printed as it is. */
  | { readonly kind: 'text'; readonly text: string };

/** The stream of the builder's process that something came from. */
export type OutputStream = 'stdout' | 'stderr';

/**
 * Reads what one builder prints. Chunks may end anywhere; what is not understood becomes text and never an exception.
 */
export interface OutputParser {
  /**
   * The steps print through events (`output`), so that the follower writes the terminal text of steps itself; otherwise
   * everything that was printed comes as `text` and is shown as it is.
   */
  readonly writesSteps: boolean;
  push(stream: OutputStream, chunk: string): readonly BuilderEvent[];
  /** The process ended: what is left of a line. */
  end(): readonly BuilderEvent[];
}
