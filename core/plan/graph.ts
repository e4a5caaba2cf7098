import type { LineRange, Problem } from '../model';
import type { LlbOp } from '../llb/op';

/** A vertex of the build graph: one operation with its inputs. */
export interface Vertex {
  readonly id: number;
  readonly op: LlbOp;
  /** Ids of the input vertices, in the operation's order. */
  readonly inputs: readonly number[];
  /** Set when the operation is not what the builder will certainly use: what is missing to know it. */
  readonly uncovered?: string;
  /** Must be executed whatever the cache holds (`--no-cache`). */
  readonly ignoreCache: boolean;
}

/** What one instruction became. */
export interface PlanStep {
  readonly line: LineRange;
  readonly stage: string;
  /** -1 for a global ARG. */
  readonly stageIndex: number;
  readonly instruction: string;
  readonly text: string;
  /** The exec or file vertex that decides the instruction; undefined for metadata. */
  readonly vertex?: number;
  /** For FROM: the image that the stage stands on. */
  readonly image?: string;
  /** The target needs this step's stage. */
  readonly reachable: boolean;
  readonly origin?: 'onbuild';
  /** Set when the build stops at this instruction. */
  readonly failure?: string;
}

/** The graph of a build and how the instructions map to it. */
export interface Plan {
  readonly vertices: readonly Vertex[];
  readonly steps: readonly PlanStep[];
  /** The vertex whose result is the build's result; undefined for an empty image. */
  readonly root: number | undefined;
  /** Name of the target stage, or its index as text. */
  readonly target: string;
  /** Normalised references of the images that the target needs. */
  readonly images: readonly string[];
  /** A reason why the whole build is not predicted exactly. */
  readonly uncovered?: string;
  readonly problems: readonly Problem[];
}

/** The configuration and layers of an image, as far as they decide a build. */
export interface ImageInfo {
  /** Chain ID of the layers; empty for an image without layers. */
  readonly chainId: string;
  /** Manifest or index digests that the engine also knows this image by. */
  readonly digests: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly shell: readonly string[];
  readonly onbuild: readonly string[];
  /** `os/arch[/variant]`. */
  readonly platform: string;
  /** Total bytes of its layers as the engine counts them. */
  readonly bytes: number | null;
}

/** What was asked to be built. */
export interface PlanOptions {
  readonly target: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Platform of the builder, `os/arch[/variant]`. */
  readonly buildPlatform: string;
  /** Platform asked for, if any. */
  readonly platform?: string;
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  /** `default`, `none` or `host`. */
  readonly network: string;
  /** Host names, in order. */
  readonly addHosts: readonly string[];
  /** Options that are not predicted, as the user wrote them. */
  readonly uncoveredOptions: readonly string[];
  /** What the engine says of an image; undefined when it does not have it. */
  readonly image: (reference: string) => ImageInfo | undefined;
}
