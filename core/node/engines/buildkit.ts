import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { timestampMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { createClient, type Client } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import type { CacheRecord, LogVertex } from '../../evidence/pastBuild';
import { BufferedResponses } from './bufferedResponses';
import type { BuilderConnection, BuildkitInfo, EngineChoice, HistoryRecord } from './connection';
import { dialStdio, type DialedConnection } from './dial';
import { VertexStates, type VertexUpdate } from './vertexStates';
import { BuildHistoryEventType, Control, type BuildHistoryRecord, type Vertex } from './proto/buildkit_pb';
import { Content } from './proto/content_pb';

/** Milliseconds between questions whether a builder that is listened to is still there. */
const BEAT = 5000;
/** Milliseconds from the first answer on during which the log of a running build is read. */
const LOG_SO_FAR = 100;
const PROVENANCE = 'https://slsa.dev/provenance/';

/**
 * A connection to a BuildKit daemon through `docker buildx dial-stdio`. Reads only; every call has a timeout and can be
 * aborted. Errors are thrown as `Error` with the daemon's or the process' words.
 */
export class BuildkitConnection implements BuilderConnection {
  private readonly dialed: DialedConnection;
  private readonly session: Http2SessionManager;
  private readonly control: Client<typeof Control>;
  private readonly content: Client<typeof Content>;
  private taken = false;

  constructor(
    { program, builder, env }: EngineChoice,
    private readonly patience: number,
  ) {
    const args = ['buildx', 'dial-stdio', ...(builder === undefined ? [] : ['--builder', builder])];
    this.dialed = dialStdio(program, args, env);
    const baseUrl = 'http://buildkit';
    this.session = new Http2SessionManager(baseUrl, {}, { createConnection: () => this.takeStream() });
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: new BufferedResponses(this.session, this.dialed.started),
    });
    this.control = createClient(Control, transport);
    this.content = createClient(Content, transport);
  }

  /** The process is one connection: asked for another one, the session would try the dead one again without an end. */
  private takeStream(): Duplex {
    const { stream } = this.dialed;
    if (this.taken || stream.destroyed || stream.readableEnded) {
      throw new Error('the connection to the builder has ended');
    }
    this.taken = true;
    return stream;
  }

  async info(signal: AbortSignal): Promise<BuildkitInfo> {
    const { record } = await this.explain(this.control.listWorkers({}, { signal, timeoutMs: this.patience }));
    const [worker] = record;
    const platform = worker?.platforms[0];
    const version = worker?.BuildkitVersion?.version ?? '';
    const parts = [platform?.OS ?? '', platform?.Architecture ?? '', platform?.Variant ?? ''];
    return {
      version: version.replace(/^v/, ''),
      platform: parts.filter((part) => part !== '').join('/'),
      workerId: worker?.ID ?? '',
    };
  }

  async history(signal: AbortSignal): Promise<HistoryRecord[]> {
    const records: HistoryRecord[] = [];
    const events = this.control.listenBuildHistory({ EarlyExit: true }, { signal, timeoutMs: this.patience });
    await this.explain(
      (async () => {
        for await (const event of events) {
          if (event.record !== undefined) records.push(historyRecord(event.record));
        }
      })(),
    );
    return records;
  }

  /**
   * Rejects also when the builder does not answer any more: `docker buildx dial-stdio` goes on when the other side of its
   * connection ends, until it is written to (docker/buildx commands/dial_stdio.go), so that an end would be noticed with
   * the next question only. HTTP/2 pings are none: the default of gRPC servers is to end connections that ping often
   * (google.golang.org/grpc keepalive.EnforcementPolicy).
   */
  async listen(signal: AbortSignal, onFinished: (record: HistoryRecord) => void): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const ends = [this.listenToBuilds(both, onFinished), this.untilSilent(both)];
    try {
      await Promise.race(ends);
    } finally {
      over.abort();
      await Promise.allSettled(ends);
    }
  }

  /** Asks the builder again and again who it is; rejects when it does not answer, or when it is aborted. */
  private async untilSilent(signal: AbortSignal): Promise<never> {
    for (;;) {
      await sleep(BEAT, undefined, { signal, ref: false });
      await this.info(signal);
    }
  }

  private async listenToBuilds(signal: AbortSignal, onFinished: (record: HistoryRecord) => void): Promise<void> {
    for await (const event of this.control.listenBuildHistory({}, { signal })) {
      if (event.type === BuildHistoryEventType.COMPLETE && event.record !== undefined) {
        onFinished(historyRecord(event.record));
      }
    }
  }

  async log(ref: string, signal: AbortSignal): Promise<LogVertex[]> {
    const vertices = new VertexStates();
    for await (const status of this.control.status({ Ref: ref }, { signal, timeoutMs: this.patience })) {
      for (const vertex of status.vertexes) vertices.add(vertexUpdate(vertex));
    }
    return vertices.all();
  }

  async logSoFar(ref: string, signal: AbortSignal): Promise<LogVertex[]> {
    const vertices = new VertexStates();
    const enough = new AbortController();
    const both = AbortSignal.any([signal, enough.signal]);
    let end: NodeJS.Timeout | undefined;
    try {
      for await (const status of this.control.status({ Ref: ref }, { signal: both, timeoutMs: this.patience })) {
        for (const vertex of status.vertexes) vertices.add(vertexUpdate(vertex));
        // all that there is comes at once, and then what happens
        end ??= setTimeout(() => enough.abort(), LOG_SO_FAR);
      }
    } catch (error) {
      if (signal.aborted || !enough.signal.aborted) throw error;
    } finally {
      clearTimeout(end);
    }
    return vertices.all();
  }

  async provenance({ provenanceDigests }: HistoryRecord, signal: AbortSignal): Promise<string[]> {
    const read = async (digest: string): Promise<string> => {
      const chunks: Uint8Array[] = [];
      for await (const { data } of this.content.read({ digest }, { signal, timeoutMs: this.patience }))
        chunks.push(data);
      return Buffer.concat(chunks).toString('utf8');
    };
    return Promise.all(provenanceDigests.map(read));
  }

  async cacheRecords(signal: AbortSignal): Promise<CacheRecord[]> {
    const { record } = await this.explain(this.control.diskUsage({}, { signal, timeoutMs: this.patience }));
    return record.map((usage) => ({
      id: usage.ID,
      parents: usage.Parents.length > 0 ? usage.Parents : usage.Parent === '' ? [] : [usage.Parent],
      type: usage.RecordType === '' ? 'regular' : usage.RecordType,
      description: usage.Description,
      size: Number(usage.Size),
      createdAt: optionalMs(usage.CreatedAt) ?? 0,
      mutable: usage.Mutable,
      ...(usage.LastUsedAt === undefined ? {} : { lastUsedAt: optionalMs(usage.LastUsedAt) ?? 0 }),
    }));
  }

  close(): void {
    this.session.abort();
    this.dialed.close();
  }

  /** Prefers what `docker` printed (no buildx, no such builder, permission denied) to the transport's own words. */
  private async explain<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      const printed = this.dialed.errorText();
      if (printed === '') throw error;
      throw new Error(printed, { cause: error });
    }
  }
}

