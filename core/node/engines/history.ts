import { decodeBuild } from '../../evidence/provenance';
import type { PastBuild } from '../../evidence/pastBuild';
import { sha256 } from '../sha256';
import type { BuildkitConnection, HistoryRecord } from './buildkit';

/** Keeps past builds between runs, per builder. */
export interface HistoryStore {
  readonly load: (builderId: string) => Promise<readonly PastBuild[]>;
  readonly save: (builderId: string, builds: readonly PastBuild[]) => Promise<void>;
}

/** Builds that are read at the same time. */
const CONCURRENCY = 8;
/** Milliseconds after a build's end during which its provenance may still be on its way into the history. */
const PROVENANCE_GRACE = 10_000;
/** Builds that are kept after the engine forgot them: their results may outlive the history. */
const KEEP_FORGOTTEN = 500;

/** Reads the build history; each past build is read once and remembered. */
export class HistoryReader {
  constructor(
    private readonly connection: BuildkitConnection,
    private readonly store: HistoryStore,
    private readonly builderId: string,
  ) {}

  /** All builds that the engine or the store remembers; `settled` is false while one is not written down completely. */
  async read(signal: AbortSignal): Promise<{ builds: PastBuild[]; settled: boolean }> {
    const [listed, stored] = await Promise.all([this.connection.history(signal), this.store.load(this.builderId)]);
    const known = new Map(stored.map((build) => [build.ref, build]));
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
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    for (const build of settledBuilds) known.set(build.ref, build);
    const kept = this.keep([...known.values()], listed);
    if (settledBuilds.length > 0 || kept.length < known.size) await this.store.save(this.builderId, kept);
    return { builds: [...kept, ...fresh], settled: fresh.length === 0 };
  }

  private async readBuild(record: HistoryRecord, signal: AbortSignal): Promise<{ build: PastBuild; settled: boolean }> {
    const completedAt = record.completedAt ?? 0;
    const log = await this.connection.log(record.ref, signal);
    const text =
      record.provenanceDigest === undefined ? undefined : await this.connection.read(record.provenanceDigest, signal);
    const provenance: unknown = text === undefined ? undefined : JSON.parse(text);
    const header = { ref: record.ref, createdAt: record.createdAt, completedAt };
    const build = decodeBuild(header, log, provenance, { sha256, base64 });
    const settled = provenance !== undefined || Date.now() - completedAt > PROVENANCE_GRACE;
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

function base64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
