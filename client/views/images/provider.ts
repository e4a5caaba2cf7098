import * as vscode from 'vscode';
import type { ImageNode } from '../../../server/protocol';
import { DisposableStore } from '../../disposables';
import { messageOf } from '../../failure';
import { keyOf, itemOf, type ImageRow } from './node';

/** Asks for the nodes below one. */
export type AskChildren = (id: string, token: vscode.CancellationToken) => Promise<readonly ImageNode[]>;

interface Reading {
  readonly row: ImageRow;
  readonly source: vscode.CancellationTokenSource;
  readonly rows: Promise<readonly ImageRow[]>;
}

/** The rows that were asked for so far. What is below one is asked for when it is opened. */
export class ImagesProvider implements vscode.TreeDataProvider<ImageRow>, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<ImageRow | undefined>());
  private readonly readingChanged = this.store.add(new vscode.EventEmitter<void>());
  private roots: readonly ImageRow[] = [];
  private readonly known = new Map<string, readonly ImageRow[]>();
  private readonly reading = new Map<string, Reading>();
  /** Rows whose reading ended because the view was hidden. */
  private readonly suspended = new Map<string, ImageRow>();

  readonly onDidChangeTreeData = this.changed.event;
  /** A reading began or ended. */
  readonly onDidChangeReading = this.readingChanged.event;

  constructor(
    private readonly ask: AskChildren,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The rows of images. */
  get images(): readonly ImageRow[] {
    return this.roots;
  }

  get isReading(): boolean {
    return this.reading.size > 0;
  }

  /** Replaces the tree; stable ids keep what is open and selected. What is being read goes on. */
  show(roots: readonly ImageRow[]): void {
    if (roots.length === 0 && this.roots.length === 0) return;
    this.roots = roots;
    this.known.clear();
    this.changed.fire(undefined);
  }

  /** Ends everything that is being read; whoever opened it is told in its place. */
  stop(): void {
    for (const { source } of this.reading.values()) source.cancel();
  }

  /** The same, to go on with it at {@link resume}. */
  suspend(): void {
    for (const [key, { row }] of this.reading) this.suspended.set(key, row);
    this.stop();
  }

  resume(): void {
    const keys = [...this.suspended.keys()];
    this.suspended.clear();
    keys.forEach((key) => this.readAgain(key));
  }

  /** Asks anew what is below a row. */
  readAgain(key: string): void {
    const row = this.find(key);
    if (row === undefined) return;
    this.known.delete(key);
    this.changed.fire(row);
  }

  /** Asks anew for the steps of images: other instructions made them. Their files stay as they are. */
  readSteps(): void {
    for (const key of [...this.known.keys()]) {
      const row = this.find(key);
      if (row === undefined || (row.node.kind !== 'image' && row.node.kind !== 'base')) continue;
      this.known.delete(key);
      this.changed.fire(row);
    }
  }

  /** A row that was asked for. */
  find(key: string): ImageRow | undefined {
    const all = [this.roots, ...this.known.values()];
    for (const rows of all) for (const row of rows) if (keyOf(row) === key) return row;
    return undefined;
  }

  getTreeItem(row: ImageRow): vscode.TreeItem {
    return itemOf(row);
  }

  async getChildren(row?: ImageRow): Promise<ImageRow[]> {
    if (row === undefined) return [...this.roots];
    return [...(this.known.get(keyOf(row)) ?? (await this.read(row)))];
  }

  getParent(row: ImageRow): ImageRow | undefined {
    return row.parent;
  }

  dispose(): void {
    this.stop();
    this.store.dispose();
  }

  /** Asks once, however often the tree wants to know. */
  private read(row: ImageRow): Promise<readonly ImageRow[]> {
    const key = keyOf(row);
    const running = this.reading.get(key);
    if (running !== undefined && !running.source.token.isCancellationRequested) return running.rows;
    const source = new vscode.CancellationTokenSource();
    const reading: Reading = { row, source, rows: this.children(row, source.token) };
    this.reading.set(key, reading);
    this.readingChanged.fire();
    return reading.rows.finally(() => {
      source.dispose();
      if (this.reading.get(key) === reading) this.reading.delete(key);
      this.readingChanged.fire();
    });
  }

  private async children(row: ImageRow, token: vscode.CancellationToken): Promise<readonly ImageRow[]> {
    const key = keyOf(row);
    const { pinned } = row;
    try {
      const nodes = await this.ask(row.node.id, token);
      const rows = nodes.map((node): ImageRow => ({ node, parent: row, pinned }));
      this.known.set(key, rows);
      return rows;
    } catch (error) {
      const isEnded = token.isCancellationRequested;
      const text = isEnded ? vscode.l10n.t('Reading was stopped') : messageOf(error);
      if (!isEnded) this.log.warn(`Below ${row.node.label}: ${text}`);
      return [{ node: noticeOf(row.node, text), parent: row, pinned, readAgain: key }];
    }
  }
}

function noticeOf({ id }: ImageNode, text: string): ImageNode {
  const description = vscode.l10n.t('select to read again');
  return {
    id: `${id}#notice`,
    kind: 'notice',
    label: text,
    description,
    tooltip: '',
    accessibilityLabel: `${text}, ${description}`,
    hasChildren: false,
  };
}
