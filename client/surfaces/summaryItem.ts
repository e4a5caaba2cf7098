import * as vscode from 'vscode';
import { isRunning, type BuildsFeed } from '../builds/buildsFeed';
import { escapeMarkdown } from '../builds/hover';
import { countsOf, nowWords } from '../builds/progress';
import { Command, View } from '../contributions';
import { pullNote } from '../containerTools';
import { DisposableStore } from '../disposables';
import type { BuildView } from '../../server/protocol';
import type { LanguageServer } from '../languageServer';
import type { StatusFeed } from '../statusFeed';
import type { ShownItem } from './shown';
import { checkedWords } from './words';

/** The status bar's item, while a Dockerfile is seen: the prediction in a few characters, or how far its build is. */
export class SummaryItem implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item: vscode.StatusBarItem;
  private current: ShownItem | undefined;

  constructor(
    private readonly feed: StatusFeed,
    private readonly server: LanguageServer,
    private readonly builds: BuildsFeed,
  ) {
    this.item = this.store.add(
      vscode.window.createStatusBarItem('layerInsight.summary', vscode.StatusBarAlignment.Left, 10),
    );
    this.item.name = vscode.l10n.t('Layer Insight: Prediction');
    this.store.add(feed.onDidChange(() => this.update()));
    this.store.add(server.onDidChangeEngine(() => this.update()));
    this.store.add(builds.onDidChange(() => this.update()));
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
    const build = this.builds.latestOf(uri.toString());
    if (build !== undefined && isRunning(build)) {
      this.show(shownBuild(build), Command.showBuildLog);
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
    const tooltip = lines.filter((line) => line !== '').join('\n\n');
    this.show({ text: `$(layers) ${status.text}`, tooltip, accessibilityLabel: label }, `${View.layers}.focus`);
  }

  private show(shown: ShownItem, command: string): void {
    this.current = shown;
    this.item.text = shown.text;
    this.item.tooltip = new vscode.MarkdownString(shown.tooltip);
    this.item.accessibilityInformation = { label: shown.accessibilityLabel, role: 'button' };
    this.item.command = command;
    this.item.show();
  }

  private hide(): void {
    this.current = undefined;
    this.item.hide();
  }
}

function shownBuild(build: BuildView): ShownItem {
  const { done, all } = countsOf(build);
  const words = vscode.l10n.t('building {0}/{1}', done, all);
  return {
    text: `$(tools) ${words}`,
    tooltip: escapeMarkdown([build.title, nowWords(build)].filter((part) => part !== '').join(' · ')),
    accessibilityLabel: vscode.l10n.t('Layer Insight: {0}, {1}. Show the build log', build.title, words),
  };
}
