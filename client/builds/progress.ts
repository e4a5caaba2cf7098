import * as vscode from 'vscode';
import type { BuildView } from '../../server/protocol';
import { DisposableStore } from '../disposables';
import { isRunning, type BuildsFeed } from './buildsFeed';
import type { BuildRunner } from './runner';
import { bytesWords } from './words';

/** How far a build is: instructions of those that it needs. */
export interface BuildCounts {
  readonly done: number;
  readonly all: number;
}

/** What of a build is done. */
export function countsOf({ live }: BuildView): BuildCounts {
  const needed = live.steps.filter(({ state }) => state !== 'unused' && state !== 'no-layer');
  const over = needed.filter(({ state }) => state !== 'waiting' && state !== 'running');
  return { done: over.length, all: needed.length };
}

/** What a build does now, in a few words: `RUN npm ci`, or what it transfers. */
export function nowWords(view: BuildView): string {
  const running = view.live.steps.filter(({ state }) => state === 'running').at(-1);
  if (running !== undefined) return running.text.length > 50 ? `${running.text.slice(0, 49)}…` : running.text;
  const besides = view.live.besides.at(-1);
  return besides === undefined ? '' : `${besides.what} ${bytesWords(besides, view.units)}`;
}

/** A notification for each build that runs, by which it can be stopped. */
export class BuildProgress implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly waiting = new Map<string, vscode.Disposable>();

  constructor(
    private readonly runner: BuildRunner,
    private readonly feed: BuildsFeed,
  ) {
    this.store.add(runner.onDidBegin((id) => this.show(id)));
  }

  dispose(): void {
    this.store.dispose();
  }

  private show(id: string): void {
    const first = this.feed.of(id);
    if (first === undefined) {
      // the first news of it has its name
      const listening = this.store.add(this.feed.onDidChange((view) => view.id === id && this.show(id)));
      this.waiting.set(id, listening);
      return;
    }
    this.waiting.get(id)?.dispose();
    this.waiting.delete(id);
    if (!isRunning(first)) return;
    const title = vscode.l10n.t('Building {0}', first.title);
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => this.follow(id, progress, token));
  }

  private follow(
    id: string,
    progress: vscode.Progress<{ readonly message: string; readonly increment: number }>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    return new Promise((resolve) => {
      const store = new DisposableStore();
      let reported = 0;
      const report = (view: BuildView) => {
        if (view.id !== id) return;
        if (!isRunning(view)) {
          store.dispose();
          return;
        }
        const { done, all } = countsOf(view);
        const percent = all === 0 ? 0 : (100 * done) / all;
        const message = [`${done}/${all}`, nowWords(view)].filter((part) => part !== '').join(' · ');
        progress.report({ message, increment: percent - reported });
        reported = percent;
      };
      store.add(this.feed.onDidChange(report));
      store.add(token.onCancellationRequested(() => void this.runner.stop(id).catch(() => undefined)));
      // a window that closes while it builds
      store.add({ dispose: resolve });
      this.store.add(store);
      const view = this.feed.of(id);
      if (view !== undefined) report(view);
    });
  }
}
