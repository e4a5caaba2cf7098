import * as vscode from 'vscode';
import type { BuildsFeed } from '../builds/buildsFeed';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';
import type { StatusFeed } from '../statusFeed';
import { AccuracyStatus } from './accuracyStatus';
import { DiskStatus } from './diskStatus';
import { EditCostItem } from './editCostItem';
import { EngineStatus } from './engineStatus';
import { LineMarks } from './lineMarks';
import type { Shown } from './shown';
import { SummaryItem } from './summaryItem';
import { UnsavedFiles } from './unsavedFiles';

/** What surfaces stand on. */
export interface SurfacesParts {
  readonly server: LanguageServer;
  readonly feed: StatusFeed;
  readonly builds: BuildsFeed;
  readonly log: vscode.LogOutputChannel;
  readonly extensionUri: vscode.Uri;
}

/** Everything that waits for the first Dockerfile: gutter, status bar, language status, unsaved files. */
export class Surfaces implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly summary: SummaryItem;
  private readonly editCost: EditCostItem;
  private readonly language: EngineStatus;
  private readonly accuracy: AccuracyStatus;

  constructor(private readonly parts: SurfacesParts) {
    const { server, feed, builds, log, extensionUri } = parts;
    this.store.add(new LineMarks(feed, vscode.Uri.joinPath(extensionUri, 'client', 'media', 'gutter')));
    this.summary = this.store.add(new SummaryItem(feed, server, builds));
    this.language = this.store.add(new EngineStatus(feed, server));
    this.accuracy = this.store.add(new AccuracyStatus(feed));
    this.store.add(new DiskStatus());
    this.editCost = this.store.add(new EditCostItem(server, log));
    this.store.add(new UnsavedFiles(server));
  }

  /** For tests. */
  get shown(): Pick<Shown, 'status' | 'summary' | 'editCost' | 'language' | 'accuracy'> {
    const { feed } = this.parts;
    const uri = feed.seen;
    return {
      status: uri && feed.of(uri),
      summary: this.summary.shown,
      editCost: this.editCost.shown,
      language: this.language.shown,
      accuracy: this.accuracy.shown,
    };
  }

  dispose(): void {
    this.store.dispose();
  }
}
