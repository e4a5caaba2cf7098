import * as vscode from 'vscode';
import type { ImageNode, ImageNodeKind } from '../../../server/protocol';
import { InternalCommand } from '../../contributions';
import { decorated } from '../../files/layerDecorations';
import { layerUri } from '../../files/layerUri';

/** A row with its place in the tree. */
export interface ImageRow {
  readonly node: ImageNode;
  readonly parent: ImageRow | undefined;
  /** The name under which an image was opened that is shown above the list of the engine, an archive for example. */
  readonly pinned: string | undefined;
  /** A row of our own about rows that are not there: the key of the one to read again. */
  readonly readAgain?: string;
}

/** An image may be in the list and above it, with equal rows below. */
export function keyOf({ node, pinned }: ImageRow): string {
  return pinned === undefined ? node.id : `${pinned} ${node.id}`;
}

/** The row of the image that a row belongs to. */
export function imageRowOf(row: ImageRow): ImageRow {
  let at = row;
  while (at.parent !== undefined) at = at.parent;
  return at;
}

/** What a row's image is asked for by. */
export function imageOf(row: ImageRow): string {
  return row.node.image ?? row.pinned ?? imageRowOf(row).node.image ?? imageRowOf(row).node.label;
}

/** The address of the file of a row; of a removed one that which the layer below had. */
export function uriOf(row: ImageRow): vscode.Uri | undefined {
  const { layer, path, change, olderLayer } = row.node;
  if (layer === undefined || path === undefined) return undefined;
  return uriIn(row, change === 'removed' ? (olderLayer ?? layer) : layer);
}

/** The address of what another layer has at the path of a row. */
export function olderUriOf(row: ImageRow): vscode.Uri | undefined {
  return row.node.olderLayer === undefined ? undefined : uriIn(row, row.node.olderLayer);
}

function uriIn(row: ImageRow, layer: number): vscode.Uri {
  return layerUri(imageRowOf(row).node.label, { image: imageOf(row), layer, path: row.node.path ?? '' });
}

const ICONS: Readonly<Record<ImageNodeKind, string>> = {
  image: 'package',
  base: 'versions',
  step: 'dash',
  layer: 'layers',
  folder: 'folder',
  file: 'file',
  group: 'list-tree',
  notice: 'info',
};

/** How the editor shows a row. */
export function itemOf(row: ImageRow): vscode.TreeItem {
  const { node } = row;
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.label, node.hasChildren ? Collapsed : None);
  item.id = keyOf(row);
  item.description = node.description;
  item.tooltip = new vscode.MarkdownString(node.tooltip);
  item.tooltip.isTrusted = false;
  item.accessibilityInformation = { label: node.accessibilityLabel };
  item.contextValue = contextOf(row);
  item.iconPath = iconOf(row);
  const uri = uriOf(row);
  if (uri !== undefined && (node.kind === 'file' || node.kind === 'folder')) {
    item.resourceUri = decorated(uri, node.change);
    if (node.isOpenable === true) {
      item.command = { command: 'vscode.open', title: vscode.l10n.t('Open File'), arguments: [uri] };
    }
  } else if (row.readAgain !== undefined) {
    item.command = {
      command: InternalCommand.readAgain,
      title: vscode.l10n.t('Read Again'),
      arguments: [row.readAgain],
    };
  }
  return item;
}

/** What menus choose by: the kind, then what the row has. */
export function contextOf({ node, pinned, parent }: ImageRow): string {
  const words = [node.kind === 'image' ? 'image' : `image.${node.kind}`];
  if (pinned !== undefined && parent === undefined) words.push('pinned');
  if (node.isOpenable === true) words.push('openable');
  if (node.isOpenable === true && node.olderLayer !== undefined) words.push('comparable');
  if (node.maker !== undefined) words.push('made');
  return words.join('.');
}

function iconOf({ node, pinned, parent }: ImageRow): vscode.ThemeIcon {
  // these two take the icon of the theme for what the file is
  if (node.kind === 'file') return vscode.ThemeIcon.File;
  if (node.kind === 'folder') return vscode.ThemeIcon.Folder;
  if (node.kind === 'notice') return new vscode.ThemeIcon(ICONS.notice);
  if (node.source === 'registry') return new vscode.ThemeIcon('cloud');
  if (pinned !== undefined && parent === undefined) return new vscode.ThemeIcon('archive');
  return new vscode.ThemeIcon(ICONS[node.kind]);
}
