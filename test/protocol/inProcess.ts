import { PassThrough } from 'node:stream';
import {
  ConfigurationRequest,
  createConnection,
  createProtocolConnection,
  InitializedNotification,
  InitializeRequest,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type NotificationType,
  type ProtocolConnection,
  type RequestType,
} from 'vscode-languageserver/node';
import { startServer, type ServerHost } from '../../server/server';

/** A server in this process, so that a test can say what it stands on. */
export class InProcess {
  private constructor(private readonly connection: ProtocolConnection) {}

  static async start(host: ServerHost, options: { trusted?: boolean; settings?: unknown } = {}): Promise<InProcess> {
    const [up, down] = [new PassThrough(), new PassThrough()];
    const served = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
    startServer(served, host);
    served.listen();
    const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => options.settings ?? {}));
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.listen();
    // the protocol still wants the root that workspace folders replaced
    const root = { processId: null, rootUri: null, workspaceFolders: [] };
    await connection.sendRequest(InitializeRequest.type, {
      ...root,
      capabilities: { workspace: { configuration: true } },
      initializationOptions: { trusted: options.trusted ?? true, version: '0.0.0' },
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return new InProcess(connection);
  }

  ask<P, R>(type: RequestType<P, R, void>, params: P, token?: CancellationToken): Promise<R> {
    if (token === undefined) return this.connection.sendRequest<R>(type.method, params);
    return this.connection.sendRequest<R>(type.method, params, token);
  }

  on<P>(type: NotificationType<P>, heard: (params: P) => void): void {
    this.connection.onNotification(type.method, heard);
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    this.connection.dispose();
  }
}
