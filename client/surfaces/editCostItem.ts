import * as vscode from 'vscode';
import type { EditCost } from '../../server/protocol';
import { Command, Setting } from '../contributions';
import { Delayed } from '../delayed';
import { DisposableStore } from '../disposables';
import { isDockerfile } from '../dockerfiles';
import { messageOf } from '../failure';
import type { LanguageServer } from '../languageServer';
import { settingValue } from '../settings';
import type { ShownItem } from './shown';

/** Predictions change in bursts. */
const PAUSE_MS = 300;

/** What saving the file of the active editor makes rebuild; off unless a setting asks for it. */
export class EditCostItem implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly item: vscode.StatusBarItem;
  private readonly ask = this.store.add(new Delayed(PAUSE_MS, () => void this.update()));
  private asking: vscode.CancellationTokenSource | undefined;
  private current: ShownItem | undefined;
  private file: string | undefined;

  constructor(
    private readonly server: LanguageServer,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.item = this.store.add(
      vscode.window.createStatusBarItem('layerInsight.editCost', vscode.StatusBarAlignment.Left, 9),
    );
    this.item.name = vscode.l10n.t('Layer Insight: Cost of an Edit');
    const soon = () => {
      // the cost of another file is not shown meanwhile
      if (this.activeFile()?.toString() !== this.file) this.show([]);
      this.ask.soon();
    };
    this.store.add(vscode.window.onDidChangeActiveTextEditor(soon));
    this.store.add(server.onDidChangePrediction(soon));
    this.store.add(server.onDidChangeState(soon));
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(Setting.editCostEnabled)) soon();
      }),
    );
    this.ask.soon();
  }

  /** What is shown; none while it is hidden. */
  get shown(): ShownItem | undefined {
    return this.current;
  }

  dispose(): void {
    this.asking?.cancel();
    this.store.dispose();
  }

  /** The active editor's file, unless it is a Dockerfile: that one has an item of its own. */
  private activeFile(): vscode.Uri | undefined {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || document.uri.scheme !== 'file' || isDockerfile(document)) return undefined;
    return settingValue(Setting.editCostEnabled, false, document.uri) ? document.uri : undefined;
  }

  private async update(): Promise<void> {
    this.asking?.cancel();
    const uri = this.activeFile();
    this.file = uri?.toString();
    if (uri === undefined || this.server.state !== 'running') {
      this.show([]);
      return;
    }
    const asking = new vscode.CancellationTokenSource();
    this.asking = asking;
    try {
      const costs = await this.server.editCosts(uri.toString(), asking.token);
      if (!asking.token.isCancellationRequested && this.activeFile()?.toString() === this.file) this.show(costs);
    } catch (error) {
      this.log.debug(`Edit cost of ${uri.fsPath}: ${messageOf(error)}`);
    } finally {
      asking.dispose();
      if (this.asking === asking) this.asking = undefined;
    }
  }

  private show(costs: readonly EditCost[]): void {
    const [first] = [...costs].sort((a, b) => b.lastMs - a.lastMs || b.lines.length - a.lines.length);
    if (first === undefined) {
      this.current = undefined;
      this.item.hide();
      return;
    }
    const more = costs.length > 1 ? ` +${costs.length - 1}` : '';
    const label = vscode.l10n.t(
      'Saving this file makes rebuild: {0}. Show the steps',
      costs.map((cost) => cost.text).join('; '),
    );
    this.current = { text: `$(flame) ${first.text}${more}`, tooltip: label, accessibilityLabel: label };
    this.item.text = this.current.text;
    this.item.tooltip = label;
    this.item.accessibilityInformation = { label, role: 'button' };
    this.item.command = Command.showEditCost;
    this.item.show();
  }
}
