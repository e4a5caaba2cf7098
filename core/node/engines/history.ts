import { decodeBuild } from '../../evidence/provenance';
import type { LogVertex, PastBuild } from '../../evidence/pastBuild';
import { sha256 } from '../sha256';
import type { BuilderConnection, HistoryRecord } from './connection';

/** Keeps past builds between runs, per builder. */
export interface HistoryStore {
  readonly load: (builderId: string) => Promise<readonly PastBuild[]>;
  readonly save: (builderId: string, builds: readonly PastBuild[]) => Promise<void>;
}

/** Past builds of one builder, kept as long as somebody is connected. */
export class SessionHistory implements HistoryStore {
  private builds: readonly PastBuild[] = [];

  load(): Promise<readonly PastBuild[]> {
    return Promise.resolve(this.builds);
  }

  save(_builderId: string, builds: readonly PastBuild[]): Promise<void> {
    this.builds = builds;
    return Promise.resolve();
  }
}

/** What the builds that run did so far; `unknown`: there are some, and it is not told. */
export type RunningVertices = readonly LogVertex[] | 'unknown';

/** Builds that are read at the same time. */
const CONCURRENCY = 8;
/** Milliseconds after a build's end during which its provenance may still be on its way into the history. */
const PROVENANCE_GRACE = 10_000;
/** The same for a build that failed: there only its log may be late. */
const LOG_GRACE = 3000;
/** Builds that an engine always remembers and buildx always lists: fewer are all there were. */
const CERTAINLY_LISTED = 50;
/** Builds that are kept after the engine forgot them: their results may outlive the history. */
const KEEP_FORGOTTEN = 500;

/** Reads the build history; each past build is read once and remembered. */
export class HistoryReader {
  constructor(
    private readonly connection: Pick<BuilderConnection, 'history' | 'log' | 'logSoFar' | 'provenance'>,
    private readonly store: HistoryStore,
    private readonly builderId: string,
  ) {}

  /** All builds that the engine or the store remembers; `settled` is false while one is not written down completely. */
  async read(signal: AbortSignal): Promise<{ builds: PastBuild[]; settled: boolean; running: RunningVertices }> {
    const [listed, stored] = await Promise.all([this.connection.history(signal), this.store.load(this.builderId)]);
    const known = new Map(stored.map((build) => [build.ref, build]));
    const unseen = unseenBuilds(listed, known);
    const missing = listed.filter((record) => record.completedAt !== undefined && !known.has(record.ref));
    const settledBuilds: PastBuild[] = [];
    const fresh: PastBuild[] = [];
    const queue = [...missing];
    const work = async (): Promise<void> => {
      for (let record = queue.pop(); record !== undefined; record = queue.pop()) {
        const { build, settled } = await this.readBuild(record, signal);
        if (settled) {
          settledBuilds.push(build);
        } else fresh.push(build);
      }
    };
    try {
      await Promise.all(Array.from({ length: CONCURRENCY }, work));
    } finally {
      // what was read before a failure need not be read again
      if (settledBuilds.length > 0 && unseen !== undefined) known.set(unseen.ref, unseen);
      for (const build of settledBuilds) known.set(build.ref, build);
      const kept = this.keep([...known.values()], listed);
      if (settledBuilds.length > 0 || kept.length < known.size) await this.store.save(this.builderId, kept);
    }
    const running = await this.readRunning(listed, signal);
    return { builds: [...this.keep([...known.values()], listed), ...fresh], settled: fresh.length === 0, running };
  }

  private async readRunning(listed: readonly HistoryRecord[], signal: AbortSignal): Promise<RunningVertices> {
    const refs = listed.filter(({ completedAt }) => completedAt === undefined).map(({ ref }) => ref);
    const { connection } = this;
    if (refs.length === 0) return [];
    if (connection.logSoFar === undefined) return 'unknown';
    // one that ended meanwhile holds nothing any more
    const read = async (ref: string): Promise<readonly LogVertex[]> =>
      (await connection.logSoFar?.(ref, signal).catch(() => undefined)) ?? [];
    const logs = await Promise.all(refs.map(read));
    signal.throwIfAborted();
    return logs.flat();
  }

  private async readBuild(record: HistoryRecord, signal: AbortSignal): Promise<{ build: PastBuild; settled: boolean }> {
    const completedAt = record.completedAt ?? 0;
    const log = await this.connection.log(record.ref, signal);
    const texts = await this.connection.provenance(record, signal);
    const provenances = texts.map((text): unknown => JSON.parse(text));
    const header = { ref: record.ref, createdAt: record.createdAt, completedAt };
    const decoded = decodeBuild(header, log, provenances, { sha256, base64 });
    const build: PastBuild =
      record.failed === true ? { ...decoded, ended: record.canceled === true ? 'canceled' : 'failed' } : decoded;
    const grace = record.failed === true ? LOG_GRACE : PROVENANCE_GRACE;
    const settled = provenances.length > 0 || Date.now() - completedAt > grace;
    return { build, settled };
  }

  /** What the engine still lists, and the newest of what it forgot. */
  private keep(builds: readonly PastBuild[], listed: readonly HistoryRecord[]): PastBuild[] {
    const refs = new Set(listed.map((record) => record.ref));
    const forgotten = builds
      .filter((build) => !refs.has(build.ref))
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(0, KEEP_FORGOTTEN);
    return [...builds.filter((build) => refs.has(build.ref)), ...forgotten];
  }
}

/**
 * Stands for the builds before the oldest that is listed, when there may have been some that nobody read: like a failed
 * build they left results that no graph tells of. Undefined when the listing goes on where the store ends.
 */
function unseenBuilds(listed: readonly HistoryRecord[], known: ReadonlyMap<string, PastBuild>): PastBuild | undefined {
  if (listed.length < CERTAINLY_LISTED || listed.some(({ ref }) => known.has(ref))) return undefined;
  const [oldest] = [...listed].sort((a, b) => a.createdAt - b.createdAt);
  if (oldest === undefined) return undefined;
  const createdAt = oldest.createdAt - 1;
  const times = { started: createdAt, completed: createdAt };
  const digests = { vertexDigest: 'unseen', recordDigest: 'unseen', recordTextDigest: 'unseen' };
  const vertex = { kind: 'unknown' as const, ...digests, ...times, cached: true };
  return { ref: `before ${oldest.ref}`, createdAt, completedAt: createdAt, steps: [], loose: [vertex] };
}

function base64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
