import * as vscode from 'vscode';
import { View } from '../contributions';
import { pullNote } from '../containerTools';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';
import type { StatusFeed } from '../statusFeed';
import type { ShownItem } from './shown';
import { checkedWords } from './words';

/** The status bar's item: the prediction in a few characters, while a Dockerfile is seen. */
export class SummaryItem implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item: vscode.StatusBarItem;
  private current: ShownItem | undefined;

  constructor(
    private readonly feed: StatusFeed,
    private readonly server: LanguageServer,
  ) {
    this.item = this.store.add(
      vscode.window.createStatusBarItem('layerInsight.summary', vscode.StatusBarAlignment.Left, 10),
    );
    this.item.name = vscode.l10n.t('Layer Insight: Prediction');
    this.item.command = `${View.layers}.focus`;
    this.store.add(feed.onDidChange(() => this.update()));
    this.store.add(server.onDidChangeEngine(() => this.update()));
    this.update();
  }

  /** What is shown; none while it is hidden. */
  get shown(): ShownItem | undefined {
    return this.current;
  }

  dispose(): void {
    this.store.dispose();
  }

  private update(): void {
    const uri = this.feed.seen;
    if (uri === undefined || this.server.state === 'failed') {
      this.hide();
      return;
    }
    const status = this.feed.of(uri);
    // another Dockerfile came into view: the old text would be about the wrong one
    if (status === undefined || status.text === '') {
      this.hide();
      return;
    }
    const lines = [status.tooltip, checkedWords(status.checkedAt), pullNote(uri) ?? ''];
    const label = vscode.l10n.t('Layer Insight: {0}. Show the layers', status.accessibilityLabel);
    this.current = {
      text: `$(layers) ${status.text}`,
      tooltip: lines.filter((line) => line !== '').join('\n\n'),
      accessibilityLabel: label,
    };
    this.item.text = this.current.text;
    this.item.tooltip = new vscode.MarkdownString(this.current.tooltip);
    this.item.accessibilityInformation = { label, role: 'button' };
    this.item.show();
  }

  private hide(): void {
    this.current = undefined;
    this.item.hide();
  }
}