function historyRecord(record: BuildHistoryRecord): HistoryRecord {
  const results = [...(record.Result === undefined ? [] : [record.Result]), ...Object.values(record.Results)];
  const attestations = results
    .flatMap((result) => result.Attestations)
    .filter(
      ({ mediaType, annotations }) =>
        mediaType.includes('provenance') ||
        (annotations['in-toto.io/predicate-type'] ?? '').startsWith(PROVENANCE) ||
        mediaType === 'application/vnd.in-toto+json',
    );
  return {
    ref: record.Ref,
    createdAt: optionalMs(record.CreatedAt) ?? 0,
    completedAt: optionalMs(record.CompletedAt),
    failed: record.error !== undefined,
    canceled: record.error?.code === CANCELED,
    provenanceDigests: [...new Set(attestations.map(({ digest }) => digest))],
  };
}

function vertexUpdate({ digest, name, cached, error, started, completed }: Vertex): VertexUpdate {
  return { digest, name, cached, error, started: optionalMs(started), completed: optionalMs(completed) };
}

/** The status of gRPC that an engine notes for a build that somebody stopped. */
const CANCELED = 1;

/** Milliseconds with their fraction: the interval of a vertex is compared with creation times. */
function optionalMs(time: Timestamp | undefined): number | undefined {
  if (time === undefined) return undefined;
  return timestampMs(time) + (time.nanos % 1_000_000) / 1_000_000;
}
