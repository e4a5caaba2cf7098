import * as vscode from 'vscode';
import type { BuildHistory, PastBuildView } from '../../../server/protocol';
import { Color, View } from '../../contributions';
import { Delayed } from '../../delayed';
import { DisposableStore } from '../../disposables';
import type { CurrentDockerfile } from '../../dockerfiles';
import { messageOf } from '../../failure';
import type { LanguageServer } from '../../languageServer';

/** Milliseconds of quiet after which the list is asked for again: predictions come with every key that is pressed. */
const SETTLE = 1000;

/** A past build in the view. */
export interface PastBuildRow extends PastBuildView {
  /** Of the Dockerfile. */
  readonly uri: string;
}

function iconOf(result: PastBuildView['result']): vscode.ThemeIcon {
  switch (result) {
    case 'completed':
      return new vscode.ThemeIcon('pass', new vscode.ThemeColor(Color.cached));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor(Color.fails));
    case 'canceled':
    case 'unknown':
      return new vscode.ThemeIcon('circle-slash');
  }
}

/** The Builds view: past builds of the current Dockerfile. Nothing is asked while it is hidden. */
export class BuildsTree implements vscode.Disposable, vscode.TreeDataProvider<PastBuildRow> {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<undefined>());
  private readonly tree: vscode.TreeView<PastBuildRow>;
  private readonly soon = this.store.add(new Delayed(SETTLE, () => void this.refresh()));
  private rows: readonly PastBuildRow[] = [];
  private asked = 0;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly server: LanguageServer,
    private readonly dockerfile: CurrentDockerfile,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const options = { treeDataProvider: this, canSelectMany: true };
    this.tree = this.store.add(vscode.window.createTreeView(View.builds, options));
    this.store.add(this.tree.onDidChangeVisibility(() => void this.refresh()));
    this.store.add(dockerfile.onDidChange(() => void this.refresh()));
    this.store.add(
      server.onDidChangePrediction((uri) => {
        if (this.tree.visible && uri === this.dockerfile.uri?.toString()) this.soon.soon();
      }),
    );
  }

  get visible(): boolean {
    return this.tree.visible;
  }

  get onDidChangeVisibility(): vscode.Event<unknown> {
    return this.tree.onDidChangeVisibility;
  }

  /** The text above the rows. */
  get messageText(): string {
    return this.tree.message ?? '';
  }

  /** The rows now, asked for if nobody sees them: for commands and tests. */
  async list(): Promise<readonly PastBuildRow[]> {
    await this.ask();
    return this.rows;
  }

  getTreeItem(row: PastBuildRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.None);
    item.id = `${row.uri} ${row.ref}`;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.accessibilityInformation = { label: row.accessibilityLabel };
    item.contextValue = row.result === 'completed' ? 'build.completed' : 'build.failed';
    item.iconPath = iconOf(row.result);
    return item;
  }

  getChildren(row?: PastBuildRow): PastBuildRow[] {
    return row === undefined ? [...this.rows] : [];
  }

  dispose(): void {
    this.store.dispose();
  }

  private async refresh(): Promise<void> {
    if (this.tree.visible) await this.ask();
  }

  private async ask(): Promise<void> {
    const mine = ++this.asked;
    const { uri } = this.dockerfile;
    let history: BuildHistory = { message: vscode.l10n.t('Open a Dockerfile to see its past builds.'), builds: [] };
    if (!vscode.workspace.isTrusted) history = { message: '', builds: [] };
    else if (uri !== undefined) {
      try {
        history = await this.server.buildHistory(uri.toString());
      } catch (error) {
        this.log.warn(`Past builds: ${messageOf(error)}`);
        history = { message: messageOf(error), builds: [] };
      }
    }
    if (mine !== this.asked) return;
    this.rows = history.builds.map((build) => ({ ...build, uri: uri?.toString() ?? '' }));
    this.tree.message = history.message;
    this.changed.fire(undefined);
  }
}
