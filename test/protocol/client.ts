import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidChangeTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  InlayHintRequest,
  InlayHintResolveRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  UnregistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type Diagnostic,
  type Hover,
  type InitializeResult,
  type InlayHint,
  type NotificationType,
  type ProtocolConnection,
  type Range,
  type RequestType,
} from 'vscode-languageserver/node';
import type { Prediction } from '../../core/model';
import {
  AccuracyRequest,
  BuildChoicesNotification,
  BuildsRequest,
  EditCostRequest,
  EngineStateNotification,
  ExplainBuildsRequest,
  ExplainRequest,
  LayersRequest,
  MistakesRequest,
  PredictionChangedNotification,
  PredictionRequest,
  RefreshRequest,
  ReportRequest,
  ReproductionRequest,
  StatusRequest,
  TrustGrantedNotification,
  UnsavedFilesNotification,
  type BuildChoice,
  type BuildChoices,
  type DocumentStatus,
  type EditCost,
  type EngineState,
  type LayersView,
} from '../../server/protocol';

const examples = join(import.meta.dirname, '..', 'examples');
const EVERYTHING: Range = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };

/** What users run: the suite is about the bundle, which `npm test` builds before. */
const bundle = join(import.meta.dirname, '../../dist/server.js');

/** A language client with a server process of its own, the bundled one, as an editor has it. No engine is there. */
export class Client {
  readonly folder: string;
  readonly engineStates: EngineState[] = [];
  /** Dockerfiles that the server said have a new prediction, in their order. */
  readonly changed: string[] = [];
  /** What the server asked the editor to watch, in this order. */
  readonly watching: string[] = [];
  /** How often it did not want to know any more. */
  stoppedWatching = 0;
  /** What the server gets for the section `layerInsight`. */
  settings: unknown = {};
  /** The same for what is below a folder of the example, by its name. */
  readonly folderSettings = new Map<string, unknown>();
  private readonly diagnostics = new Map<string, readonly Diagnostic[]>();
  private readonly root: string;
  private version = 1;
  private isDown = false;
  private isGone = false;
  private received = '';

  private constructor(
    private readonly connection: ProtocolConnection,
    private readonly child: ChildProcess,
    root: string,
  ) {
    this.root = root;
    this.folder = join(root, 'webshop');
  }

