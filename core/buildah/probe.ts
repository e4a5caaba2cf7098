import type { BuildahConfig } from './config';
import type { CopyRule } from './contentDigest';

/** What an image is looked up by, given its parent: the text in its history, and whether it has a layer. */
export interface BuildahProbe {
  /** For a copy, what stands before the summary of its content. */
  readonly text: string;
  readonly hasLayer: boolean;
  readonly copy?: BuildahCopy;
  /** Paths of the build context that are mounted; their checksums follow the text. */
  readonly mounts: readonly string[];
  /** Stages that are mounted: a RUN does not look for a result when one of them was executed. */
  readonly stages: readonly number[];
  /** The configuration after it, where it changes that: nothing of it is compared. */
  readonly makes?: BuildahConfig;
  /** Paths of the build context that are mounted without a type: no checksum is made of them. */
  readonly blindMounts?: readonly string[];
  /** Something of the text is not known: any that begins with it may be the one. */
  readonly open?: string;
}

/** Files that a COPY or ADD takes. */
export interface BuildahCopy {
  readonly isAdd: boolean;
  /** Expanded. */
  readonly sources: readonly string[];
  /** Absolute, with its final `/`. */
  readonly destination: string;
  readonly workingDir: string;
  readonly from: BuildahSource;
  readonly rule: CopyRule;
  /** Patterns of --exclude. */
  readonly excludes: readonly string[];
  /** What follows the summary. */
  readonly after: string;
  /** Why the summary cannot be known. */
  readonly open?: string;
}

export type BuildahSource =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly name: string };
