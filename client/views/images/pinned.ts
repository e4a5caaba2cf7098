import * as vscode from 'vscode';
import type { ImageNode, ImageViewOptions } from '../../../server/protocol';
import { messageOf } from '../../failure';
import type { LanguageServer } from '../../languageServer';
import type { ImageRow } from './node';

/** Images that are shown above those of the engine until they are closed: archives, layouts, images that it does not list. */
export class PinnedImages implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly names = new Set<string>();

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: LanguageServer) {}

  dispose(): void {
    this.changed.dispose();
  }

  /** Shows an image from now on, the newest one on top. */
  add(name: string): void {
    const others = [...this.names].filter((other) => other !== name);
    this.names.clear();
    for (const one of [name, ...others]) this.names.add(one);
    this.changed.fire();
  }

  remove(name: string): void {
    if (this.names.delete(name)) this.changed.fire();
  }

  /** Their rows; one that cannot be read has a row that says why, and can be closed as well. */
  rows(options: ImageViewOptions, token: vscode.CancellationToken): Promise<readonly ImageRow[]> {
    return Promise.all(
      [...this.names].map(async (name): Promise<ImageRow> => {
        const node = await this.node(name, options, token);
        return { node, parent: undefined, pinned: name };
      }),
    );
  }

  private async node(name: string, options: ImageViewOptions, token: vscode.CancellationToken): Promise<ImageNode> {
    try {
      return await (await this.server.images()).image(name, options, token);
    } catch (error) {
      if (error instanceof vscode.CancellationError) throw error;
      const label = name.slice(name.lastIndexOf('/') + 1);
      return {
        id: name,
        kind: 'notice',
        label,
        description: messageOf(error),
        tooltip: '',
        accessibilityLabel: `${label}: ${messageOf(error)}`,
        hasChildren: false,
      };
    }
  }
}
