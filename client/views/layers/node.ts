import * as vscode from 'vscode';
import type { LayerIcon, LayerNode, LayersView } from '../../../server/protocol';
import { Color, InternalCommand } from '../../contributions';

/** A node of the server's answer with its place in the tree. */
export interface LayerRow {
  readonly node: LayerNode;
  readonly view: LayersView;
  readonly parent: LayerRow | undefined;
  readonly children: readonly LayerRow[];
}

/** The rows of an answer. */
export function rowsOf(view: LayersView, nodes = view.nodes, parent?: LayerRow): readonly LayerRow[] {
  return nodes.map((node) => {
    const children: LayerRow[] = [];
    const row: LayerRow = { node, view, parent, children };
    children.push(...rowsOf(view, node.children, row));
    return row;
  });
}

/** Two Dockerfiles may have equal nodes; what is open in one says nothing about the other. */
export function keyOf({ view, node }: LayerRow): string {
  return `${view.uri}#${node.id}`;
}

interface Picture {
  readonly icon: string;
  readonly color?: string;
}

/** Shape and colour, so that colour alone never says it; the description says it in words. */
const PICTURES: Readonly<Record<LayerIcon, Picture>> = {
  cached: { icon: 'pass', color: Color.cached },
  rebuild: { icon: 'flame', color: Color.rebuild },
  'may-hit': { icon: 'question', color: Color.maybe },
  fails: { icon: 'error', color: Color.fails },
  unused: { icon: 'circle-slash' },
  'no-layer': { icon: 'dash' },
  unknown: { icon: 'circle-outline' },
  stage: { icon: 'layers' },
  cause: { icon: 'arrow-small-right' },
  file: { icon: 'file' },
  notice: { icon: 'info' },
};

/** How the editor shows a row. */
export function itemOf(row: LayerRow): vscode.TreeItem {
  const { node, view } = row;
  const item = new vscode.TreeItem(node.label, collapsibleState(node));
  item.id = keyOf(row);
  item.description = node.description;
  item.tooltip = new vscode.MarkdownString(node.tooltip);
  item.tooltip.isTrusted = false;
  item.iconPath = iconOf(node.icon);
  item.accessibilityInformation = { label: node.accessibilityLabel };
  if (node.file !== undefined) {
    const uri = vscode.Uri.joinPath(vscode.Uri.file(view.context), node.file);
    item.resourceUri = uri;
    item.command = { command: 'vscode.open', title: vscode.l10n.t('Open File'), arguments: [uri] };
  } else if (node.line !== undefined) {
    item.command = {
      command: InternalCommand.revealLine,
      title: vscode.l10n.t('Reveal Line'),
      arguments: [view.uri, node.line],
    };
  }
  return item;
}

function iconOf(icon: LayerIcon): vscode.ThemeIcon {
  const picture = PICTURES[icon];
  return picture.color === undefined
    ? new vscode.ThemeIcon(picture.icon)
    : new vscode.ThemeIcon(picture.icon, new vscode.ThemeColor(picture.color));
}

function collapsibleState({ children, collapsed }: LayerNode): vscode.TreeItemCollapsibleState {
  if (children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return collapsed ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}
