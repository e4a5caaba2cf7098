/** Something on the engine that can be removed. */
export interface ReclaimItem {
  readonly kind: 'container' | 'image' | 'build-cache' | 'volume';
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/**
 * What removing a frozen list of things does, worked out before anything is touched. Made from one {@link DiskReport};
 * exactly these items are removed, in this order, and nothing else.
 */
export interface ReclaimPlan {
  readonly items: readonly PlannedRemoval[];
  /** What was asked for and is not in the list, each with the reason. */
  readonly refused: readonly { readonly item: ReclaimItem; readonly why: string }[];
  /** What comes free, each shared byte only if nothing else holds it. Both numbers are equal where it is certain. */
  readonly freesAtLeast: number;
  readonly freesAtMost: number;
  /** Why the two differ; a sentence, empty when they do not. */
  readonly uncertainty: string;
  /** Bytes that stay although they look as if they went, with what holds them. */
  readonly stays: readonly { readonly bytes: number; readonly why: string }[];
  /** The same as a user would type it; one program with its arguments each. */
  readonly commands: readonly (readonly string[])[];
}

/** One thing that will be removed. */
export interface PlannedRemoval extends ReclaimItem {
  /** Bytes that go with it, counted for the first item that frees them. */
  readonly bytes: number;
  /** It was not asked for, but has to go before what was: a container's image, records on a record. */
  readonly isRequired: boolean;
  /** What the step took when it was last run, in milliseconds; null: not known or nothing to make again. */
  readonly rebuildMs: number | null;
}

/** What really happened. */
export interface ReclaimOutcome {
  readonly removed: readonly ReclaimItem[];
  readonly failed: readonly { readonly item: ReclaimItem; readonly why: string }[];
  /** Bytes that the engine said came free; null: it does not say for any of these. */
  readonly engineBytes: number | null;
  /** Difference of two measurements, before and after; null: not measured again. */
  readonly measuredBytes: number | null;
}
