import * as vscode from 'vscode';
import { DisposableStore } from '../disposables';

/** Scheme of the read-only documents with what we wrote. */
export const REPORT_SCHEME = 'layer-insight-report';

/** Texts that are kept: a preview reads its document again when it is looked at again. */
const MAX_TEXTS = 20;

/** Read-only documents: a report or an explanation, as it was when it was asked for. */
export class ReportDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  private readonly texts = new Map<string, string>();

  readonly onDidChange = this.changed.event;

  constructor() {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(REPORT_SCHEME, this));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A document of a name with a text; the same name and source give the same document. */
  write(name: string, source: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: REPORT_SCHEME, path: `/${name}`, query: source });
    this.texts.delete(uri.toString());
    this.texts.set(uri.toString(), text);
    for (const oldest of [...this.texts.keys()].slice(0, -MAX_TEXTS)) this.texts.delete(oldest);
    this.changed.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? vscode.l10n.t('This report is gone. Ask for a new one.');
  }
}
