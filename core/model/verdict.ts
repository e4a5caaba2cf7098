/**
 * What the builder will do with one instruction.
 *
 * - `cached`: a cache hit; always certain.
 * - `rebuild`: the instruction will be executed.
 * - `may-hit`: the outcome depends on something that only the build (or a changed rule) decides.
 * - `unused`: the target does not need it.
 * - `no-layer`: metadata only, nothing is executed (BuildKit).
 * - `fails`: the build will stop here.
 * - `unknown`: there is no evidence.
 */
export type Verdict = 'cached' | 'rebuild' | 'may-hit' | 'unused' | 'no-layer' | 'fails' | 'unknown';

/** `likely` is used only for `rebuild`: changed on disk, but what the builder saw before is not known. */
export type Certainty = 'certain' | 'likely';

/** How one file differs from what the builder saw. */
export type FileChangeKind = 'content' | 'mode' | 'xattr' | 'type' | 'link' | 'added' | 'removed';

/** One file that makes an instruction rebuild; `path` is relative to the build context, with `/`. */
export interface FileChange {
  readonly path: string;
  readonly change: FileChangeKind;
}

/** Stable codes: scripts and the editor rely on them; the message is for people. */
export type ReasonCode =
  // cached
  | 'same-as-build'
  | 'consumer-cached'
  | 'image-present'
  // rebuild
  | 'file-changed'
  | 'files-touched'
  | 'instruction-changed'
  | 'argument-changed'
  | 'environment-changed'
  | 'base-changed'
  | 'parent-rebuilds'
  | 'source-rebuilds'
  | 'never-built'
  | 'record-pruned'
  | 'no-cache'
  // may hit
  | 'depends-on-output'
  | 'parent-uncertain'
  | 'content-unknown'
  | 'record-unexplained'
  | 'not-covered'
  | 'network-dependent'
  | 'image-not-local'
  | 'was-wrong'
  // others
  | 'not-needed'
  | 'metadata-only'
  | 'source-missing'
  | 'bad-instruction'
  | 'missing-stage'
  | 'no-engine'
  | 'no-evidence'
  | 'unsupported-builder';

/** Why a verdict was given. Only the first cause of a chain is explained; what follows from it points to it. */
export interface Reason {
  readonly code: ReasonCode;
  /** One sentence in plain words. */
  readonly message: string;
  /** 1-based line of the instruction that is the root cause; its own line when it is the root. */
  readonly causeLine?: number;
  /** The build argument or environment variable that changed, and the 1-based line that gives it its value. */
  readonly variable?: { readonly name: string; readonly line?: number };
  /** Files of the build context that changed; at most {@link MAX_REASON_FILES}. */
  readonly files?: readonly FileChange[];
  /** Number of changed files when more than those listed. */
  readonly fileCount?: number;
}

/** Most files that a reason lists by name. */
export const MAX_REASON_FILES = 50;

/**
 * Where a size comes from.
 * `exact`: computed from the build context; `measured`: this very step is cached or was built;
 * `estimate`: a like step; `unknown`: no bytes.
 */
export type SizeBasis = 'exact' | 'measured' | 'estimate' | 'unknown';

/** Bytes of a layer: its regular files, hard links once. `bytes` is null exactly when the basis is `unknown`. */
export interface StepSize {
  readonly bytes: number | null;
  readonly basis: SizeBasis;
  /** The size as the engine's own store counts it, where that differs (bytes). */
  readonly engineBytes?: number;
  /** For an estimate: what it was taken from. */
  readonly from?: string;
}

/** The size that is not known. */
export const UNKNOWN_SIZE: StepSize = { bytes: null, basis: 'unknown' };
