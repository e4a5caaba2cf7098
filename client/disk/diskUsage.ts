import * as vscode from 'vscode';
import type {
  ByteUnits,
  ContainerChanges,
  DiskPlan,
  DiskReport,
  ReclaimItem,
  ReclaimOutcome,
  UnusedKind,
} from '../../core/model';
import type { DiskMeasurement } from '../../server/protocol';
import { DisposableStore } from '../disposables';
import { messageOf } from '../failure';
import type { LanguageServer } from '../languageServer';
import type { KeptItems } from './keptItems';
import type { LastReport } from './lastReport';

/** Who shows disk usage; names itself when it comes on the screen and goes. */
export type DiskViewer = 'panel' | 'view';

/**
 * Disk usage as panel and view show it: one report for both. It is measured when somebody opens one of them for the
 * first time or asks for it, never by itself, and not while both are hidden.
 */
export class DiskUsage implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private readonly viewers = new Set<DiskViewer>();
  private last: { readonly report: DiskReport; readonly isOfThisWindow: boolean } | undefined;
  private running: { readonly source: vscode.CancellationTokenSource; readonly done: Promise<void> } | undefined;
  private restoring: Promise<void> | undefined;
  /** What was being measured when everything was hidden is measured when it is seen again. */
  private isSuspended = false;
  private isRemoving = false;

  /** Report or state are others now. */
  readonly onDidChange = this.changed.event;
  units: ByteUnits = 'si';
  /** Why there is no report; empty: nobody has measured yet. */
  message = '';
  /** What is being measured or removed. */
  progress = '';
  /** The engine has changed since the report. */
  isStale = false;

  constructor(
    private readonly server: LanguageServer,
    readonly kept: KeptItems,
    private readonly file: LastReport,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(kept.onDidChange(() => this.changed.fire()));
    this.store.add(
      server.onDidProgressDisk((text) => {
        this.progress = text;
        this.changed.fire();
      }),
    );
    this.store.add(
      server.onDidChangeDisk(() => {
        if (this.last === undefined || this.running !== undefined) return;
        this.isStale = true;
        this.changed.fire();
      }),
    );
    this.store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.message = '';
        if (this.viewers.size > 0) void this.measureFirst();
      }),
    );
  }

  get report(): DiskReport | undefined {
    return this.last?.report;
  }

  /** Something is measured or removed. */
  get isBusy(): boolean {
    return this.running !== undefined;
  }

  /** Keys of what is kept on the engine of the report. */
  get keptKeys(): readonly string[] {
    return this.report === undefined ? [] : this.kept.of(this.report.engine);
  }

  /** Somebody sees it now, or does not any more. */
  look(viewer: DiskViewer, isVisible: boolean): void {
    if (isVisible) this.viewers.add(viewer);
    else this.viewers.delete(viewer);
    if (this.viewers.size > 0 && this.isSuspended) void this.measure();
    if (this.viewers.size === 0 && this.running !== undefined && !this.isRemoving) {
      this.isSuspended = true;
      this.running.source.cancel();
    }
  }

  /** What a former window measured, if there is nothing newer. */
  restore(): Promise<void> {
    return (this.restoring ??= this.readLast());
  }

  /** Measures unless that was done in this window. */
  async measureFirst(): Promise<void> {
    if (this.last?.isOfThisWindow !== true) await this.measure();
  }

  /** Measures again if somebody sees what was measured before. */
  async measureIfSeen(): Promise<void> {
    if (this.viewers.size > 0) await this.measure();
  }

  /** Measures; if that is going on already, waits for it. */
  measure(): Promise<void> {
    if (this.running !== undefined) return this.running.done;
    this.isSuspended = false;
    if (!vscode.workspace.isTrusted) {
      this.message = vscode.l10n.t('This workspace is restricted: no engine is asked.');
      this.changed.fire();
      return Promise.resolve();
    }
    return this.run(async (token) => {
      const measured = await (await this.server.disk()).measure(token);
      this.take(measured);
    });
  }

  /** Ends what goes on; a removal after the item that it is at. */
  cancel(): void {
    this.running?.source.cancel();
  }

  changes(container: string): Promise<ContainerChanges | null> {
    return this.ask((disk) => disk.changes(container));
  }

  bindMountBytes(source: string): Promise<number | null> {
    return this.ask((disk) => disk.bindMountBytes(source));
  }

  plan(items: readonly ReclaimItem[] | UnusedKind): Promise<DiskPlan> {
    return this.ask((disk) => disk.plan(items, this.keptKeys));
  }

  /** Carries out a plan; undefined when it was stopped before the server answered. */
  async remove(plan: string): Promise<ReclaimOutcome | undefined> {
    // the bytes before it are those of the plan's own report
    await this.running?.done;
    let outcome: ReclaimOutcome | undefined;
    let failure: unknown;
    this.isRemoving = true;
    await this.run(async (token) => {
      try {
        const removal = await (await this.server.disk()).remove(plan, token);
        outcome = removal.outcome;
        if (removal.after.report !== null) this.take(removal.after);
        else this.isStale = true;
      } catch (error) {
        failure = error;
      }
    }).finally(() => {
      this.isRemoving = false;
    });
    if (failure !== undefined && !(failure instanceof vscode.CancellationError)) throw new Error(messageOf(failure));
    return outcome;
  }

  dispose(): void {
    this.running?.source.cancel();
    this.store.dispose();
  }

  private async ask<T>(question: (disk: Awaited<ReturnType<LanguageServer['disk']>>) => Promise<T>): Promise<T> {
    if (!vscode.workspace.isTrusted)
      throw new Error(vscode.l10n.t('This workspace is restricted: no engine is asked.'));
    return question(await this.server.disk());
  }

  /** Never rejects: what went wrong is the message. */
  private run(work: (token: vscode.CancellationToken) => Promise<void>): Promise<void> {
    const source = new vscode.CancellationTokenSource();
    const done = work(source.token)
      .catch((error: unknown) => {
        if (source.token.isCancellationRequested) return;
        this.log.warn(`Disk usage: ${messageOf(error)}`);
        this.message = messageOf(error);
      })
      .finally(() => {
        source.dispose();
        this.running = undefined;
        this.progress = '';
        this.changed.fire();
      });
    this.running = { source, done };
    this.changed.fire();
    return done;
  }

  private take({ report, message, units }: DiskMeasurement): void {
    this.message = message;
    this.units = units;
    // an older report with the reason why there is no newer one says more than the reason alone
    if (report === null) return;
    this.isStale = false;
    this.last = { report, isOfThisWindow: true };
    void this.file.write({ report, units });
  }

  private async readLast(): Promise<void> {
    if (this.last !== undefined || !vscode.workspace.isTrusted) return;
    const found = await this.file.read();
    if (found === undefined || this.report !== undefined) return;
    this.last = { report: found.report, isOfThisWindow: false };
    this.units = found.units;
    this.changed.fire();
  }
}
