import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
  type CloseHandlerResult,
  type ErrorHandler,
  type LanguageClientOptions,
  type ServerOptions,
} from 'vscode-languageclient/node';
import type { Prediction } from '../core/model';
import {
  AccuracyRequest,
  BuildChangedNotification,
  BuildChoicesNotification,
  BuildHistoryRequest,
  BuildLogRequest,
  BuildOutputNotification,
  BuildProposalRequest,
  BuildStartRequest,
  BuildsRequest,
  ContainerRunRequest,
  DiskChangedNotification,
  DiskProgressNotification,
  EditCostRequest,
  EngineStateNotification,
  ExplainBuildsRequest,
  ExplainRequest,
  FileProfilesRequest,
  ImageLayersRequest,
  ImageMakersChangedNotification,
  ImageProgressNotification,
  ImagesChangedNotification,
  LayersRequest,
  MistakesRequest,
  PastDockerfileRequest,
  PredictionChangedNotification,
  PredictionRequest,
  RefreshRequest,
  ReportRequest,
  ReproductionRequest,
  RunCommandRequest,
  StatusRequest,
  TrustGrantedNotification,
  UnsavedFilesNotification,
  VisibilityNotification,
  type BuildChoice,
  type BuildChoices,
  type BuildHistory,
  type BuildView,
  type ComparedBuilds,
  type DocumentStatus,
  type EditCost,
  type EngineState,
  type InitializationOptions,
  type LayersView,
} from '../server/protocol';
import { askServer } from './askServer';
import { BuildRequests } from './buildRequests';
import { ContainerRequests } from './containerRequests';
import { DiskRequests } from './diskRequests';
import { DisposableStore } from './disposables';
import { DOCKERFILE_LANGUAGE } from './dockerfiles';
import { messageOf } from './failure';
import { withActions } from './hoverActions';
import { ImageRequests } from './imageRequests';

/** Crashes within {@link CRASH_WINDOW_MS} after which the server is left alone. */
const MAX_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60_000;

/** Where the debugger of `.vscode/launch.json` attaches. */
const DEBUG_PORT = 6009;
/** V8 keeps the server small: with a larger nursery, what a look at many files leaves behind grows the heap for good. */
const SERVER_ARGUMENTS = ['--max-semi-space-size=4'] as const;

/** Messages with values of build arguments: of choices, settings and orders, and what a builder may print of them. */
const WITH_VALUES = [
  BuildChoicesNotification.method,
  'workspace/configuration',
  ...[BuildProposalRequest.method, BuildStartRequest.method, BuildLogRequest.method],
  ...[BuildOutputNotification.method, BuildChangedNotification.method],
  ...[ContainerRunRequest.method, RunCommandRequest.method, FileProfilesRequest.method],
] as const;

/** What a connection tells its owner. */
export interface ConnectionEvents {
  readonly predictionChanged: (uri: string) => void;
  readonly engineChanged: (state: EngineState) => void;
  readonly imagesChanged: () => void;
  /** Other instructions of open Dockerfiles made the steps of images. */
  readonly makersChanged: () => void;
  /** How far the reading of an image is. */
  readonly imageProgress: (text: string) => void;
  /** Containers, images or volumes of the engine came or went. */
  readonly diskChanged: () => void;
  /** What is being measured or removed; empty at the end. */
  readonly diskProgress: (text: string) => void;
  /** A build is another step further. */
  readonly buildChanged: (view: BuildView) => void;
  /** Text for the terminal of a build. */
  readonly buildOutput: (id: string, text: string) => void;
  /** The server is there again after a crash. */
  readonly recovered: () => void;
  /** The server crashed and is started again. */
  readonly crashed: () => void;
  /** The server ran, ended, and will not be started again; why. */
  readonly failed: (message: string) => void;
}

/** How to start the server. */
export interface ConnectionOptions {
  /** Absolute path of the bundled server. */
  readonly serverModule: string;
  /** Version of the extension. */
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
}

