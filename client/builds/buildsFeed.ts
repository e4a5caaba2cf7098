import * as vscode from 'vscode';
import type { BuildState } from '../../core/model';
import type { BuildView } from '../../server/protocol';
import { ContextKeys } from '../contextKeys';
import { ContextKey } from '../contributions';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';

/** Builds that are remembered; the server has their logs. */
const MAX_BUILDS = 50;

/** Whether a build goes on. */
export function isRunning({ live }: BuildView): boolean {
  const going: readonly BuildState[] = ['starting', 'running'];
  return going.includes(live.state);
}

/** The builds of this window as far as they are, newest first. */
export class BuildsFeed implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<BuildView>());
  private readonly keys = new ContextKeys();
  private views: readonly BuildView[] = [];

  /** A build began, is further, or ended. */
  readonly onDidChange = this.changed.event;

  constructor(server: LanguageServer) {
    this.store.add(server.onDidChangeBuild((view) => this.take(view)));
    this.store.add(
      server.onDidChangeState((state) => {
        if (state !== 'running') this.loseAll();
      }),
    );
    this.writeKeys();
  }

  get all(): readonly BuildView[] {
    return this.views;
  }

  get running(): readonly BuildView[] {
    return this.views.filter(isRunning);
  }

  of(id: string): BuildView | undefined {
    return this.views.find((view) => view.id === id);
  }

  /** The newest build of a Dockerfile. */
  latestOf(uri: string): BuildView | undefined {
    return this.views.find((view) => view.uri === uri);
  }

  dispose(): void {
    this.store.dispose();
  }

  private take(view: BuildView): void {
    this.views = this.views.some(({ id }) => id === view.id)
      ? this.views.map((one) => (one.id === view.id ? view : one))
      : [view, ...this.views].slice(0, MAX_BUILDS);
    this.writeKeys();
    this.changed.fire(view);
  }

  /** Builds end with the server that runs them, and a new one knows nothing of them. */
  private loseAll(): void {
    const lost = this.running.map((view): BuildView => {
      const { live } = view;
      const steps = live.steps.map((step) =>
        step.state === 'running' ? ({ ...step, state: 'canceled' } as const) : step,
      );
      const durationMs = Date.now() - live.startedAt;
      return { ...view, live: { ...live, state: 'lost', durationMs, steps } };
    });
    this.views = [];
    this.writeKeys();
    for (const view of lost) this.changed.fire(view);
  }

  private writeKeys(): void {
    this.keys.set(ContextKey.building, this.running.length > 0);
    this.keys.set(ContextKey.hasBuild, this.views.length > 0);
  }
}
