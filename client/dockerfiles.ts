import * as vscode from 'vscode';
import { DisposableStore } from './disposables';

/** Language id of the documents that we look at; the editor brings the language. */
export const DOCKERFILE_LANGUAGE = 'dockerfile';

/** Whether predictions are made for a document: a Dockerfile on disk, because its build context is on disk. */
export function isDockerfile(document: vscode.TextDocument): boolean {
  return document.languageId === DOCKERFILE_LANGUAGE && document.uri.scheme === 'file' && !document.isClosed;
}

/** The editors in which somebody sees a Dockerfile. */
export function dockerfileEditors(): readonly vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => isDockerfile(editor.document));
}

/** The Dockerfile that views follow: the active editor's, else the last one while it is open, else any that is open. */
export class CurrentDockerfile implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private current: vscode.TextDocument | undefined;

  /** Another Dockerfile, or none. */
  readonly onDidChange = this.changed.event;

  constructor() {
    const update = () => {
      this.update();
    };
    this.store.add(vscode.window.onDidChangeActiveTextEditor(update));
    // A document whose language changes is closed and opened again.
    this.store.add(vscode.workspace.onDidOpenTextDocument(update));
    this.store.add(vscode.workspace.onDidCloseTextDocument(update));
    this.current = this.choose();
  }

  /** None when no Dockerfile is open. */
  get uri(): vscode.Uri | undefined {
    return this.current?.uri;
  }

  dispose(): void {
    this.store.dispose();
  }

  private update(): void {
    const next = this.choose();
    if (next?.uri.toString() === this.uri?.toString()) return;
    this.current = next;
    this.changed.fire();
  }

  private choose(): vscode.TextDocument | undefined {
    const active = vscode.window.activeTextEditor?.document;
    if (active && isDockerfile(active)) return active;
    const open = vscode.workspace.textDocuments.filter(isDockerfile);
    const visible = new Set(vscode.window.visibleTextEditors.map((editor) => editor.document));
    return (
      open.find((document) => document.uri.toString() === this.uri?.toString()) ??
      open.find((document) => visible.has(document)) ??
      open.at(-1)
    );
  }
}
