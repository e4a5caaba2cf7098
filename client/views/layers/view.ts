import * as vscode from 'vscode';
import type { LayersView } from '../../../server/protocol';
import { View } from '../../contributions';
import { DisposableStore } from '../../disposables';
import type { CurrentDockerfile } from '../../dockerfiles';
import { messageOf } from '../../failure';
import type { LanguageServer } from '../../languageServer';
import type { LayerRow } from './node';
import { LayersProvider } from './provider';

/** The Layers view: asks the server when it is looked at and something changed. */
export class LayersTree implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly provider = this.store.add(new LayersProvider());
  private readonly tree: vscode.TreeView<LayerRow>;
  private shown: LayersView | undefined;
  /** Something changed since the last question. */
  private stale = true;
  private asking: vscode.CancellationTokenSource | undefined;

  constructor(
    private readonly server: LanguageServer,
    private readonly dockerfile: CurrentDockerfile,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.tree = this.store.add(
      vscode.window.createTreeView(View.layers, { treeDataProvider: this.provider, showCollapseAll: true }),
    );
    this.store.add(this.tree.onDidChangeVisibility(() => this.update()));
    this.store.add(dockerfile.onDidChange(() => this.changeDockerfile()));
    this.store.add(server.onDidChangeEngine(() => this.describe()));
    this.store.add(server.onDidChangeState(() => this.changeServer()));
    this.store.add(
      server.onDidChangePrediction((uri) => {
        if (uri === dockerfile.uri?.toString()) this.refresh();
      }),
    );
    this.update();
  }

  dispose(): void {
    this.asking?.cancel();
    this.store.dispose();
  }

  private changeDockerfile(): void {
    // An answer about another Dockerfile is not waited for.
    this.asking?.cancel();
    this.asking = undefined;
    // The old tree stays until the new one is there: no flicker when editors are switched.
    if (this.dockerfile.uri === undefined) this.show(undefined);
    this.refresh();
  }

  private changeServer(): void {
    if (this.server.state === 'failed') this.show(undefined);
    if (this.server.state === 'running') this.refresh();
    else this.describe();
  }

  private refresh(): void {
    this.stale = true;
    this.update();
  }

  /** Asks once at a time; what changes meanwhile is asked for afterwards. */
  private update(): void {
    const uri = this.dockerfile.uri;
    if (!this.stale || !this.tree.visible || this.asking || uri === undefined || this.server.state === 'failed') return;
    this.stale = false;
    const asking = new vscode.CancellationTokenSource();
    this.asking = asking;
    const answer = this.server.layers(uri.toString(), asking.token);
    if (this.provider.isEmpty) {
      const done = answer.then(
        () => undefined,
        () => undefined,
      );
      void vscode.window.withProgress({ location: { viewId: View.layers } }, () => done);
    }
    answer
      .then(
        (view) => {
          if (this.asking === asking) this.show(view);
        },
        (error: unknown) => {
          if (this.asking !== asking) return;
          this.log.warn(`Layers of ${uri.fsPath}: ${messageOf(error)}`);
          // better nothing than the layers of another file
          if (this.shown?.uri !== uri.toString()) this.show(undefined);
        },
      )
      .finally(() => {
        asking.dispose();
        if (this.asking !== asking) return;
        this.asking = undefined;
        this.update();
      });
  }

  private show(view: LayersView | undefined): void {
    this.shown = view;
    this.provider.show(view);
    this.describe();
  }

  private describe(): void {
    this.tree.description = this.shown?.title ?? '';
    this.tree.message = this.message();
  }

  /** Where the view's welcome content says it with buttons there is no text: with one it would not show. */
  private message(): string {
    const { engine, state } = this.server;
    if (this.dockerfile.uri === undefined || state === 'failed') return '';
    const summary = this.shown?.summary ?? '';
    if (engine === undefined || engine.code === 'starting') return summary || vscode.l10n.t('Looking for the engine…');
    if (engine.code === 'ready') return summary;
    return this.provider.isEmpty ? '' : engine.message;
  }
}
