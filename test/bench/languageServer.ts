import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import {
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  InlayHintRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type InlayHint,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import type { Prediction } from '../../core/model';
import {
  PredictionChangedNotification,
  PredictionRequest,
  StatusRequest,
  type DocumentStatus,
} from '../../server/protocol';

const EVERYTHING = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };

/** A language server in a process of its own, spoken to as an editor does. */
export class LanguageServer {
  private version = 1;
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly connection: ProtocolConnection,
    private readonly uri: string,
  ) {}

  /** Starts `program` and opens a Dockerfile. */
  static async start(program: string, args: readonly string[], dockerfile: string, env: NodeJS.ProcessEnv) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const uri = pathToFileURL(dockerfile).href;
    const server = new LanguageServer(child, connection, uri);
    connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => ({})));
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.onNotification(PublishDiagnosticsNotification.type, () => server.news('diagnostics'));
    connection.onNotification(PredictionChangedNotification, () => server.news('prediction'));
    connection.listen();
    // the protocol still wants the root that workspace folders replaced
    const parameters = {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true } } },
      initializationOptions: { trusted: true, version: '0.0.0' },
    };
    await connection.sendRequest(InitializeRequest.type, parameters);
    await connection.sendNotification(InitializedNotification.type, {});
    const text = readFileSync(dockerfile, 'utf8');
    const textDocument = { uri, languageId: 'dockerfile', version: 1, text };
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return server;
  }

  /** Which news ends a wait. */
  awaits: 'diagnostics' | 'prediction' = 'prediction';

  prediction(): Promise<Prediction | null> {
    return this.connection.sendRequest(PredictionRequest, { uri: this.uri });
  }

  status(): Promise<DocumentStatus | null> {
    return this.connection.sendRequest(StatusRequest, { uri: this.uri });
  }

  /** Puts another text in the place of all. */
  async replace(text: string): Promise<void> {
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: this.uri, version: ++this.version },
      contentChanges: [{ text }],
    });
  }

  async hints(): Promise<InlayHint[]> {
    const asked = { textDocument: { uri: this.uri }, range: EVERYTHING };
    return (await this.connection.sendRequest(InlayHintRequest.type, asked)) ?? [];
  }

  /** Inserts text. */
  async edit(line: number, character: number, text: string): Promise<void> {
    const at = { line, character };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: this.uri, version: ++this.version },
      contentChanges: [{ range: { start: at, end: at }, text }],
    });
  }

  async fileChanged(path: string): Promise<void> {
    const changes = [{ uri: pathToFileURL(path).href, type: 2 as const }];
    await this.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
  }

  /** The next news. */
  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Sends a signal to the process. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Megabytes of memory now; undefined where that cannot be asked. */
  memory(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.child.pid ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    await ended;
    this.connection.dispose();
  }

  private news(kind: 'diagnostics' | 'prediction'): void {
    if (kind !== this.awaits) return;
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
