import type { Verdict } from './verdict';

/** Something on the engine that can be removed. */
export interface ReclaimItem {
  readonly kind: 'container' | 'image' | 'build-cache' | 'volume';
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** Names an item among those of one engine: what is marked as kept is noted by it. */
export function keyOf({ kind, id }: Pick<ReclaimItem, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}

/** A command as one line for a POSIX shell. */
export function commandText(command: readonly string[]): string {
  return command.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** What nothing uses, of one kind or of all of them; volumes are in none. */
export type UnusedKind = 'stoppedContainers' | 'danglingImages' | 'unusedImages' | 'unusedCache' | 'all';

/**
 * What removing a frozen list of things does, worked out before anything is touched. Made from one {@link DiskReport};
 * exactly these items are removed, in this order, and nothing else.
 */
export interface ReclaimPlan {
  readonly items: readonly PlannedRemoval[];
  /** What was asked for and is not in the list, each with the reason. */
  readonly refused: readonly { readonly item: ReclaimItem; readonly why: string }[];
  /**
   * What comes free, each shared byte only if nothing else holds it. Both numbers are equal where it is certain. What the
   * engine does not tell the size of is in neither, and named in `uncertainty`.
   */
  readonly freesAtLeast: number;
  readonly freesAtMost: number;
  /** Why the two differ and what is in neither; sentences, empty when it is all certain. */
  readonly uncertainty: string;
  /** Bytes that stay although they look as if they went, with what holds them. */
  readonly stays: readonly { readonly bytes: number; readonly why: string }[];
  /** The same as a user would type it; one program with its arguments each. */
  readonly commands: readonly (readonly string[])[];
}

/** One thing that will be removed. */
export interface PlannedRemoval extends ReclaimItem {
  /**
   * Bytes that are certain to be gone once it is gone, and were not before: of what several items hold, they count for the
   * last of them. Their sum is `freesAtLeast`.
   */
  readonly bytes: number;
  /** It was not asked for, but goes with what was: build cache on a record, the unnamed steps of an image. */
  readonly isRequired: boolean;
  /** What has to be gone before it ({@link ReclaimItem} as `kind:id`); absent: nothing. */
  readonly needs?: readonly string[];
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

/** How far a removal is. */
export interface ReclaimProgress {
  readonly done: number;
  readonly total: number;
  /** `removing image app:1`. */
  readonly what: string;
}

/** A step of an open Dockerfile that is in the cache now and would not be, or perhaps not, after a removal. */
export interface LostStep {
  /** 0-based line. */
  readonly line: number;
  readonly text: string;
  /** What would be said of it then. */
  readonly verdict: Verdict;
  /** What it took when it was last run, in milliseconds; null: not known. */
  readonly lastDurationMs: number | null;
}

/** What a removal does to the next build of an open Dockerfile. */
export interface LostSteps {
  readonly uri: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly steps: readonly LostStep[];
  /** Sum of what is known of the steps that would be executed, in milliseconds. */
  readonly estimatedMs: number;
}

/** A frozen list of removals with what follows from it. */
export interface DiskPlan {
  /** Names it for whoever carries it out. */
  readonly id: string;
  readonly plan: ReclaimPlan;
  /** Open Dockerfiles that would lose steps. */
  readonly lost: readonly LostSteps[];
  /** How many open Dockerfiles were looked at. */
  readonly dockerfiles: number;
  /** What the answer does not cover, sentences. */
  readonly notCovered: readonly string[];
}
