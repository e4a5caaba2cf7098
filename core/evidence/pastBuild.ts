import type { LlbOp } from '../llb/op';
import type { InputUse } from '../llb/contentInputs';
import type { LineRange } from '../model';

/** Digests of the parts of an operation, for explaining what differs; no values are kept. */
export interface OpFacts {
  /** Part name to short digest: `args`, `cwd`, `user`, `mounts`, `sources`, `destination`… */
  readonly parts: Readonly<Record<string, string>>;
  /** Names of environment variables in order, each with a short digest of its value. */
  readonly env: readonly (readonly [name: string, digest: string])[];
}

/** One vertex of a past build. No argument or environment values are kept: only digests. */
export interface PastStep {
  readonly kind: LlbOp['kind'];
  /** Keyword of the instruction, where the log tells. */
  readonly instruction?: string;
  readonly vertexDigest: string;
  readonly opDigest: string;
  /** Indexes into the build's steps. */
  readonly inputs: readonly number[];
  readonly uses: readonly InputUse[];
  readonly facts: OpFacts;
  /** From the network: what was fetched, as a text that is the same for the same content (llb/fetchedKey.ts). */
  readonly fetched?: string;
  /** Image: the digest that the build resolved it to (chain ID or manifest digest). */
  readonly imageDigest?: string;
  readonly imageReference?: string;
  /** Image: `os/arch[/variant]`. */
  readonly imagePlatform?: string;
  /** Local: ignore patterns of the build; undefined where nobody noted them. */
  readonly exclude?: readonly string[];
  /** Digest of the layer that the step left in the build's image: its diffID, or that of its packed form. */
  readonly layer?: string;
  /** Bytes of that layer as the builder packed it; only where it keeps its results packed, for a registry. */
  readonly packedBytes?: number;
  /** Digest of the description that its cache record has when this build executed it. */
  readonly recordDigest: string;
  /** Digest of the same without the `[stage n/m]` prefix. */
  readonly recordTextDigest: string;
  readonly lines: readonly LineRange[];
  /** Milliseconds since the epoch; undefined when the vertex did not run. */
  readonly started?: number;
  readonly completed?: number;
  readonly cached: boolean;
  /** Completed without an error: only such a vertex proves anything. */
  readonly done: boolean;
}

/** What a vertex makes, as far as its name tells; `context`: it transfers the build context; `unknown`: nobody knows. */
export type MadeKind = 'exec' | 'copy' | 'mkdir' | 'context' | 'other' | 'unknown';

/** A vertex of a build that failed: there is no graph of it, but its good steps are in the cache. */
export interface LooseVertex {
  readonly kind: MadeKind;
  readonly vertexDigest: string;
  readonly recordDigest: string;
  /** Digest of the same without the `[stage n/m]` prefix. */
  readonly recordTextDigest: string;
  readonly started: number;
  readonly completed: number;
  readonly cached: boolean;
}

/** What a build was asked for; of arguments only the names. */
export interface AskedOptions {
  /** `--no-cache` or `--no-cache-filter`. */
  readonly noCache: boolean;
  /** Caches of other builders took part. */
  readonly importsCache: boolean;
  /** Names of the build arguments that were given, sorted. */
  readonly args: readonly string[];
}

/** What the engine remembers of one build. */
export interface PastBuild {
  readonly ref: string;
  /** Undefined without provenance. */
  readonly asked?: AskedOptions;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly createdAt: number;
  readonly completedAt: number;
  /** How it ended when it did not come to its end, where the engine tells. */
  readonly ended?: 'failed' | 'canceled';
  /** Start of the transfer of the build context; undefined when there was none. */
  readonly contextStart?: number;
  /** Its end; undefined when it did not come to its end. */
  readonly contextEnd?: number;
  /** Absolute path of the build context on this machine, when buildx noted it. */
  readonly contextPath?: string;
  /** Absolute path of the Dockerfile, when buildx noted it. */
  readonly dockerfilePath?: string;
  /** In an order where inputs come first; empty when the build has no provenance. */
  readonly steps: readonly PastStep[];
  readonly loose: readonly LooseVertex[];
}

/** A live cache record (`/system/df`, `Control/DiskUsage`). */
export interface CacheRecord {
  readonly id: string;
  readonly parents: readonly string[];
  readonly type: string;
  readonly description: string;
  /** Bytes as the engine counts them. */
  readonly size: number;
  /** Milliseconds since the epoch, with fraction. */
  readonly createdAt: number;
  /** Milliseconds that `createdAt` may be off because it was rounded; undefined: it was not. */
  readonly precision?: number;
  readonly mutable: boolean;
  /** Milliseconds since the epoch; undefined when the engine does not say it. */
  readonly lastUsedAt?: number;
}

/** A vertex as the build's log shows it. */
export interface LogVertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: number;
  readonly completed?: number;
  readonly cached: boolean;
  readonly error: string;
}
