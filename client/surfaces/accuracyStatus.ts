import * as vscode from 'vscode';
import { Command } from '../contributions';
import { DisposableStore } from '../disposables';
import { DOCKERFILE_LANGUAGE } from '../dockerfiles';
import type { StatusFeed } from '../statusFeed';

/** The language status of Dockerfiles: how often predictions were right. Not there before anything was judged. */
export class AccuracyStatus implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private item: vscode.LanguageStatusItem | undefined;

  constructor(private readonly feed: StatusFeed) {
    this.store.add(feed.onDidChange(() => this.update()));
    this.update();
  }

  /** What is shown; empty where nothing is. */
  get shown(): string {
    return this.item?.text ?? '';
  }

  dispose(): void {
    this.item?.dispose();
    this.store.dispose();
  }

  private update(): void {
    const uri = this.feed.seen;
    const text = uri === undefined ? null : (this.feed.of(uri)?.accuracy ?? null);
    if (text === null) {
      this.item?.dispose();
      this.item = undefined;
      return;
    }
    this.item ??= this.create();
    this.item.text = text;
    this.item.accessibilityInformation = { label: text };
  }

  private create(): vscode.LanguageStatusItem {
    const selector = { language: DOCKERFILE_LANGUAGE, scheme: 'file' };
    const item = vscode.languages.createLanguageStatusItem('layerInsight.accuracy', selector);
    item.name = vscode.l10n.t('Layer Insight: Accuracy');
    item.command = { command: Command.showAccuracy, title: vscode.l10n.t('Show Accuracy') };
    return item;
  }
}
