import * as vscode from 'vscode';
import type { BuildView } from '../../server/protocol';
import { DisposableStore } from '../disposables';
import { messageOf } from '../failure';
import { isRunning, type BuildsFeed } from './buildsFeed';

/** What `docker build` itself would leave when somebody presses Ctrl+C. */
const CANCELED_CODE = 130;

/** A build that runs; what it prints begins with its command. */
export interface BegunBuild {
  readonly id: string;
  /** Files of the build context that the builder does not see as they are on the screen. */
  readonly unsaved: readonly string[];
}

/** What a terminal does its work with. */
export interface TerminalParts {
  readonly feed: BuildsFeed;
  /** Begins the build. */
  readonly begin: () => Promise<BegunBuild>;
  readonly stop: (id: string) => Promise<void>;
  /** Text that builds print, of all of them. */
  readonly onDidPrint: vscode.Event<{ readonly id: string; readonly text: string }>;
  /** At the end, once: the build as it ended, or why there is none. */
  readonly ended: (build: BuildView | undefined, reason: string) => void;
}

/** The terminal of one build: what it prints, its exit code, and Ctrl+C. Closing it stops the build. */
export class BuildTerminal implements vscode.Pseudoterminal {
  private readonly store = new DisposableStore();
  private readonly written = this.store.add(new vscode.EventEmitter<string>());
  private readonly closed = this.store.add(new vscode.EventEmitter<number>());
  /** What came before the server said which build is ours. */
  private readonly early = new Map<string, string[]>();
  private id: string | undefined;
  private isStopping = false;
  private isEnded = false;

  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(private readonly parts: TerminalParts) {}

  open(): void {
    const { feed, onDidPrint } = this.parts;
    this.store.add(onDidPrint(({ id, text }) => this.print(id, text)));
    this.store.add(feed.onDidChange((view) => this.follow(view)));
    void this.begin();
  }

  close(): void {
    this.stop();
    // nobody reads any more; the end of the build is told by the feed
    this.end(this.id === undefined ? undefined : this.parts.feed.of(this.id), '', CANCELED_CODE);
  }

  handleInput(data: string): void {
    if (data.includes('\u0003')) this.stop();
  }

  private async begin(): Promise<void> {
    try {
      const { id, unsaved } = await this.parts.begin();
      this.id = id;
      if (unsaved.length > 0) {
        const words = vscode.l10n.t('Not saved, so the build does not see the changes of {0}', unsaved.join(', '));
        this.written.fire(`\x1b[33m${words}\x1b[0m\r\n`);
      }
      for (const text of this.early.get(id) ?? []) this.written.fire(text);
      this.early.clear();
      if (this.isStopping) this.stopBuild(id);
      const view = this.parts.feed.of(id);
      if (view !== undefined) this.follow(view);
    } catch (error) {
      const reason = messageOf(error);
      this.written.fire(`${reason.replace(/\r?\n/g, '\r\n')}\r\n`);
      this.end(undefined, error instanceof vscode.CancellationError ? '' : reason, 1);
    }
  }

  private print(id: string, text: string): void {
    if (id === this.id) this.written.fire(text);
    else if (this.id === undefined) this.early.set(id, [...(this.early.get(id) ?? []), text]);
  }

  private follow(view: BuildView): void {
    if (view.id !== this.id || isRunning(view)) return;
    const { state, exitCode } = view.live;
    if (state === 'lost') this.written.fire(`\r\n${vscode.l10n.t('The builder or the engine went away.')}\r\n`);
    if (view.summary !== '') this.written.fire(`\r\n${view.summary}\r\n`);
    this.end(view, '', state === 'succeeded' ? 0 : state === 'canceled' ? CANCELED_CODE : exitCode || 1);
  }

  private stop(): void {
    if (this.isStopping) return;
    this.isStopping = true;
    if (this.id !== undefined) this.stopBuild(this.id);
  }

  private stopBuild(id: string): void {
    // a build that is gone needs no stop
    this.parts.stop(id).catch(() => undefined);
  }

  private end(build: BuildView | undefined, reason: string, code: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.closed.fire(code);
    this.parts.ended(build, reason);
    this.store.dispose();
  }
}
