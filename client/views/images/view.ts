import * as vscode from 'vscode';
import type { ImagesView } from '../../../server/protocol';
import { ContextKeys } from '../../contextKeys';
import { ContextKey, Setting, View } from '../../contributions';
import { Delayed } from '../../delayed';
import { DisposableStore } from '../../disposables';
import { messageOf } from '../../failure';
import type { LayerPlace } from '../../imageRequests';
import type { LanguageServer } from '../../languageServer';
import type { ImageRow } from './node';
import { ImageOptions } from './options';
import { PinnedImages } from './pinned';
import { ImagesProvider } from './provider';

/** A build changes several images: one question is enough. */
const PAUSE_MS = 300;

/** How far below an image its layers may be: in the group of the base, below a step. */
const LAYER_DEPTH = 3;

/** The Images view: asks the server when it is looked at and something changed. */
export class ImagesTree implements vscode.Disposable {
  private readonly store = new DisposableStore();
  readonly options: ImageOptions;
  /** Images that were opened by name or path and are shown above those of the engine. */
  readonly pinned: PinnedImages;
  private readonly provider: ImagesProvider;
  private readonly tree: vscode.TreeView<ImageRow>;
  private readonly keys = new ContextKeys();
  private readonly refreshSoon = this.store.add(new Delayed(PAUSE_MS, () => this.refresh()));
  private shown: ImagesView | undefined;
  /** Why the server could not be asked. */
  private failure = '';
  private progress = '';
  /** Something changed since the last question. */
  private stale = true;
  /** The user asked for it. */
  private again = false;
  private asking: { readonly source: vscode.CancellationTokenSource; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly server: LanguageServer,
    private readonly log: vscode.LogOutputChannel,
    memento: vscode.Memento,
  ) {
    this.options = this.store.add(new ImageOptions(memento));
    this.pinned = this.store.add(new PinnedImages(server, memento));
    const ask = async (id: string, token: vscode.CancellationToken) =>
      (await server.images()).children(id, this.options.current, token);
    this.provider = this.store.add(new ImagesProvider(ask, log));
    this.tree = this.store.add(
      vscode.window.createTreeView(View.images, { treeDataProvider: this.provider, showCollapseAll: true }),
    );
    this.store.add(this.tree.onDidChangeVisibility(() => this.changeVisibility()));
    this.store.add(this.provider.onDidChangeReading(() => this.changeReading()));
    this.store.add(this.options.onDidChange(() => this.changeOptions()));
    this.store.add(this.pinned.onDidChange(() => this.refresh()));
    this.store.add(server.onDidChangeImages(() => this.refreshSoon.soon()));
    this.store.add(server.onDidChangeMakers(() => this.provider.readSteps()));
    this.store.add(server.onDidChangeState(() => this.changeServer()));
    this.store.add(
      server.onDidProgressImage((text) => {
        this.progress = text;
        this.describe();
      }),
    );
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        // images of registries may be asked for now, or not any more
        if (change.affectsConfiguration(Setting.networkLookups)) this.refreshSoon.soon();
      }),
    );
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.refresh()));
    void this.update();
  }

  get visible(): boolean {
    return this.tree.visible;
  }

  get onDidChangeVisibility(): vscode.Event<unknown> {
    return this.tree.onDidChangeVisibility;
  }

  /** The text above the rows, for tests. */
  get messageText(): string {
    return this.tree.message ?? '';
  }

  /** The row that the user is on. */
  get selection(): ImageRow | undefined {
    return this.tree.selection[0];
  }

  /** The row that a menu hands over, or that a key names. */
  rowOf(item: unknown): ImageRow | undefined {
    if (typeof item === 'string') return this.provider.find(item);
    return isRow(item) ? item : undefined;
  }

  /** The rows of images, asked for if they are not known; of the hidden view, too. */
  async images(): Promise<readonly ImageRow[]> {
    await this.asking?.done;
    await this.update(true);
    return this.provider.images;
  }

  /** The rows below one. */
  async children(key: string): Promise<readonly ImageRow[]> {
    const row = this.provider.find(key);
    return row === undefined ? [] : this.provider.getChildren(row);
  }

  /** Asks anew for everything that is shown; `again`: registries as well, whatever they said before. */
  refresh(again = false): void {
    this.stale = true;
    this.again ||= again;
    void this.update();
  }

  /** Ends what is being read. */
  stop(): void {
    this.provider.stop();
  }

  readAgain(key: string): void {
    this.provider.readAgain(key);
  }

  /** Selects the row of an image by what the server calls it; false if it is not in the list. */
  async showImage(image: string): Promise<boolean> {
    const row = await this.imageRow(image);
    if (row === undefined) return false;
    await this.reveal(row);
    return true;
  }

  /** Selects the row of an image that was opened by its name, in the view that is opened for it. */
  async showPinned(name: string): Promise<void> {
    await vscode.commands.executeCommand(`${View.images}.focus`);
    const row = (await this.images()).find(({ pinned }) => pinned === name);
    if (row !== undefined) await this.reveal(row);
  }

  /** Selects the row of a layer; that of its image when the layer is not found below it. */
  async showLayer({ image, layer }: LayerPlace): Promise<boolean> {
    const id = image.image ?? image.id;
    if ((await this.imageRow(id)) === undefined) this.pinned.add(id, { isKept: false });
    const row = await this.imageRow(id);
    if (row === undefined) return false;
    await this.reveal((await this.below(row, layer.id, LAYER_DEPTH)) ?? row);
    return true;
  }

  dispose(): void {
    this.asking?.source.cancel();
    this.store.dispose();
  }

  private async imageRow(image: string): Promise<ImageRow | undefined> {
    return (await this.images()).find((row) => row.node.image === image || row.node.id === image);
  }

  private async below(row: ImageRow, id: string, depth: number): Promise<ImageRow | undefined> {
    const children = await this.provider.getChildren(row);
    const found = children.find(({ node }) => node.id === id);
    if (found !== undefined || depth <= 1) return found;
    for (const child of children) {
      // the files of other layers are not opened for this
      if (!child.node.hasChildren || child.node.kind === 'layer') continue;
      const deeper = await this.below(child, id, depth - 1);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }

  private async reveal(row: ImageRow): Promise<void> {
    await this.tree.reveal(row, { select: true, focus: true, expand: true });
  }

  private changeVisibility(): void {
    if (this.tree.visible) {
      this.provider.resume();
      void this.update();
      return;
    }
    // nobody waits for it any more
    this.provider.suspend();
    this.asking?.source.cancel();
  }

  private changeServer(): void {
    if (this.server.state === 'failed') this.show(undefined);
    // a question that is under way started it
    if (this.server.state === 'running' && this.asking === undefined) this.refreshSoon.soon();
  }

  private changeReading(): void {
    if (!this.provider.isReading) this.progress = '';
    this.keys.set(ContextKey.imagesReading, this.provider.isReading);
    this.describe();
  }

  private changeOptions(): void {
    // answers for other options are not waited for
    this.provider.stop();
    this.asking?.source.cancel();
    this.refresh();
  }

  /** Asks once at a time; what changes meanwhile is asked for afterwards. */
  private update(isWanted = this.tree.visible): Promise<void> {
    if (this.asking !== undefined) return this.asking.done;
    if (!this.stale || !isWanted || !vscode.workspace.isTrusted || this.server.state === 'failed') {
      return Promise.resolve();
    }
    this.stale = false;
    const source = new vscode.CancellationTokenSource();
    const done = this.ask(source.token).finally(() => {
      source.dispose();
      this.asking = undefined;
      void this.update();
    });
    this.asking = { source, done };
    void vscode.window.withProgress({ location: { viewId: View.images } }, () => done);
    return done;
  }

  private async ask(token: vscode.CancellationToken): Promise<void> {
    const { again } = this;
    this.again = false;
    try {
      const images = await this.server.images();
      const options = this.options.current;
      const list = async (): Promise<void> => {
        const view = await images.list(options, token);
        this.failure = '';
        this.show(view);
      };
      // what takes long to be read does not hold up the others
      await Promise.all([list(), this.pinned.read({ ...options, again }, token, () => this.showRows())]);
    } catch (error) {
      if (token.isCancellationRequested) {
        this.stale = true;
        this.again ||= again;
        return;
      }
      this.log.warn(`Images: ${messageOf(error)}`);
      this.failure = messageOf(error);
      this.show(undefined);
    }
  }

  private show(view: ImagesView | undefined): void {
    this.shown = view;
    this.showRows();
    this.keys.set(
      ContextKey.imagesEmpty,
      view !== undefined && view.message === '' && this.provider.images.length === 0,
    );
    this.describe();
  }

  private showRows(): void {
    const nodes = this.shown?.nodes ?? [];
    const listed = nodes.map((node): ImageRow => ({ node, parent: undefined, pinned: undefined }));
    this.provider.show([...this.pinned.rows, ...listed]);
  }

  /** Where the view's welcome content says it with a button there is no text: with one it would not show. */
  private describe(): void {
    this.tree.description = this.shown?.engine ?? '';
    this.tree.message = this.provider.isReading && this.progress !== '' ? this.progress : this.message();
  }

  private message(): string {
    if (!vscode.workspace.isTrusted || this.server.state === 'failed') return '';
    return this.shown?.message ?? this.failure;
  }
}

function isRow(item: unknown): item is ImageRow {
  return typeof item === 'object' && item !== null && 'node' in item && 'pinned' in item;
}
