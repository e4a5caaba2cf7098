import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { ContextKeys } from './contextKeys';
import { ContextKey } from './contributions';
import { DisposableStore } from './disposables';
import { CurrentDockerfile, isDockerfile } from './dockerfiles';
import { showFailure } from './failure';
import { LanguageServer } from './languageServer';
import { LayersTree } from './views/layers/view';

let running: LanguageServer | undefined;

/** Puts the parts together. Cheap: the server and its client library wait for the first Dockerfile. */
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
  store.add(new LayersTree(server, dockerfile, log));
  store.add(registerCommands({ server, dockerfile, log }));
  store.add(keepContextKeys(server, dockerfile));
  store.add(startWithFirstDockerfile(server));
}

/** Ends the server; the editor waits for it. */
export async function deactivate(): Promise<void> {
  const server = running;
  running = undefined;
  await server?.stop();
}

function keepContextKeys(server: LanguageServer, dockerfile: CurrentDockerfile): DisposableStore {
  const keys = new ContextKeys();
  const write = () => {
    keys.set(ContextKey.active, true);
    keys.set(ContextKey.hasDockerfile, dockerfile.uri !== undefined);
    keys.set(ContextKey.engineState, server.engine?.code ?? 'starting');
    keys.set(ContextKey.serverFailed, server.state === 'failed');
  };
  const store = new DisposableStore();
  store.add(dockerfile.onDidChange(write));
  store.add(server.onDidChangeEngine(write));
  store.add(server.onDidChangeState(write));
  write();
  return store;
}

function startWithFirstDockerfile(server: LanguageServer): vscode.Disposable {
  const startFor = (document: vscode.TextDocument) => {
    // A failed server is not tried again with every document; onDidFail has told the user.
    if (isDockerfile(document) && server.state === 'stopped') server.start().catch(() => undefined);
  };
  vscode.workspace.textDocuments.forEach(startFor);
  return vscode.workspace.onDidOpenTextDocument(startFor);
}
