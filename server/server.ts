import { fileURLToPath } from 'node:url';
import { engineDisk } from '../core/node/disk/engineDisk';
import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type WorkspaceFolder,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { AdviceBook } from './advice';
import { registerFileProfiles } from './builds/fileProfiles';
import { registerBuilds } from './builds/requests';
import { BuildsSession, type BuildsHost } from './builds/session';
import { Analyses } from './analyses';
import type { Analysis } from './analysis';
import { ContextSessions } from './contexts';
import type { OpenContainers } from './containers/engines';
import { registerContainers } from './containers/requests';
import { registerDisk } from './disk/requests';
import { DiskSession, type OpenDiskAccess } from './disk/session';
import { EngineSessions } from './engines';
import { adviceActions } from './features/codeActions';
import { publishProblems } from './features/diagnostics';
import { explainLine, hover } from './features/hover';
import { imageLayers } from './features/imageLayers';
import { inlayHints, resolveInlayHint } from './features/inlayHints';
import { layersView } from './features/layers';
import { report } from './features/report';
import { documentStatus } from './features/status';
import { guarded } from './guard';
import { MakersNews } from './images/makersNews';
import { registerImages } from './images/requests';
import { ImagesSession } from './images/session';
import {
  BuildChangedNotification,
  BuildChoicesNotification,
  BuildOutputNotification,
  DiskChangedNotification,
  DiskProgressNotification,
  EditCostRequest,
  EngineStateNotification,
  ExplainRequest,
  ImageLayersRequest,
  ImageMakersChangedNotification,
  ImageProgressNotification,
  ImagesChangedNotification,
  LayersRequest,
  PredictionChangedNotification,
  PredictionRequest,
  RefreshRequest,
  ReportRequest,
  StatusRequest,
  TrustGrantedNotification,
  UnsavedFilesNotification,
  VisibilityNotification,
  type InitializationOptions,
} from './protocol';
import { Settings } from './settings';
import { registerHistory } from './historyRequests';
import { FileWatchers } from './watchers';

/** What the server gets from the process that it runs in. */
export interface ServerHost {
  readonly env: NodeJS.ProcessEnv;
  /** Path of the bundled worker that hashes files. */
  readonly hashWorker: string;
  /** Who is asked for bytes on disk: the engine that is meant, unless a test says otherwise. */
  readonly openDisk?: OpenDiskAccess;
  /** The same for containers. */
  readonly openContainers?: OpenContainers;
}