  /** A server on a copy of the example. */
  static async start(
    options: { trusted?: boolean; folders?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
  ): Promise<{ client: Client; result: InitializeResult }> {
    if (!existsSync(bundle)) throw new Error('dist/server.js is missing: run npm run build');
    const root = mkdtempSync(join(tmpdir(), 'li-protocol-'));
    cpSync(join(examples, 'webshop'), join(root, 'webshop'), { recursive: true });
    const env = {
      // BuildKit, whether its plugin is installed here or not
      DOCKER_BUILDKIT: '1',
      PATH: process.env['PATH'],
      DOCKER_HOST: `unix://${root}/no-engine.sock`,
      DOCKER_CONFIG: join(root, 'docker'),
      XDG_STATE_HOME: join(root, 'state'),
      XDG_CACHE_HOME: join(root, 'cache'),
      ...options.env,
    };
    const child = spawn(process.execPath, [bundle, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], env });
    child.stdout.on('data', (chunk: Buffer) => (client.received += chunk.toString()));
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const client = new Client(connection, child, root);
    connection.onNotification(EngineStateNotification, (state) => {
      client.engineStates.push(state);
    });
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      client.diagnostics.set(uri, diagnostics);
    });
    connection.onNotification(PredictionChangedNotification, ({ uri }) => {
      client.changed.push(uri);
    });
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ scopeUri }) => client.settingsOf(scopeUri)),
    );
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      const { type } = DidChangeWatchedFilesNotification;
      const watched = registrations.filter(({ method }) => method === type.method);
      client.watching.push(...watched.map(({ registerOptions }) => JSON.stringify(registerOptions)));
    });
    connection.onRequest(UnregistrationRequest.type, () => {
      client.stoppedWatching++;
    });
    connection.listen();
    // the protocol still wants the root that workspace folders replaced
    const parameters = {
      processId: null,
      rootUri: null,
      capabilities: { workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true } } },
      workspaceFolders: (options.folders ?? []).map((name) => ({ name, uri: client.uri(name) })),
      initializationOptions: { trusted: options.trusted ?? true, version: '0.0.0' },
    };
    const result = await connection.sendRequest(InitializeRequest.type, parameters);
    await connection.sendNotification(InitializedNotification.type, {});
    return { client, result };
  }

  private settingsOf(scopeUri: string | undefined): unknown {
    for (const [name, settings] of this.folderSettings) {
      if (scopeUri?.startsWith(`${this.uri(name)}/`) === true) return settings;
    }
    return this.settings;
  }

  get stateFolder(): string {
    return join(this.root, 'state');
  }

  uri(path = 'Dockerfile'): string {
    return pathToFileURL(join(this.folder, path)).href;
  }

  /** Opens a file of the example and waits for its first prediction. */
  async open(path = 'Dockerfile', text = readFileSync(join(this.folder, path), 'utf8')): Promise<Prediction> {
    const textDocument = { uri: this.uri(path), languageId: 'dockerfile', version: this.version, text };
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return this.prediction(path);
  }

  async change(text: string, path = 'Dockerfile'): Promise<void> {
    const textDocument = { uri: this.uri(path), version: ++this.version };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument,
      contentChanges: [{ text }],
    });
  }

  async close(path = 'Dockerfile'): Promise<void> {
    const textDocument = { uri: this.uri(path) };
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument });
  }

  /** The user changes settings. */
  async configure(settings: unknown): Promise<void> {
    this.settings = settings;
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: undefined });
  }

  async fileChanged(path: string): Promise<void> {
    const changes = [{ uri: this.uri(path), type: 2 as const }];
    await this.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
  }

  async prediction(path = 'Dockerfile'): Promise<Prediction> {
    const prediction = await this.predictionOrNull(path);
    if (prediction === null) throw new Error('no prediction');
    return prediction;
  }

  /** What the server answers, also when that is nothing. */
  predictionOrNull(path = 'Dockerfile'): Promise<Prediction | null> {
    return this.connection.sendRequest(PredictionRequest, { uri: this.uri(path) });
  }

  async hints(path = 'Dockerfile', range: Range = EVERYTHING): Promise<InlayHint[]> {
    const textDocument = { uri: this.uri(path) };
    return (await this.connection.sendRequest(InlayHintRequest.type, { textDocument, range })) ?? [];
  }

  resolve(hint: InlayHint): Promise<InlayHint> {
    return this.connection.sendRequest(InlayHintResolveRequest.type, hint);
  }

  hover(line: number, character: number, path = 'Dockerfile'): Promise<Hover | null> {
    const textDocument = { uri: this.uri(path) };
    return this.connection.sendRequest(HoverRequest.type, { textDocument, position: { line, character } });
  }

  layers(path = 'Dockerfile'): Promise<LayersView | null> {
    return this.connection.sendRequest(LayersRequest, { uri: this.uri(path) });
  }

  async status(path = 'Dockerfile'): Promise<DocumentStatus> {
    const status = await this.connection.sendRequest(StatusRequest, { uri: this.uri(path) });
    if (status === null) throw new Error('no status');
    return status;
  }

  report(path = 'Dockerfile'): Promise<string | null> {
    return this.connection.sendRequest(ReportRequest, { uri: this.uri(path) });
  }

  explain(line: number, path = 'Dockerfile'): Promise<string | null> {
    return this.connection.sendRequest(ExplainRequest, { uri: this.uri(path), line });
  }

  editCosts(path: string): Promise<readonly EditCost[]> {
    return this.connection.sendRequest(EditCostRequest, { uri: this.uri(path) });
  }

  accuracy(): Promise<string> {
    return this.connection.sendRequest(AccuracyRequest, undefined);
  }

  builds(path = 'Dockerfile'): Promise<readonly BuildChoice[]> {
    return this.connection.sendRequest(BuildsRequest, { uri: this.uri(path) });
  }

  explainBuilds(before: string, after: string, path = 'Dockerfile'): Promise<string> {
    return this.connection.sendRequest(ExplainBuildsRequest, { uri: this.uri(path), before, after });
  }

  mistakes(): Promise<readonly BuildChoice[]> {
    return this.connection.sendRequest(MistakesRequest, undefined);
  }

  reproduction(ref: string): Promise<string | null> {
    return this.connection.sendRequest(ReproductionRequest, { ref });
  }

  /** What a build of a Dockerfile is asked for. */
  async choose(choices: Omit<BuildChoices, 'uri'>, path = 'Dockerfile'): Promise<void> {
    await this.connection.sendNotification(BuildChoicesNotification, { ...choices, uri: this.uri(path) });
  }

  /** These files have changes that are only on the screen. */
  async unsaved(...paths: readonly string[]): Promise<void> {
    const uris = paths.map((path) => this.uri(path));
    await this.connection.sendNotification(UnsavedFilesNotification, { uris });
  }

  refresh(): Promise<null> {
    return this.connection.sendRequest(RefreshRequest, undefined);
  }

  async trust(): Promise<void> {
    await this.connection.sendNotification(TrustGrantedNotification);
  }

  /** Any other question. */
  ask<P, R>(type: RequestType<P, R, void>, params: P): Promise<R> {
    return this.connection.sendRequest<R>(type.method, params);
  }

  /** Listens to one kind of notification. */
  on<P>(type: NotificationType<P>, heard: (params: P) => void): void {
    this.connection.onNotification(type.method, heard);
  }

  /** All notifications of the server as they were sent, also what it logs. */
  notifications(): string {
    const messages = this.received.split(/Content-Length: \d+\r\n(?:Content-Type[^\n]*\n)?\r\n/);
    return messages.filter((message) => message.includes('"method"') && !/"id":\d+,"method"/.test(message)).join('\n');
  }

  /** The editor is gone without a word. */
  hangUp(): void {
    this.isGone = true;
    this.child.stdin?.destroy();
  }

  /** Changes that are offered for a 0-based line. */
  async actions(line: number, path = 'Dockerfile'): Promise<readonly CodeAction[]> {
    const range = { start: { line, character: 0 }, end: { line, character: 1 } };
    const found = await this.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: this.uri(path) },
      ...{ range, context: { diagnostics: [] } },
    });
    return (found ?? []).filter((one): one is CodeAction => 'kind' in one);
  }

  /** The diagnostics that were published last. */
  problems(path = 'Dockerfile'): readonly Diagnostic[] {
    return this.diagnostics.get(this.uri(path)) ?? [];
  }

  /** Codes of the diagnostics that were published last. */
  codes(path = 'Dockerfile'): string[] {
    return this.problems(path).map(({ code }) => String(code));
  }

  async shutdown(): Promise<void> {
    this.isDown = true;
    await this.connection.sendRequest(ShutdownRequest.type);
  }

  /** Ends the server as an editor does; one that does not end well is an error. */
  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    try {
      if (!this.isDown && !this.isGone) await this.shutdown();
      if (!this.isGone) await this.connection.sendNotification(ExitNotification.type);
      const [code] = this.child.exitCode === null ? ((await ended) as [number | null]) : [this.child.exitCode];
      if (code !== 0 && !this.isGone) throw new Error(`the server ended with ${code}`);
    } finally {
      this.child.kill('SIGKILL');
      this.connection.dispose();
      rmSync(this.root, { recursive: true, force: true });
    }
  }
}
