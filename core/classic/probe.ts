import type { StepConfig } from './stepConfig';

/** Files that a COPY or ADD takes; which they are decides the command that the image is looked up by. */
export interface CopyProbe {
  readonly isAdd: boolean;
  /** Expanded. */
  readonly sources: readonly string[];
  /** Expanded, not normalised. */
  readonly destination: string;
  readonly from: CopySource;
  /** `COPY --chown=… `: what stands before the hash. */
  readonly head: string;
}

export type CopySource =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly name: string };

/** What an image is looked up by, given its parent (moby image/cache/compare.go). */
export interface ClassicProbe {
  readonly config: StepConfig;
  /** For a copy: the words before the one with the hash. */
  readonly command: readonly string[];
  readonly copy?: CopyProbe;
  /** How the builder writes a HEALTHCHECK down differs between releases: only its beginning is compared. */
  readonly isHealthcheck?: true;
  /** The builder ignores the here-document of this RUN. */
  readonly ignoresDocument?: true;
  /** What stands in that here-document. */
  readonly document?: string;
  /** Arguments that it declares, with what stands behind the `=`. */
  readonly declares?: readonly (readonly [name: string, value: string | undefined])[];
}
