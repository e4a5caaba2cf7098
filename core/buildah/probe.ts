import type { BuildahConfig } from './config';
import type { CopyRule } from './contentDigest';

/** What an image is looked up by, given its parent: the text in its history, and whether it has a layer. */
export interface BuildahProbe {
  /** For a copy, what stands before the summary of its content. */
  readonly text: string;
  readonly hasLayer: boolean;
  readonly copy?: BuildahCopy;
  /** What is mounted with type=bind: checksums follow the text. */
  readonly mounts: readonly BuildahMount[];
  /** Stages that are mounted: a RUN does not look for a result when one of them was executed. */
  readonly stages: readonly number[];
  /** The configuration after it, where it changes that: nothing of it is compared. */
  readonly makes?: BuildahConfig;
  /** Paths of the build context that are mounted without a type: no checksum is made of them. */
  readonly blindMounts?: readonly string[];
  /** What the text of a RUN is made of. */
  readonly run?: BuildahRun;
  /** Names of the arguments in the text of an ARG. */
  readonly names?: readonly string[];
}

/** The parts of the text of a RUN. */
export interface BuildahRun {
  /** Arguments before the command, with their values. */
  readonly args: readonly (readonly [name: string, value: string])[];
  /** As they are written. */
  readonly flags: readonly string[];
  /** The line behind RUN as it is written, with its here-documents. */
  readonly command: string;
}

/** A path of the build context, or an image, that a RUN mounts. */
export type BuildahMount =
  { readonly kind: 'context'; readonly path: string } | { readonly kind: 'image'; readonly name: string };

/** Files that a COPY or ADD takes. */
export interface BuildahCopy {
  readonly isAdd: boolean;
  /** Expanded. */
  readonly sources: readonly string[];
  /** Here-documents, with what stands in them. */
  readonly documents: readonly { readonly name: string; readonly text: string }[];
  /** Absolute, with its final `/`. */
  readonly destination: string;
  readonly workingDir: string;
  readonly from: BuildahSource;
  readonly rule: CopyRule;
  /** Patterns of --exclude. */
  readonly excludes: readonly string[];
  /** What follows the summary. */
  readonly after: string;
  /** --chown, expanded. */
  readonly chown?: string;
  /** The number of the user that --chown names, where the group is not known. */
  readonly user?: number;
  /** Why the summary cannot be known. */
  readonly open?: string;
}

export type BuildahSource =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly name: string };