/**
 * The library shows several messages of its own for one failure, without a word on what to do; here failures go to
 * the log and to {@link ConnectionEvents}.
 */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Values of build arguments may be secrets, and a log is a file. */
  override trace(message: string, data?: unknown): void {
    const isSecret = WITH_VALUES.some((method) => message.includes(`'${method}`));
    super.trace(message, isSecret && data !== undefined ? 'Content: not logged' : data);
  }

  /** The library stops a client whose start failed without waiting for it, and then rejects. */
  override async stop(timeout?: number): Promise<void> {
    try {
      if (this.needsStop()) await super.stop(timeout);
    } catch (error) {
      this.outputChannel.debug(`Stopping the server: ${messageOf(error)}`);
    }
  }
}

/** One server process and the typed messages of `server/protocol`. Not used again after `stop`. */
export class ServerConnection {
  /** Questions about images. */
  readonly images: ImageRequests;
  readonly disk: DiskRequests;
  readonly builds: BuildRequests;
  readonly containers: ContainerRequests;
  private readonly store = new DisposableStore();
  private readonly client: LanguageClient;
  private readonly crashes: number[] = [];
  private hasRun = false;
  private endedEarly = false;

  constructor(
    options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {
    const { log, version } = options;
    const initializationOptions = (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted, version });
    const clientOptions: LanguageClientOptions = {
      documentSelector: [{ language: DOCKERFILE_LANGUAGE, scheme: 'file' }],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A function: after a crash the workspace may be trusted.
      initializationOptions,
      initializationFailedHandler: () => false,
      errorHandler: this.errorHandler(),
      middleware: {
        provideHover: async (document, position, token, next) =>
          withActions(await next(document, position, token), document, position),
      },
    };
    const name = 'Layer Insight';
    // The id is where the library reads `layerInsight.trace.server`.
    this.client = new QuietLanguageClient('layerInsight', name, serverOptions(options.serverModule), clientOptions);
    this.images = new ImageRequests(this.client);
    this.disk = new DiskRequests(this.client);
    this.builds = new BuildRequests(this.client);
    this.containers = new ContainerRequests(this.client);
    this.store.add(this.client.onDidChangeState(({ newState }) => this.stateChanged(newState)));
    this.store.add(
      this.client.onNotification(PredictionChangedNotification, ({ uri }) => events.predictionChanged(uri)),
    );
    this.store.add(this.client.onNotification(EngineStateNotification, (state) => events.engineChanged(state)));
    this.store.add(this.client.onNotification(ImagesChangedNotification, () => events.imagesChanged()));
    this.store.add(this.client.onNotification(ImageMakersChangedNotification, () => events.makersChanged()));
    this.store.add(this.client.onNotification(ImageProgressNotification, ({ text }) => events.imageProgress(text)));
    this.store.add(this.client.onNotification(DiskChangedNotification, () => events.diskChanged()));
    this.store.add(this.client.onNotification(DiskProgressNotification, ({ text }) => events.diskProgress(text)));
    this.store.add(this.client.onNotification(BuildChangedNotification, (view) => events.buildChanged(view)));
    this.store.add(this.client.onNotification(BuildOutputNotification, ({ id, text }) => events.buildOutput(id, text)));
    this.store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.client.sendNotification(TrustGrantedNotification).catch((error: unknown) => {
          log.warn(`The server was not told that the workspace is trusted: ${messageOf(error)}`);
        });
      }),
    );
  }

  /** Resolves when the server answers. */
  async start(): Promise<void> {
    try {
      // When the process ends meanwhile, the library's first call resolves and only a second one gets the rejection.
      await Promise.all([this.client.start(), this.client.start()]);
    } catch (error) {
      // The library only knows that its first request was not answered; the process wrote the reason to the log.
      throw this.endedEarly ? new Error(vscode.l10n.t('its process ended')) : error;
    }
  }

  /** Ends the server; no more events come. Never rejects. */
  async stop(): Promise<void> {
    this.store.dispose();
    await this.client.stop();
  }

  /** The prediction of an open Dockerfile. */
  async prediction(uri: string, token?: vscode.CancellationToken): Promise<Prediction | undefined> {
    return (await this.client.sendRequest(PredictionRequest, { uri }, token)) ?? undefined;
  }

  /** What the Layers view shows for an open Dockerfile. */
  async layers(uri: string, token?: vscode.CancellationToken): Promise<LayersView | undefined> {
    return (await this.client.sendRequest(LayersRequest, { uri }, token)) ?? undefined;
  }

  /** An open Dockerfile at a glance. */
  async status(uri: string, token?: vscode.CancellationToken): Promise<DocumentStatus | undefined> {
    return (await this.client.sendRequest(StatusRequest, { uri }, token)) ?? undefined;
  }

  /** The layers of an image on the engine as text, or why they are not known. */
  imageLayers(image: string): Promise<string> {
    return this.client.sendRequest(ImageLayersRequest, { image });
  }

  /** The prediction of an open Dockerfile as plain text. */
  async report(uri: string, token?: vscode.CancellationToken): Promise<string | undefined> {
    return (await this.client.sendRequest(ReportRequest, { uri }, token)) ?? undefined;
  }

  /** All about the instruction on a 0-based line, as markdown. */
  async explain(uri: string, line: number): Promise<string | undefined> {
    return (await this.client.sendRequest(ExplainRequest, { uri, line })) ?? undefined;
  }

  /** What a change of a file costs the open Dockerfiles. */
  editCosts(uri: string, token?: vscode.CancellationToken): Promise<readonly EditCost[]> {
    return this.client.sendRequest(EditCostRequest, { uri }, token);
  }

  accuracy(): Promise<string> {
    return this.client.sendRequest(AccuracyRequest, undefined);
  }

  pastBuilds(uri: string): Promise<readonly BuildChoice[]> {
    return this.client.sendRequest(BuildsRequest, { uri });
  }

  buildHistory(uri: string): Promise<BuildHistory> {
    return askServer(this.client, BuildHistoryRequest, { uri });
  }

  pastDockerfile(uri: string, ref: string): Promise<string> {
    return askServer(this.client, PastDockerfileRequest, { uri, ref });
  }

  explainBuilds(builds: ComparedBuilds): Promise<string> {
    return this.client.sendRequest(ExplainBuildsRequest, builds);
  }

  mistakes(): Promise<readonly BuildChoice[]> {
    return this.client.sendRequest(MistakesRequest, undefined);
  }

  async reproduction(ref: string): Promise<string | undefined> {
    return (await this.client.sendRequest(ReproductionRequest, { ref })) ?? undefined;
  }

  /** Tells what a build of a Dockerfile is asked for. */
  choose(choices: BuildChoices): Promise<void> {
    return this.client.sendNotification(BuildChoicesNotification, choices);
  }

  /** Tells whether anything of ours is on the screen. */
  visibility(visible: boolean): Promise<void> {
    return this.client.sendNotification(VisibilityNotification, { visible });
  }

  /** Tells which files have changes that are not on disk. */
  unsavedFiles(uris: readonly string[]): Promise<void> {
    return this.client.sendNotification(UnsavedFilesNotification, { uris });
  }

  /** Resolves when everything was looked at again. */
  async refresh(token?: vscode.CancellationToken): Promise<void> {
    await this.client.sendRequest(RefreshRequest, undefined, token);
  }

  private stateChanged(state: State): void {
    if (state === State.Running) {
      if (this.hasRun) this.events.recovered();
      this.hasRun = true;
    } else if (state === State.StartFailed && this.hasRun) {
      this.events.failed(vscode.l10n.t('The Layer Insight server ended and could not be started again.'));
    }
  }

  private errorHandler(): ErrorHandler {
    return {
      error: (_error, _message, count) => ({
        action: count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
        handled: true,
      }),
      closed: () => this.closed(),
    };
  }

  private closed(): CloseHandlerResult {
    // A server that ends while it starts would do so again; `start` rejects, or the state becomes StartFailed.
    if (this.client.state !== State.Running) {
      this.endedEarly = true;
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    const now = Date.now();
    this.crashes.push(now);
    if (this.crashes.filter((time) => now - time < CRASH_WINDOW_MS).length > MAX_CRASHES) {
      this.events.failed(vscode.l10n.t('The Layer Insight server ended too often and is not started again.'));
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    this.events.crashed();
    return { action: CloseAction.Restart, handled: true };
  }
}

function serverOptions(module: string): ServerOptions {
  const run = { module, transport: TransportKind.ipc, options: { execArgv: [...SERVER_ARGUMENTS] } };
  const execArgv = [...SERVER_ARGUMENTS, '--nolazy', `--inspect=${DEBUG_PORT}`];
  return { run, debug: { ...run, options: { execArgv } } };
}
