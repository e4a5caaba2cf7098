import * as vscode from 'vscode';
import { Builds } from './builds';
import { BuildChoicesStore } from './choices/buildChoices';
import { registerCommands } from './commands';
import { RememberedRuns } from './containers/rememberedRuns';
import { ContextKeys } from './contextKeys';
import { ContextKey } from './contributions';
import { DiskUsage } from './disk/diskUsage';
import { KeptItems } from './disk/keptItems';
import { LastReport } from './disk/lastReport';
import { DisposableStore } from './disposables';
import { CurrentDockerfile, isDockerfile } from './dockerfiles';
import { messageOf, showFailure } from './failure';
import { LayerDecorations } from './files/layerDecorations';
import { LayerFiles } from './files/layerFiles';
import { LanguageServer } from './languageServer';
import { DiskPanel } from './panels/diskUsage';
import { ReportDocuments } from './reports/documents';
import { StatusFeed } from './statusFeed';
import type { Surfaces } from './surfaces';
import { BuildsTree } from './views/builds/view';
import { DiskTree } from './views/disk/view';
import { shownImages } from './views/images/shown';
import { ImagesTree } from './views/images/view';
import { LayersTree } from './views/layers/view';
import { Visibility } from './visibility';

let running: LanguageServer | undefined;

/** Puts the parts together. Cheap: the server, its client library and most surfaces wait for the first Dockerfile. */
export function activate(context: vscode.ExtensionContext): void {
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const log = store.add(vscode.window.createOutputChannel('Layer Insight', { log: true }));
  const { version } = context.extension.packageJSON as { readonly version: string };
  const serverModule = context.asAbsolutePath('dist/server.js');
  const server = store.add(new LanguageServer({ serverModule, version, log }));
  running = server;
  const dockerfile = store.add(new CurrentDockerfile());
  store.add(server.onDidFail((message) => void showFailure(message, log)));
  const choices = store.add(new BuildChoicesStore(server, context.workspaceState, log));
  const feed = store.add(new StatusFeed(server, dockerfile, log));
  const layers = store.add(new LayersTree(server, dockerfile, feed, log));
  const images = store.add(new ImagesTree(server, log, context.workspaceState));
  const kept = store.add(new KeptItems(context.globalState));
  const disk = store.add(new DiskUsage(server, kept, new LastReport(context, log), log));
  const diskPanel = store.add(new DiskPanel(disk, context.extensionUri, log));
  const diskTree = store.add(new DiskTree(disk));
  const pastBuilds = store.add(new BuildsTree(server, dockerfile, log));
  store.add(new Visibility(server, [layers, images, pastBuilds]));
  store.add(new LayerFiles(server));
  store.add(new LayerDecorations());
  const reports = store.add(new ReportDocuments());
  const builds = store.add(new Builds({ server, choices, log, state: context.workspaceState }));
  let surfaces: Surfaces | undefined;
  const shown = () =>
    surfaces && {
      ...surfaces.shown,
      selectedRow: layers.selectedRow,
      layersMessage: layers.messageText,
      images: shownImages(images),
    };
  const { extensionUri } = context;
  const extensionId = context.extension.id;
  const views = { layers, images, disk, diskPanel, diskTree, pastBuilds };
  const runs = new RememberedRuns(context.workspaceState, log);
  const parts = { ...views, ...builds.parts, runs };
  store.add(registerCommands({ server, dockerfile, log, choices, reports, ...parts, extensionId, shown }));
  store.add(keepContextKeys(server, dockerfile, feed));
  const startSurfaces = async () => {
    const module = await import('./surfaces');
    surfaces = store.add(new module.Surfaces({ server, feed, builds: builds.parts.builds, log, extensionUri }));
  };
  store.add(
    startWithFirstDockerfile(server, () => {
      startSurfaces().catch((error: unknown) => log.error(messageOf(error)));
    }),
  );
}

/** Ends the server; the editor waits for it. */
export async function deactivate(): Promise<void> {
  const server = running;
  running = undefined;
  await server?.stop();
}

function keepContextKeys(server: LanguageServer, dockerfile: CurrentDockerfile, feed: StatusFeed): DisposableStore {
  const keys = new ContextKeys();
  const write = () => {
    keys.set(ContextKey.active, true);
    keys.set(ContextKey.hasDockerfile, dockerfile.uri !== undefined);
    keys.set(ContextKey.hasAnswer, feed.seen !== undefined && feed.of(feed.seen) !== undefined);
    keys.set(ContextKey.engineState, feed.engine?.code ?? 'starting');
    keys.set(ContextKey.serverFailed, server.state === 'failed');
  };
  const store = new DisposableStore();
  store.add(dockerfile.onDidChange(write));
  store.add(feed.onDidChange(write));
  store.add(server.onDidChangeEngine(write));
  store.add(server.onDidChangeState(write));
  write();
  return store;
}

function startWithFirstDockerfile(server: LanguageServer, first: () => void): vscode.Disposable {
  let hadOne = false;
  const startFor = (document: vscode.TextDocument) => {
    if (!isDockerfile(document)) return;
    // A failed server is not tried again with every document; onDidFail has told the user.
    if (server.state === 'stopped') server.start().catch(() => undefined);
    if (!hadOne) first();
    hadOne = true;
  };
  vscode.workspace.textDocuments.forEach(startFor);
  return vscode.workspace.onDidOpenTextDocument(startFor);
}
