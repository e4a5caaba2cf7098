import * as vscode from 'vscode';
import type { LayerFileChange } from '../../server/protocol';
import { Color, LAYER_SCHEME } from '../contributions';

interface Mark {
  readonly badge: string;
  readonly color: string;
  readonly tooltip: string;
}

/** A letter and a colour for what a layer does to a file; the description of the row says it in words. */
export class LayerDecorations implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly registration = vscode.window.registerFileDecorationProvider(this);

  dispose(): void {
    this.registration.dispose();
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== LAYER_SCHEME) return undefined;
    const mark = markOf(uri.fragment);
    return mark && new vscode.FileDecoration(mark.badge, mark.tooltip, new vscode.ThemeColor(mark.color));
  }
}

/**
 * The address of a row of a file. What the layer did is in the fragment, so that it need not be looked up; the file that
 * is opened has the address without.
 */
export function decorated(uri: vscode.Uri, change: LayerFileChange | undefined): vscode.Uri {
  return uri.with({ fragment: change ?? '' });
}

function markOf(change: string): Mark | undefined {
  switch (change) {
    case 'added':
      return { badge: 'A', color: Color.added, tooltip: vscode.l10n.t('Added by this layer') };
    case 'modified':
      return { badge: 'M', color: Color.modified, tooltip: vscode.l10n.t('Modified by this layer') };
    case 'removed':
      return { badge: 'D', color: Color.removed, tooltip: vscode.l10n.t('Removed by this layer') };
    default:
      return undefined;
  }
}
