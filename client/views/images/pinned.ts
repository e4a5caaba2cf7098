import * as vscode from 'vscode';
import type { ImageNode, ImageViewOptions } from '../../../server/protocol';
import { messageOf } from '../../failure';
import type { LanguageServer } from '../../languageServer';
import type { ImageRow } from './node';

const KEY = 'images.pinned';

/** Images that are shown above those of the engine until they are closed: archives, layouts, images of registries. */
export class PinnedImages implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly names: Set<string>;
  /** Those that a new window shows again. */
  private readonly kept: Set<string>;
  /** As they were shown last. */
  private readonly nodes = new Map<string, ImageNode>();

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: LanguageServer,
    private readonly memento: vscode.Memento,
  ) {
    const stored: unknown = memento.get(KEY);
    const names = Array.isArray(stored) ? stored.filter((name): name is string => typeof name === 'string') : [];
    this.names = new Set(names);
    this.kept = new Set(names);
  }

  dispose(): void {
    this.changed.dispose();
  }

  /**
   * Shows an image from now on, the newest one on top.
   *
   * @param isKept in the next window of this workspace as well: for what stays where it is when the engine changes
   */
  add(name: string, { isKept }: { readonly isKept: boolean }): void {
    const others = [...this.names].filter((other) => other !== name);
    this.names.clear();
    for (const one of [name, ...others]) this.names.add(one);
    if (isKept) this.kept.add(name);
    this.store();
    this.changed.fire();
  }

  remove(name: string): void {
    if (!this.names.delete(name)) return;
    this.kept.delete(name);
    this.nodes.delete(name);
    this.store();
    this.changed.fire();
  }

  /** Their rows as far as they are known; the others say that they are being read. */
  get rows(): readonly ImageRow[] {
    return [...this.names].map((name) => ({
      node: this.nodes.get(name) ?? noticeOf(name, vscode.l10n.t('being read')),
      parent: undefined,
      pinned: name,
    }));
  }

  /**
   * Asks for their rows anew; one that cannot be read has a row that says why, and can be closed as well.
   *
   * @param again registries are asked, too, whatever they said before
   * @param onRow is called with each new answer: one that takes long is not to hold up the others
   */
  async read(
    options: ImageViewOptions & { readonly again: boolean },
    token: vscode.CancellationToken,
    onRow: () => void,
  ): Promise<void> {
    await Promise.all(
      [...this.names].map(async (name) => {
        const node = await this.node(name, options, token);
        if (!this.names.has(name) || token.isCancellationRequested) return;
        const before = this.nodes.get(name);
        this.nodes.set(name, node);
        if (JSON.stringify(before) !== JSON.stringify(node)) onRow();
      }),
    );
  }

  private async node(
    name: string,
    options: ImageViewOptions & { readonly again: boolean },
    token: vscode.CancellationToken,
  ): Promise<ImageNode> {
    try {
      return await (await this.server.images()).image(name, options, token);
    } catch (error) {
      if (error instanceof vscode.CancellationError) throw error;
      return noticeOf(name, messageOf(error));
    }
  }

  private store(): void {
    const names = [...this.names].filter((name) => this.kept.has(name));
    void this.memento.update(KEY, names);
  }
}

function noticeOf(name: string, text: string): ImageNode {
  const label = name.slice(name.lastIndexOf('/') + 1);
  // a long path would leave no room for the reason
  const description = text.startsWith(name) ? text.slice(name.length).trim() : text;
  return {
    ...{ id: name, kind: 'notice', label, description, tooltip: text, hasChildren: false },
    accessibilityLabel: `${label}: ${description}`,
  };
}
