import { create } from '@bufbuild/protobuf';
import { TimestampSchema, type Timestamp } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { createServer, type Http2Server } from 'node:http2';
import { BuildHistoryEventType, Control } from '../../../../core/node/engines/proto/buildkit_pb';
import { Content } from '../../../../core/node/engines/proto/content_pb';
import type { RecordedBuild, Recording } from './recording';

/** A builder that tells a recording over its own protocol. */
export class FakeBuilder {
  /** What it tells; a test may change it. */
  recording: Recording;
  private readonly server: Http2Server;
  private readonly listeners = new Set<() => void>();

  constructor(
    recording: Recording,
    private readonly workerId = 'worker-1',
    private readonly version = 'v0.25.2',
  ) {
    this.recording = recording;
    const handler = connectNodeAdapter({
      routes: (router) => {
        router.service(Control, {
          listWorkers: () => ({
            record: [
              {
                ID: this.workerId,
                platforms: [{ OS: 'linux', Architecture: 'amd64' }],
                BuildkitVersion: { version: this.version },
              },
            ],
          }),
          diskUsage: () => ({
            record: this.recording.records.map(({ id, parents, type, description, size, createdAt, mutable }) => ({
              ID: id,
              Parents: [...parents],
              RecordType: type,
              Description: description,
              Size: BigInt(size),
              CreatedAt: timestamp(createdAt),
              Mutable: mutable,
            })),
          }),
          listenBuildHistory: async function* (this: FakeBuilder, { EarlyExit }: { EarlyExit: boolean }) {
            for (const build of this.recording.builds) yield event(build);
            while (!EarlyExit) {
              await new Promise<void>((resolve) => this.listeners.add(resolve));
              const newest = this.recording.builds[0];
              if (newest !== undefined) yield event(newest);
            }
          }.bind(this),
          status: async function* (this: FakeBuilder, { Ref }: { Ref: string }) {
            await Promise.resolve();
            const build = this.recording.builds.find(({ listed }) => listed.ref === Ref);
            if (build === undefined) throw new ConnectError('no such build', Code.NotFound);
            for (const { started, completed, ...vertex } of build.vertices) {
              yield { vertexes: [{ ...vertex, ...times({ started, completed }) }] };
            }
            // the log of a build that runs goes on
            while (build.listed.completedAt === undefined) {
              await new Promise<void>((resolve) => this.listeners.add(resolve));
            }
          }.bind(this),
        });
        router.service(Content, {
          read: async function* (this: FakeBuilder, { digest }: { digest: string }) {
            await Promise.resolve();
            const build = this.recording.builds.find(({ listed }) => digest === `sha256:of ${listed.ref}`);
            yield { data: new TextEncoder().encode(build?.provenance ?? '') };
          }.bind(this),
        });
      },
    });
    this.server = createServer(handler);
  }

  /** Serves on a socket; what was there before is in the caller's hands. */
  listen(socket: string): Promise<void> {
    return new Promise((resolve) => this.server.listen(socket, resolve));
  }

  /** Tells all who listen that the newest build has ended. */
  finished(): void {
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }

  close(): void {
    this.server.close();
  }
}

function event({ listed, provenance }: RecordedBuild) {
  const attestation = {
    mediaType: 'application/vnd.in-toto+json',
    digest: `sha256:of ${listed.ref}`,
    annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
  };
  return {
    type: BuildHistoryEventType.COMPLETE,
    record: {
      Ref: listed.ref,
      CreatedAt: timestamp(listed.createdAt),
      ...(listed.completedAt === undefined ? {} : { CompletedAt: timestamp(listed.completedAt) }),
      ...(provenance === undefined ? {} : { Result: { Attestations: [attestation] } }),
    },
  };
}

function times(of: { started: number | undefined; completed: number | undefined }) {
  return {
    ...(of.started === undefined ? {} : { started: timestamp(of.started) }),
    ...(of.completed === undefined ? {} : { completed: timestamp(of.completed) }),
  };
}

function timestamp(milliseconds: number): Timestamp {
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - seconds * 1000) * 1_000_000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}
