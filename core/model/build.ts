import type { BuilderKind, LineRange } from './prediction';
import type { Verdict } from './verdict';

/** What a build is asked for, beyond the Dockerfile itself. Values of secrets are never in it, only where they are. */
export interface BuildOrder {
  /** Absolute path. */
  readonly dockerfile: string;
  /** Absolute path of the build context. */
  readonly context: string;
  /** Name of a stage; empty: the last one. */
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** `os/arch[/variant]`; empty: the builder's own. */
  readonly platform: string;
  /** Names that the image gets; none: it gets none. */
  readonly tags: readonly string[];
  readonly cache: BuildCacheUse;
  readonly secrets: readonly SecretSource[];
  /** As `--ssh` takes them: `default`, `id=socket`. */
  readonly ssh: readonly string[];
  /** Build up to the end of the instruction on this line (1-based), and nothing behind it. */
  readonly toLine?: number;
}

/** Whether results of past builds may be taken: `all`, `none`, or all but those of one stage. */
export type BuildCacheUse = 'all' | 'none' | { readonly exceptStage: string };

/** Where the builder itself reads a secret. */
export type SecretSource =
  { readonly id: string; readonly file: string } | { readonly id: string; readonly variable: string };

/** How far an instruction is. `not-reached`: the build ended before it; `unused`: the target does not need it. */
export type StepState =
  'waiting' | 'running' | 'cached' | 'done' | 'failed' | 'canceled' | 'not-reached' | 'unused' | 'no-layer';

/** What is under way within an instruction: a transfer, a download, an extraction. */
export interface StepProgress {
  /** What the builder says: `transferring context`, `sha256:1a2b… extracting`. */
  readonly what: string;
  /** Bytes. */
  readonly current: number;
  /** Bytes; null: nobody knows. */
  readonly total: number | null;
}

/** One layer of an image that is fetched. */
export interface PulledLayer {
  /** Shortened digest, as the builder shows it. */
  readonly layer: string;
  readonly state: 'exists' | 'waiting' | 'downloading' | 'extracting' | 'done';
  readonly current: number;
  readonly total: number | null;
}

/** One instruction of a build that runs or ran. */
export interface BuildStep {
  readonly line: LineRange;
  readonly stage: string;
  readonly stageIndex: number;
  readonly instruction: string;
  readonly text: string;
  readonly state: StepState;
  /** Milliseconds since the epoch, by this machine's clock; null before it runs. */
  readonly startedAt: number | null;
  /** Milliseconds that it ran; null unless it ended by itself. */
  readonly durationMs: number | null;
  readonly progress: readonly StepProgress[];
  /** Layers of the image of a FROM, as far as the builder tells. */
  readonly layers: readonly PulledLayer[];
  /** Its last lines of output, at most twenty; all of them are in the log of the step. */
  readonly lastOutput: readonly string[];
  /** What the builder said of its failure. */
  readonly error: string | null;
  /** What had been predicted when the build began. */
  readonly predicted: Verdict;
  /** What it cost when it was last executed before this build, in milliseconds; null: not known. */
  readonly lastDurationMs: number | null;
}

/** `canceled`: somebody stopped it; `lost`: the builder or the engine went away. */
export type BuildState = 'starting' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'lost';

/** A build at this moment, in the words of its Dockerfile. */
export interface LiveBuild {
  readonly state: BuildState;
  readonly builder: BuilderKind;
  readonly startedAt: number;
  /** Null while it runs. */
  readonly durationMs: number | null;
  /** The instructions in file order. */
  readonly steps: readonly BuildStep[];
  /** Transfer of the build context and the like, which are no instruction: `transferring context`. */
  readonly besides: readonly StepProgress[];
  /** Id of the image, as the builder told it; null: none (yet), or the builder keeps it to itself. */
  readonly image: string | null;
  /** Why it failed, in the builder's words; null otherwise. */
  readonly error: string | null;
  /** Exit code of the builder; null while it runs, or when a signal ended it. */
  readonly exitCode: number | null;
}

/** What had been predicted for a line, beside what the builder did. */
export interface StepComparison {
  readonly line: LineRange;
  readonly instruction: string;
  readonly text: string;
  readonly predicted: Verdict;
  readonly actual: 'cached' | 'executed' | 'failed' | 'stopped' | 'not-reached' | 'not-told';
  /** `open`: nothing certain had been said, or the builder tells nothing. */
  readonly verdict: 'right' | 'wrong' | 'open';
  readonly durationMs: number | null;
  readonly lastDurationMs: number | null;
  /** Bytes of the layer that the step left; null: not known. */
  readonly bytes: number | null;
  /** The same of the build before; null: not known. */
  readonly lastBytes: number | null;
}
