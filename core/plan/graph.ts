import type { Remotes } from '../evidence/remotes';
import type { LineRange, Problem, RegistryLayer } from '../model';
import type { LlbOp } from '../llb/op';
import type { VariableOrigin } from './environment';

/** A vertex of the build graph: one operation with its inputs. */
export interface Vertex {
  readonly id: number;
  readonly op: LlbOp;
  /** Ids of the input vertices, in the operation's order. */
  readonly inputs: readonly number[];
  /** Set when the operation is not what the builder will certainly use: what is missing to know it. */
  readonly uncovered?: string;
  /** RUN: the instructions that gave its variables their values. */
  readonly origins?: ReadonlyMap<string, VariableOrigin>;
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
  /** For FROM: the platform that the image is wanted for. */
  readonly platform?: string;
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
  /** How many layers it has; undefined where nobody told. */
  readonly layers?: number;
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
  /** Set for an image as a registry describes it: what fetching it transfers, the lowest layer first. */
  readonly registryLayers?: readonly RegistryLayer[];
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
  /** `name=soft:hard`, sorted by name. */
  readonly ulimits: readonly string[];
  /** Bytes of `/dev/shm`; 0 for the builder's own choice. */
  readonly shmSize: number;
  readonly cgroupParent: string;
  /** The registry is asked for images that are there already. */
  readonly pull: boolean;
  /** What replaces images and stages of these names (`--build-context`). */
  readonly buildContexts: ReadonlyMap<string, string>;
  /** Caches of other builders that take part. */
  readonly cacheFrom: readonly string[];
  /** Options that are not predicted, as the user wrote them. */
  readonly uncoveredOptions: readonly string[];
  /** What the engine says of an image; undefined when it does not have it. */
  readonly image: (reference: string) => ImageInfo | undefined;
  /** The engine lays layers over each other without copying, so that `--link` has an effect. */
  readonly mergesLayers: boolean;
  /** BuildKit release of the frontend, `[0, 25]`; undefined when it is not known. */
  readonly frontend: readonly [major: number, minor: number] | undefined;
  /** What the network said; undefined: nobody asked it. */
  readonly remotes?: Remotes | undefined;
}

/** What the user asked to be built; the rest of the options follows from the engine. */
export type BuildRequest = Omit<PlanOptions, 'image' | 'buildPlatform' | 'mergesLayers' | 'frontend' | 'remotes'>;

/** A build without any option. */
export const PLAIN_REQUEST: BuildRequest = {
  target: '',
  buildArgs: new Map(),
  noCache: false,
  noCacheFilter: [],
  network: 'default',
  addHosts: [],
  ulimits: [],
  shmSize: 0,
  cgroupParent: '',
  pull: false,
  buildContexts: new Map(),
  cacheFrom: [],
  uncoveredOptions: [],
};
