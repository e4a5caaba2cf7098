import type { WantedBuilder } from './builderKind';
import type { CacheRecord, LogVertex } from '../../evidence/pastBuild';

/** Which engine is asked, as the user chose it. */
export interface EngineChoice {
  /** Program name or path of docker. */
  readonly program: string;
  readonly builder: string | undefined;
  /** The family of builder that somebody chose; undefined: found out as docker does. */
  readonly wanted?: WantedBuilder | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds that one question to a builder may take; undefined: ten seconds. */
  readonly patience?: number;
}

/** One build as the history lists it. */
export interface HistoryRecord {
  readonly ref: string;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly createdAt: number;
  /** Undefined while the build runs. */
  readonly completedAt: number | undefined;
  /** It ended with an error, where the listing tells: then there will be no provenance. */
  readonly failed?: boolean;
  /** That error is that somebody stopped it. */
  readonly canceled?: boolean;
  /** Digests of its provenance, one for each platform, where the listing tells; none says nothing. */
  readonly provenanceDigests: readonly string[];
}

/** What a BuildKit daemon says of itself. */
export interface BuildkitInfo {
  readonly version: string;
  /** `os/arch[/variant]` of its first worker. */
  readonly platform: string;
  /** Stays the same as long as its cache does; empty when it is not told. */
  readonly workerId: string;
}

/** The questions to a builder: over its own connection, or by commands. Reads only; errors carry docker's own words. */
export interface BuilderConnection {
  /** Version and platform; fails when the builder cannot be reached. */
  info(signal: AbortSignal): Promise<BuildkitInfo>;
  /** The builds that the daemon remembers, or the newest of them. */
  history(signal: AbortSignal): Promise<HistoryRecord[]>;
  /** The log of a build: the last state of each vertex. */
  log(ref: string, signal: AbortSignal): Promise<LogVertex[]>;
  /** The log of a build that runs, as far as it is. Absent: it is not told. */
  logSoFar?(ref: string, signal: AbortSignal): Promise<LogVertex[]>;
  /** The provenance of a build as JSON texts, one for each platform; none when it has none (yet). */
  provenance(record: HistoryRecord, signal: AbortSignal): Promise<readonly string[]>;
  /** All cache records that are alive now. */
  cacheRecords(signal: AbortSignal): Promise<CacheRecord[]>;
  /** Calls `onFinished` each time a build ends, until aborted or disconnected. Absent: nothing is told. */
  listen?(signal: AbortSignal, onFinished: (record: HistoryRecord) => void): Promise<void>;
  close(): void;
}
