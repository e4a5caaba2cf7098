import * as vscode from 'vscode';
import { ContextKeys } from '../../contextKeys';
import { ContextKey, View } from '../../contributions';
import type { DiskUsage } from '../../disk/diskUsage';
import { DisposableStore } from '../../disposables';
import { diskItem, diskRows, type DiskRow } from './node';

/** The Disk Usage view: the panel's report as a tree. Nothing is measured until it is opened. */
export class DiskTree implements vscode.Disposable, vscode.TreeDataProvider<DiskRow> {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<undefined>());
  private readonly keys = new ContextKeys();
  private readonly tree: vscode.TreeView<DiskRow>;
  private rows: readonly DiskRow[] = [];
  /** What the rows are of. */
  private shown: unknown;
  private progressDone: (() => void) | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly usage: DiskUsage) {
    this.tree = this.store.add(
      vscode.window.createTreeView(View.disk, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.store.add(this.tree.onDidChangeVisibility(() => void this.look()));
    this.store.add(usage.onDidChange(() => this.update()));
    this.update();
    void this.look();
  }

  /** The text above the rows, for tests. */
  get messageText(): string {
    return this.tree.message ?? '';
  }

  /** The rows, for tests. */
  get topRows(): readonly DiskRow[] {
    return this.rows;
  }

  getTreeItem(row: DiskRow): vscode.TreeItem {
    return diskItem(row);
  }

  getChildren(row?: DiskRow): DiskRow[] {
    return [...(row?.children ?? this.rows)];
  }

  dispose(): void {
    this.progressDone?.();
    this.store.dispose();
  }

  private async look(): Promise<void> {
    this.usage.look('view', this.tree.visible);
    if (!this.tree.visible) return;
    // a window that is loaded again with the view open shows what was measured before
    await this.usage.restore();
    if (this.usage.report === undefined && this.usage.message === '') await this.usage.measureFirst();
  }

  private update(): void {
    const { report, units, isBusy, isStale, message, progress } = this.usage;
    if (this.shown !== report) {
      this.shown = report;
      this.rows = report === undefined ? [] : diskRows(report, units);
      this.changed.fire(undefined);
    }
    this.keys.set(ContextKey.diskBusy, isBusy);
    this.showProgress(isBusy);
    this.tree.description = report === undefined ? '' : new Date(report.measuredAt).toLocaleTimeString();
    const stale = vscode.l10n.t('The engine has changed since it was measured.');
    this.tree.message = isBusy && progress !== '' ? progress : message !== '' ? message : isStale ? stale : '';
  }

  private showProgress(isBusy: boolean): void {
    if (isBusy === (this.progressDone !== undefined)) return;
    if (!isBusy) {
      this.progressDone?.();
      this.progressDone = undefined;
      return;
    }
    const ended = new Promise<void>((resolve) => {
      this.progressDone = resolve;
    });
    void vscode.window.withProgress({ location: { viewId: View.disk } }, () => ended);
  }
}
