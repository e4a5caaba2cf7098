import * as vscode from 'vscode';
import type { LayersView } from '../../../server/protocol';
import { DisposableStore } from '../../disposables';
import { itemOf, rowsOf, type LayerRow } from './node';

/** Holds the last answer of the server as a tree. */
export class LayersProvider implements vscode.TreeDataProvider<LayerRow>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<undefined>());
  private rows: readonly LayerRow[] = [];

  readonly onDidChangeTreeData = this.changed.event;

  /** Whether there is nothing to show. */
  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  /** The rows without parents: stages. */
  get stages(): readonly LayerRow[] {
    return this.rows;
  }

  /** Replaces the whole tree; stable ids keep what is open and selected. */
  show(view: LayersView | undefined): void {
    if (view === undefined && this.isEmpty) return;
    this.rows = view === undefined ? [] : rowsOf(view);
    this.changed.fire(undefined);
  }

  getTreeItem(row: LayerRow): vscode.TreeItem {
    return itemOf(row);
  }

  getChildren(row?: LayerRow): LayerRow[] {
    return [...(row === undefined ? this.rows : row.children)];
  }

  getParent(row: LayerRow): LayerRow | undefined {
    return row.parent;
  }

  dispose(): void {
    this.store.dispose();
  }
}
