import * as vscode from 'vscode';
import type { LayersView } from '../../../server/protocol';
import { View } from '../../contributions';
import { Delayed } from '../../delayed';
import { DisposableStore } from '../../disposables';
import { isDockerfile, type CurrentDockerfile } from '../../dockerfiles';
import { messageOf } from '../../failure';
import type { LanguageServer } from '../../languageServer';
import type { StatusFeed } from '../../statusFeed';
import { isWithin, rowOfLine } from './cursor';
import { keyOf, type LayerRow } from './node';
import { LayersProvider } from './provider';

/** Milliseconds after which the view follows the cursor. */
const FOLLOW_AFTER_MS = 150;

/** The Layers view: asks the server when it is looked at and something changed. */
export class LayersTree implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly provider = this.store.add(new LayersProvider());
  private readonly tree: vscode.TreeView<LayerRow>;
  private shown: LayersView | undefined;
  /** Something changed since the last question. */
  private stale = true;
  private asking: vscode.CancellationTokenSource | undefined;
  /** Keys of rows that were folded and that the user opened, or the other way round. */
  private readonly toggled = new Set<string>();
  private readonly followSoon = this.store.add(new Delayed(FOLLOW_AFTER_MS, () => this.follow()));
  /** A line to show as soon as the view has an answer. */
  private wantedLine: { readonly uri: string; readonly line: number } | undefined;

  constructor(
    private readonly server: LanguageServer,
    private readonly dockerfile: CurrentDockerfile,
    private readonly feed: StatusFeed,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.tree = this.store.add(
      vscode.window.createTreeView(View.layers, { treeDataProvider: this.provider, showCollapseAll: true }),
    );
    this.store.add(
      this.tree.onDidChangeVisibility(() => {
        this.update();
        this.followSoon.soon();
      }),
    );
    this.store.add(this.tree.onDidExpandElement(({ element }) => this.noteToggled(element, element.node.collapsed)));
    this.store.add(this.tree.onDidCollapseElement(({ element }) => this.noteToggled(element, !element.node.collapsed)));
    this.store.add(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (isDockerfile(textEditor.document)) this.followSoon.soon();
      }),
    );
    this.store.add(feed.onDidChange(() => this.describe()));
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

  /** Label of the selected row, for tests. */
  get selectedRow(): string | undefined {
    return this.tree.selection[0]?.node.label;
  }

  /** The text above the rows, for tests. */
  get messageText(): string {
    return this.tree.message ?? '';
  }

  /** Shows the row of a 0-based line of a Dockerfile, opening the view and what is above the row. */
  async showLine(uri: string, line: number): Promise<void> {
    this.wantedLine = { uri, line };
    await vscode.commands.executeCommand(`${View.layers}.focus`);
    this.showWanted();
  }

  get visible(): boolean {
    return this.tree.visible;
  }

  get onDidChangeVisibility(): vscode.Event<unknown> {
    return this.tree.onDidChangeVisibility;
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
    this.showWanted();
    this.followSoon.soon();
  }

  /** Selects the row of the cursor's instruction. Only while the view is seen: revealing would open it. */
  private follow(): void {
    const editor = vscode.window.activeTextEditor;
    if (!this.tree.visible || editor === undefined || this.shown?.uri !== editor.document.uri.toString()) return;
    const isOpen = (stage: LayerRow) => this.toggled.has(keyOf(stage)) === stage.node.collapsed;
    const row = rowOfLine(this.provider.stages, editor.selection.active.line, isOpen);
    // who clicked on a cause of the instruction stays there
    if (row !== undefined && !isWithin(this.tree.selection[0], row)) this.reveal(row, false);
  }

  private showWanted(): void {
    const wanted = this.wantedLine;
    if (wanted === undefined || this.shown?.uri !== wanted.uri || !this.tree.visible) return;
    this.wantedLine = undefined;
    const row = rowOfLine(this.provider.stages, wanted.line, () => true);
    if (row !== undefined) this.reveal(row, true);
  }

  private reveal(row: LayerRow, focus: boolean): void {
    this.tree.reveal(row, { select: true, focus }).then(undefined, (error: unknown) => {
      // the tree was replaced meanwhile
      this.log.debug(`Layers view: ${messageOf(error)}`);
    });
  }

  private noteToggled(row: LayerRow, toggled: boolean): void {
    if (toggled) this.toggled.add(keyOf(row));
    else this.toggled.delete(keyOf(row));
  }

  private describe(): void {
    this.tree.description = this.shown?.title ?? '';
    this.tree.message = this.message();
  }

  /** Where the view's welcome content says it with a button there is no text: with one it would not show. */
  private message(): string {
    const { engine, state } = this.server;
    if (this.dockerfile.uri === undefined || state === 'failed') return '';
    const summary = [this.shown?.summary ?? '', ...this.unsaved()].filter((line) => line !== '').join(' · ');
    if (engine === undefined || engine.code === 'starting') return summary || vscode.l10n.t('Looking for the engine…');
    if (engine.code === 'ready') return summary;
    return this.provider.isEmpty ? '' : engine.message;
  }

  private unsaved(): readonly string[] {
    const uri = this.dockerfile.uri;
    if (uri === undefined || this.shown?.uri !== uri.toString()) return [];
    return (this.feed.of(uri)?.unsaved ?? []).map((text) => `⚠ ${text}`);
  }
}
