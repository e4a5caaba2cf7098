import type { InputUse } from '../llb/contentInputs';
import type { FileChange } from '../model';
import type { PastBuild } from '../evidence/pastBuild';

/** What an operation takes from the build context now. */
export interface ContextTake {
  /** Sources that are named plainly and are not there: the build fails. */
  readonly missing: readonly string[];
  /** Folders before a wildcard that are not there: the build fails if it has to look into them. */
  readonly unreachable: readonly string[];
  /** Bytes of the layer that a copy of this makes; undefined when that cannot be known without running it. */
  readonly bytes: number | undefined;
  /** Bytes of the target texts of the symbolic links in it. */
  readonly linkBytes: number;
}

/** Is what the build context holds now what it held at a past build? */
export interface ContentComparison {
  /** `different` and `same` are proven; `unknown` is not. */
  readonly result: 'same' | 'different' | 'unknown';
  /** Proven differences, or for `unknown` the files that were touched since. */
  readonly changes: readonly FileChange[];
  /** Changed, but with size and time of before: the builder will take the old bytes if it still has its copy. */
  readonly unnoticed: boolean;
  /** With `same`: differences that the builder will certainly not notice. */
  readonly hidden?: readonly FileChange[];
  /** Nothing speaks for a change but an entry of this folder may have been removed. */
  readonly listing?: string;
  /** The build took another folder, or it is not known which: nothing can be said about its files. */
  readonly foreign?: boolean;
}

/** What a past step took from the build context, as far as it was noted. */
export interface NotedUse {
  readonly build: PastBuild;
  readonly use: InputUse;
  /** The ignore patterns of then; undefined where nobody noted them. */
  readonly exclude: readonly string[] | undefined;
}

/** The build context as prediction sees it: the index of now with what is remembered of before. No I/O. */
export interface ContextView {
  /** `unpacks`: archives among the files are extracted (ADD). */
  readonly take: (use: InputUse, unpacks: boolean) => ContextTake;
  readonly compare: (use: InputUse, past: NotedUse) => ContentComparison;
}

/** A build context that nobody looked at: nothing is claimed of its files. */
export const UNREAD_CONTEXT: ContextView = {
  take: () => ({ missing: [], unreachable: [], bytes: undefined, linkBytes: 0 }),
  compare: () => ({ result: 'unknown', changes: [], unnoticed: false }),
};
