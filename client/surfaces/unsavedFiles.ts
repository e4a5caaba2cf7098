import * as vscode from 'vscode';
import { Delayed } from '../delayed';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';

/** Saving all files at once is one piece of news. */
const PAUSE_MS = 150;

/** Tells the server which files on the screen are not what is on disk: a build does not see these changes. */
export class UnsavedFiles implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly tell = this.store.add(new Delayed(PAUSE_MS, () => this.send(false)));
  private sent = '';

  constructor(private readonly server: LanguageServer) {
    const soon = () => this.tell.soon();
    this.store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        // with every key; only becoming dirty or clean is news
        if (document.uri.scheme === 'file' && document.isDirty !== this.isSent(document)) soon();
      }),
    );
    this.store.add(vscode.workspace.onDidSaveTextDocument(soon));
    this.store.add(vscode.workspace.onDidCloseTextDocument(soon));
    this.store.add(vscode.workspace.onDidOpenTextDocument(soon));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.send(true)));
    this.store.add(server.onDidChangeState(() => this.send(true)));
    this.send(true);
  }

  dispose(): void {
    this.store.dispose();
  }

  private isSent(document: vscode.TextDocument): boolean {
    return this.sent.split('\n').includes(document.uri.toString());
  }

  /** A new server knows nothing: it is told in any case. */
  private send(anew: boolean): void {
    if (!vscode.workspace.isTrusted || this.server.state !== 'running') return;
    const uris = vscode.workspace.textDocuments
      .filter((document) => document.isDirty && document.uri.scheme === 'file')
      .map((document) => document.uri.toString());
    const text = uris.join('\n');
    if (text === this.sent && !(anew && uris.length > 0)) return;
    this.sent = text;
    this.server.unsavedFiles(uris);
  }
}
