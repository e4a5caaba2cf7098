import * as vscode from 'vscode';
import { Command } from '../contributions';
import { DisposableStore } from '../disposables';
import { DOCKERFILE_LANGUAGE } from '../dockerfiles';

/** The language status of Dockerfiles that leads to the panel of disk usage. It asks nobody anything. */
export class DiskStatus implements vscode.Disposable {
  private readonly store = new DisposableStore();

  constructor() {
    const selector = { language: DOCKERFILE_LANGUAGE, scheme: 'file' };
    const item = this.store.add(vscode.languages.createLanguageStatusItem('layerInsight.disk', selector));
    item.name = vscode.l10n.t('Layer Insight: Disk Usage');
    item.text = vscode.l10n.t('Disk usage of the engine');
    item.command = { command: Command.showDisk, title: vscode.l10n.t('Show') };
  }

  dispose(): void {
    this.store.dispose();
  }
}
