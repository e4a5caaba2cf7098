import * as vscode from 'vscode';
import type { ImageViewOptions, LayerFileChange } from '../../../server/protocol';
import { ContextKeys } from '../../contextKeys';
import { ContextKey } from '../../contributions';

const KEY = 'images.options';
const INITIAL: ImageViewOptions = { cumulative: false, sortBy: 'size', hidden: [] };

/** All that a layer may do to a file, in the order in which it is offered. */
export const CHANGES: readonly LayerFileChange[] = ['added', 'modified', 'removed', 'unmodified'];

/** How the Images view lists images and files; remembered for the workspace. */
export class ImageOptions implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly keys = new ContextKeys();
  private options: ImageViewOptions;

  readonly onDidChange = this.changed.event;

  constructor(private readonly memento: vscode.Memento) {
    this.options = { ...INITIAL, ...memento.get<Partial<ImageViewOptions>>(KEY) };
    this.writeKeys();
  }

  get current(): ImageViewOptions {
    return this.options;
  }

  /** Changes some of them; the rest stays. */
  async set(some: Partial<ImageViewOptions>): Promise<void> {
    this.options = { ...this.options, ...some };
    this.writeKeys();
    this.changed.fire();
    await this.memento.update(KEY, this.options);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private writeKeys(): void {
    this.keys.set(ContextKey.imagesCumulative, this.options.cumulative);
    this.keys.set(ContextKey.imagesSortBy, this.options.sortBy);
  }
}
