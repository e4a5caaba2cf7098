import * as vscode from 'vscode';
import type { EngineStateCode } from '../../server/protocol';
import { Command } from '../contributions';
import { DisposableStore } from '../disposables';
import { DOCKERFILE_LANGUAGE } from '../dockerfiles';
import type { LanguageServer } from '../languageServer';
import type { StatusFeed } from '../statusFeed';
import type { ShownLanguageStatus } from './shown';
import { checkedWords } from './words';

/** States in which the engine does not answer although one is wanted. */
const LOST: readonly EngineStateCode[] = ['not-found', 'not-reachable', 'permission-denied'];

/** The language status of Dockerfiles: which engine is asked, and how old the answer is. */
export class EngineStatus implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item: vscode.LanguageStatusItem;
  /** Who never had an engine in this window is not warned about it. */
  private hadEngine = false;

  constructor(
    private readonly feed: StatusFeed,
    private readonly server: LanguageServer,
  ) {
    const selector = { language: DOCKERFILE_LANGUAGE, scheme: 'file' };
    this.item = this.store.add(vscode.languages.createLanguageStatusItem('layerInsight.engine', selector));
    this.item.name = vscode.l10n.t('Layer Insight: Engine');
    this.store.add(feed.onDidChange(() => this.update()));
    this.store.add(server.onDidChangeEngine(() => this.update()));
    this.store.add(server.onDidChangeState(() => this.update()));
    this.update();
  }

  /** What is shown. */
  get shown(): ShownLanguageStatus {
    const { text, detail = '', severity, busy } = this.item;
    const names = { 0: 'information', 1: 'warning', 2: 'error' } as const;
    return { text, detail, severity: names[severity], busy };
  }

  dispose(): void {
    this.store.dispose();
  }

  private update(): void {
    const { state } = this.server;
    const uri = this.feed.seen;
    const engine = this.feed.engine;
    const failed = state === 'failed';
    if (engine?.code === 'ready') this.hadEngine = true;
    const lost = this.hadEngine && engine !== undefined && LOST.includes(engine.code);
    this.item.busy = !failed && (engine === undefined || engine.code === 'starting');
    this.item.severity = failed
      ? vscode.LanguageStatusSeverity.Error
      : lost
        ? vscode.LanguageStatusSeverity.Warning
        : vscode.LanguageStatusSeverity.Information;
    this.item.text = failed
      ? vscode.l10n.t('The Layer Insight server is not running')
      : (engine?.message ?? vscode.l10n.t('Looking for the engine…'));
    this.item.detail = uri === undefined ? '' : checkedWords(this.feed.of(uri)?.checkedAt);
    this.item.command = failed
      ? { command: Command.restartServer, title: vscode.l10n.t('Restart Server') }
      : { command: Command.refresh, title: vscode.l10n.t('Refresh') };
    this.item.accessibilityInformation = { label: `${this.item.text}, ${this.item.detail}` };
  }
}
