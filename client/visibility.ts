import * as vscode from 'vscode';
import { Setting } from './contributions';
import { DisposableStore } from './disposables';
import { dockerfileEditors } from './dockerfiles';
import type { LanguageServer } from './languageServer';
import { settingValue } from './settings';

/** A view of ours that may be on the screen. */
interface Visible {
  readonly visible: boolean;
  readonly onDidChangeVisibility: vscode.Event<unknown>;
}

/** Tells the server whether somebody sees its answers: nothing is asked again and again for nobody. */
export class Visibility implements vscode.Disposable {
  private readonly store = new DisposableStore();
  /** What the server believes until it is told. */
  private told = true;

  constructor(
    private readonly server: LanguageServer,
    private readonly views: readonly Visible[],
  ) {
    const update = () => this.update();
    this.store.add(vscode.window.onDidChangeVisibleTextEditors(update));
    for (const view of views) this.store.add(view.onDidChangeVisibility(update));
    this.store.add(
      server.onDidChangeState((state) => {
        if (state !== 'running') return;
        this.told = true;
        this.update();
      }),
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  private update(): void {
    // with this setting the status bar speaks of any file
    const isAnyFile = settingValue(Setting.editCostEnabled, false) && vscode.window.visibleTextEditors.length > 0;
    const isViewSeen = this.views.some((view) => view.visible);
    const visible = isViewSeen || isAnyFile || dockerfileEditors().length > 0;
    if (visible === this.told || this.server.state !== 'running') return;
    this.told = visible;
    this.server.visibility(visible);
  }
}