/** Registers everything on a connection. The caller starts listening. */
export function startServer(connection: Connection, host: ServerHost): void {
  const documents = new TextDocuments(TextDocument);
  const settings = new Settings(connection);
  const watchers = new FileWatchers(connection);
  const engines = new EngineSessions(host.env, (message) => connection.console.info(message));
  const contexts = new ContextSessions(host, watchers, (message) => connection.console.info(message));
  const images = new ImagesSession(host.env, {
    changed: () => void connection.sendNotification(ImagesChangedNotification, undefined),
    progress: (image, text) => void connection.sendNotification(ImageProgressNotification, { image, text }),
    log: (message) => connection.console.info(message),
  });
  const makers = new MakersNews(
    () => analyses.predicted(),
    () => void connection.sendNotification(ImageMakersChangedNotification, undefined),
  );
  const disk = new DiskSession(host.openDisk ?? engineDisk, host.env, {
    changed: () => void connection.sendNotification(DiskChangedNotification, undefined),
    progress: (text) => void connection.sendNotification(DiskProgressNotification, { text }),
    log: (message) => connection.console.info(message),
  });
  let folders: readonly string[] = [];
  const analyses = new Analyses({ settings, engines, contexts, env: host.env, folders: () => folders });
  let canRefreshHints = false;
  let hasFolderEvents = false;

  connection.onInitialize(({ capabilities, initializationOptions, workspaceFolders }: InitializeParams) => {
    folders = folderPaths(workspaceFolders ?? []);
    hasFolderEvents = capabilities.workspace?.workspaceFolders === true;
    const { trusted } = readOptions(initializationOptions);
    analyses.trust(trusted);
    canRefreshHints = capabilities.workspace?.inlayHint?.refreshSupport === true;
    settings.canPull = capabilities.workspace?.configuration === true;
    watchers.canRegister = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        inlayHintProvider: { resolveProvider: true },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Layer Insight' },
    };
  });
  connection.onInitialized(() => {
    if (settings.canPull) void connection.client.register(DidChangeConfigurationNotification.type);
    if (!hasFolderEvents) return;
    connection.workspace.onDidChangeWorkspaceFolders(() => {
      void connection.workspace.getWorkspaceFolders().then((found) => {
        folders = folderPaths(found ?? []);
        analyses.settingsChanged();
      });
    });
  });
  connection.onShutdown(async () => {
    const built = builds.dispose();
    analyses.dispose();
    images.dispose();
    makers.dispose();
    disk.dispose();
    advice.dispose();
    engines.dispose();
    await built;
    await contexts.dispose();
    watchers.dispose();
  });

  const buildsHost: BuildsHost = {
    env: host.env,
    analysis: (uri) => analyses.get(uri),
    isTrusted: () => analyses.isTrusted,
    refresh: () => analyses.refresh(),
    problemsChanged(uri) {
      const analysis = analyses.get(uri);
      if (analysis !== undefined) publish(analysis);
    },
    changed: (view) => void connection.sendNotification(BuildChangedNotification, view),
    output: (id, text) => void connection.sendNotification(BuildOutputNotification, { id, text }),
    log: (message) => connection.console.info(message),
  };
  const builds = new BuildsSession(buildsHost);
  const publish = (analysis: Analysis): void => {
    publishProblems(connection, analysis, advice.of(analysis.uri), builds.failures(analysis));
  };
  const advice = new AdviceBook(host.env, publish);
  engines.onState((state) => void connection.sendNotification(EngineStateNotification, state));
  analyses.onChanged((analysis) => {
    void connection.sendNotification(PredictionChangedNotification, { uri: analysis.uri });
    publish(analysis);
    advice.soon(analysis);
    if (canRefreshHints) void connection.languages.inlayHint.refresh();
  });
  analyses.onClosed((uri) => {
    advice.closed(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });

  documents.onDidOpen(({ document }) => analyses.open(document));
  documents.onDidChangeContent(({ document }) => analyses.changed(document));
  documents.onDidClose(({ document }) => analyses.close(document.uri));
  documents.onDidSave(({ document }) => analyses.fileChanged(document.uri));
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) analyses.fileChanged(uri);
  });
  connection.onDidChangeConfiguration(() => {
    settings.forget();
    analyses.settingsChanged();
  });
  connection.onNotification(TrustGrantedNotification, () => analyses.trust(true));

  const guard = guarded((message) => connection.console.error(message));
  connection.onHover(guard('hover', ({ textDocument, position }) => hover(analyses.get(textDocument.uri), position)));
  connection.onCodeAction(
    guard('codeAction', ({ textDocument, range }) => {
      const analysis = analyses.get(textDocument.uri);
      return analysis === undefined ? [] : adviceActions(analysis, advice.of(analysis.uri), range);
    }),
  );
  connection.languages.inlayHint.on(
    guard('inlayHint', ({ textDocument, range }) => inlayHints(analyses.get(textDocument.uri), range)),
  );
  connection.languages.inlayHint.resolve(
    guard('inlayHint/resolve', (hint) => resolveInlayHint(hint, (uri) => analyses.get(uri))),
  );
  connection.onRequest(
    PredictionRequest,
    guard('prediction', async ({ uri }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      return analysis?.current() ?? null;
    }),
  );
  connection.onRequest(
    LayersRequest,
    guard('layers', ({ uri }) => {
      const analysis = analyses.get(uri);
      return analysis === undefined ? null : layersView(analysis);
    }),
  );
  connection.onRequest(
    StatusRequest,
    guard('status', ({ uri }) => {
      const analysis = analyses.get(uri);
      return analysis === undefined ? null : documentStatus(analysis, analyses.ledger);
    }),
  );
  connection.onRequest(
    ReportRequest,
    guard('report', async ({ uri }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      const prediction = analysis?.current();
      if (analysis === undefined || prediction === undefined) return null;
      return report(prediction, analysis.settings?.units ?? 'si', analysis.unsaved());
    }),
  );
  connection.onRequest(
    ExplainRequest,
    guard('explain', async ({ uri, line }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      return explainLine(analysis, line) ?? null;
    }),
  );
  connection.onRequest(
    EditCostRequest,
    guard('editCost', async ({ uri }) => {
      await analyses.whenReady();
      return analyses.editCosts(uri);
    }),
  );
  connection.onRequest(
    ImageLayersRequest,
    guard('imageLayers', async ({ image }) => {
      if (!analyses.isTrusted) return 'This workspace is not trusted: no engine is asked.';
      return imageLayers(await settings.of(''), host.env, image);
    }),
  );
  registerHistory(connection, guard, analyses);
  registerImages(connection, guard, {
    session: images,
    settings: () => settings.of(''),
    isTrusted: () => analyses.isTrusted,
    dockerfiles: () => analyses.predicted(),
    imageRead: (image, read) => advice.imageRead({ image, read }, analyses.all()),
  });
  analyses.onChanged(() => makers.soon());
  analyses.onClosed(() => makers.soon());
  registerBuilds(connection, guard, builds, buildsHost);
  registerDisk(connection, guard, {
    session: disk,
    settings: () => settings.of(''),
    isTrusted: () => analyses.isTrusted,
    dockerfiles: () => analyses.all(),
  });
  registerFileProfiles(connection, guard, {
    env: host.env,
    settings: (uri) => settings.of(uri),
    isTrusted: () => analyses.isTrusted,
    folders: () => folders,
  });
  registerContainers(connection, guard, {
    env: host.env,
    settings: () => settings.of(''),
    isTrusted: () => analyses.isTrusted,
    open: host.openContainers,
  });
  connection.onNotification(BuildChoicesNotification, (choices) => analyses.choose(choices));
  connection.onNotification(VisibilityNotification, ({ visible }) => {
    engines.setHidden(!visible);
    analyses.setHidden(!visible);
  });
  connection.onNotification(UnsavedFilesNotification, ({ uris }) => analyses.unsavedChanged(uris));
  connection.onRequest(
    RefreshRequest,
    guard('refresh', async () => {
      await analyses.refresh();
      return null;
    }),
  );
  documents.listen(connection);
}

function readOptions(options: unknown): InitializationOptions {
  const { trusted, version } = (options ?? {}) as Partial<InitializationOptions>;
  // whoever does not say that the workspace is trusted gets the safe answer
  return { trusted: trusted === true, version: version ?? '' };
}

function folderPaths(folders: readonly WorkspaceFolder[]): string[] {
  return folders.filter(({ uri }) => uri.startsWith('file:')).map(({ uri }) => fileURLToPath(uri));
}
