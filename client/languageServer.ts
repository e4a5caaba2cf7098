import * as vscode from 'vscode';
import type { Prediction } from '../core/model';
import type {
  BuildChoice,
  BuildChoices,
  BuildHistory,
  BuildView,
  ComparedBuilds,
  DocumentStatus,
  EditCost,
  EngineState,
  LayersView,
} from '../server/protocol';
import type { BuildRequests } from './buildRequests';
import type { ContainerRequests } from './containerRequests';
import type { DiskRequests } from './diskRequests';
import { DisposableStore } from './disposables';
import { messageOf } from './failure';
import type { ImageRequests } from './imageRequests';
import type { ConnectionOptions, ServerConnection } from './languageClient';

/** `failed`: only `restart` or `refresh` try again. */
export type ServerState = 'stopped' | 'starting' | 'running' | 'failed';

/** What a build printed, as its terminal wants it. */
export interface BuildOutput {
  readonly id: string;
  readonly text: string;
}

/**
 * The language server as commands and views see it: started by the first question, the same object over restarts.
 * The client library is loaded with the first start, so that activation stays cheap.
 */
export class LanguageServer implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly stateChanged = this.store.add(new vscode.EventEmitter<ServerState>());
  private readonly engineChanged = this.store.add(new vscode.EventEmitter<EngineState | undefined>());
  private readonly predictionChanged = this.store.add(new vscode.EventEmitter<string>());
  private readonly imagesChanged = this.store.add(new vscode.EventEmitter<void>());
  private readonly makersChanged = this.store.add(new vscode.EventEmitter<void>());
  private readonly imageProgress = this.store.add(new vscode.EventEmitter<string>());
  private readonly diskChanged = this.store.add(new vscode.EventEmitter<void>());
  private readonly diskProgress = this.store.add(new vscode.EventEmitter<string>());
  private readonly buildChanged = this.store.add(new vscode.EventEmitter<BuildView>());
  private readonly buildOutput = this.store.add(new vscode.EventEmitter<BuildOutput>());
  private readonly failed = this.store.add(new vscode.EventEmitter<string>());
  private connecting: Promise<ServerConnection> | undefined;
  private currentState: ServerState = 'stopped';
  private currentEngine: EngineState | undefined;

  /** The server came or went. */
  readonly onDidChangeState = this.stateChanged.event;
  /** The engine came or went. */
  readonly onDidChangeEngine = this.engineChanged.event;
  /** The URI of a Dockerfile with a new prediction. */
  readonly onDidChangePrediction = this.predictionChanged.event;
  /** The engine has other images. */
  readonly onDidChangeImages = this.imagesChanged.event;
  /** Other instructions of open Dockerfiles made the steps of images. */
  readonly onDidChangeMakers = this.makersChanged.event;
  /** How far the reading of an image is, for people. */
  readonly onDidProgressImage = this.imageProgress.event;
  /** Containers, images or volumes came or went since they were measured. */
  readonly onDidChangeDisk = this.diskChanged.event;
  /** What is being measured or removed, for people. */
  readonly onDidProgressDisk = this.diskProgress.event;
  /** A build is another step further. */
  readonly onDidChangeBuild = this.buildChanged.event;
  /** A build printed something. */
  readonly onDidPrintBuild = this.buildOutput.event;
  /** The server will not come by itself; a sentence for the user. */
  readonly onDidFail = this.failed.event;

  constructor(private readonly options: ConnectionOptions) {}

  get state(): ServerState {
    return this.currentState;
  }

  /** None until the server has told. */
  get engine(): EngineState | undefined {
    return this.currentEngine;
  }

  /** Starts the server unless it was started before. A failure is also told by `onDidFail`. */
  async start(): Promise<void> {
    await this.connection();
  }

  /** Ends the server and starts a new one. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the server. Never rejects. */
  async stop(): Promise<void> {
    const connecting = this.connecting;
    this.connecting = undefined;
    const connection = await connecting?.catch(() => undefined);
    await connection?.stop();
    if (!this.isWanted()) this.enter('stopped');
  }

  /** The prediction of an open Dockerfile. */
  async prediction(uri: string, token?: vscode.CancellationToken): Promise<Prediction | undefined> {
    return (await this.connection()).prediction(uri, token);
  }

  /** What the Layers view shows for an open Dockerfile. */
  async layers(uri: string, token?: vscode.CancellationToken): Promise<LayersView | undefined> {
    return (await this.connection()).layers(uri, token);
  }

  /** An open Dockerfile at a glance. */
  async status(uri: string, token?: vscode.CancellationToken): Promise<DocumentStatus | undefined> {
    return (await this.connection()).status(uri, token);
  }

  /** Questions about images and their files; like any question they start the server. */
  async images(): Promise<ImageRequests> {
    return (await this.connection()).images;
  }

  /** Questions about bytes on disk; like any question they start the server. */
  async disk(): Promise<DiskRequests> {
    return (await this.connection()).disk;
  }

  /** Builds, and what is known of them; like any question they start the server. */
  async builds(): Promise<BuildRequests> {
    return (await this.connection()).builds;
  }

  /** Containers, and what is done with them; like any question they start the server. */
  async containers(): Promise<ContainerRequests> {
    return (await this.connection()).containers;
  }

  /** The layers of an image on the engine as text, or why they are not known. */
  async imageLayers(image: string): Promise<string> {
    return (await this.connection()).imageLayers(image);
  }

  /** The prediction of an open Dockerfile as plain text. */
  async report(uri: string, token?: vscode.CancellationToken): Promise<string | undefined> {
    return (await this.connection()).report(uri, token);
  }

  /** All about the instruction on a 0-based line, as markdown. */
  async explain(uri: string, line: number): Promise<string | undefined> {
    return (await this.connection()).explain(uri, line);
  }

  /** How often predictions were right, as plain text. */
  async accuracy(): Promise<string> {
    return (await this.connection()).accuracy();
  }

  /** The past builds of a Dockerfile that can be compared, newest first. */
  async pastBuilds(uri: string): Promise<readonly BuildChoice[]> {
    return (await this.connection()).pastBuilds(uri);
  }

  /** The past builds of a Dockerfile as the Builds view shows them. */
  async buildHistory(uri: string): Promise<BuildHistory> {
    return (await this.connection()).buildHistory(uri);
  }

  /** The Dockerfile that a past build was made from; rejects with a sentence where nobody has it. */
  async pastDockerfile(uri: string, ref: string): Promise<string> {
    return (await this.connection()).pastDockerfile(uri, ref);
  }

  /** The first difference of two builds, as plain text. */
  async explainBuilds(builds: ComparedBuilds): Promise<string> {
    return (await this.connection()).explainBuilds(builds);
  }

  /** Builds that contradicted a verdict, newest first. */
  async mistakes(): Promise<readonly BuildChoice[]> {
    return (await this.connection()).mistakes();
  }

  /** What a wrong prediction can be reproduced from, as JSON; undefined when nothing is kept of that build. */
  async reproduction(ref: string): Promise<string | undefined> {
    return (await this.connection()).reproduction(ref);
  }

  /** What a change of a file costs the open Dockerfiles. */
  async editCosts(uri: string, token?: vscode.CancellationToken): Promise<readonly EditCost[]> {
    return (await this.connection()).editCosts(uri, token);
  }

  /** Tells a running server; one that is not there is told by whoever remembers the choices when it comes. */
  choose(choices: BuildChoices): void {
    this.tell((connection) => connection.choose(choices));
  }

  /** Tells a running server whether anything of ours is on the screen. */
  visibility(visible: boolean): void {
    this.tell((connection) => connection.visibility(visible));
  }

  /** Tells a running server; see {@link choose}. */
  unsavedFiles(uris: readonly string[]): void {
    this.tell((connection) => connection.unsavedFiles(uris));
  }

  /** Looks at everything again; a server that failed gets another try. */
  async refresh(token?: vscode.CancellationToken): Promise<void> {
    if (this.currentState === 'failed') await this.stop();
    await (await this.connection()).refresh(token);
  }

  dispose(): void {
    void this.stop();
    this.store.dispose();
  }

  /** Asked after waiting: meanwhile a new one may have been started. */
  private isWanted(): boolean {
    return this.connecting !== undefined;
  }

  private tell(say: (connection: ServerConnection) => Promise<void>): void {
    if (this.currentState !== 'running') return;
    this.connecting?.then(say).catch((error: unknown) => {
      this.options.log.debug(`The server was not told: ${messageOf(error)}`);
    });
  }

  private connection(): Promise<ServerConnection> {
    return (this.connecting ??= this.connect());
  }

  private async connect(): Promise<ServerConnection> {
    this.enter('starting');
    this.setEngine(undefined);
    try {
      const { ServerConnection } = await import('./languageClient');
      const connection = new ServerConnection(this.options, {
        predictionChanged: (uri) => this.predictionChanged.fire(uri),
        engineChanged: (engine) => this.setEngine(engine),
        imagesChanged: () => this.imagesChanged.fire(),
        makersChanged: () => this.makersChanged.fire(),
        imageProgress: (text) => this.imageProgress.fire(text),
        diskChanged: () => this.diskChanged.fire(),
        diskProgress: (text) => this.diskProgress.fire(text),
        buildChanged: (view) => this.buildChanged.fire(view),
        buildOutput: (id, text) => this.buildOutput.fire({ id, text }),
        crashed: () => {
          this.enter('starting');
          this.setEngine(undefined);
        },
        recovered: () => this.enter('running'),
        failed: (message) => this.fail(message),
      });
      try {
        await connection.start();
      } catch (error) {
        await connection.stop();
        throw error;
      }
      this.enter('running');
      return connection;
    } catch (error) {
      this.fail(vscode.l10n.t('The Layer Insight server did not start: {0}', messageOf(error)));
      throw error;
    }
  }

  private enter(state: ServerState): void {
    if (this.currentState === state) return;
    this.currentState = state;
    this.options.log.debug(`Server: ${state}`);
    this.stateChanged.fire(state);
  }

  private fail(message: string): void {
    this.enter('failed');
    this.failed.fire(message);
  }

  private setEngine(engine: EngineState | undefined): void {
    this.currentEngine = engine;
    this.engineChanged.fire(engine);
  }
}
