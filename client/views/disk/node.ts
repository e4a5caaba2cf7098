import * as vscode from 'vscode';
import {
  formatBytes,
  itemsOfPart,
  partsByMaker,
  type ByteUnits,
  type DiskItem,
  type DiskPartKind,
  type DiskReport,
} from '../../../core/model';
import { Command } from '../../contributions';

/** Items of a part that are listed; the panel has them all. */
const MOST = 100;

/** A row of the Disk Usage view. */
export interface DiskRow {
  /** Stays the same for the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  readonly children: readonly DiskRow[];
  /** Selecting it opens the panel. */
  readonly opensPanel: boolean;
  /** Of a container: its id. */
  readonly container?: string;
}

const ICONS: Readonly<Record<DiskItem['kind'], string>> = {
  container: 'vm',
  layer: 'layers',
  volume: 'database',
  'build-cache': 'archive',
};

const PART_ICONS: Partial<Readonly<Record<DiskPartKind, string>>> = {
  layers: 'layers',
  'writable-layers': 'vm',
  'build-cache': 'archive',
  volumes: 'database',
  logs: 'output',
};

/** What the parts of a kind are called together: the panel's own words are too long to leave a size its room. */
function kindLabel(kind: DiskPartKind): string | undefined {
  switch (kind) {
    case 'layers':
      return vscode.l10n.t('Layers of images');
    case 'writable-layers':
      return vscode.l10n.t('Writable layers');
    case 'container-files':
      return vscode.l10n.t('Files of containers');
    case 'build-cache':
      return vscode.l10n.t('Build cache');
    case 'volumes':
      return vscode.l10n.t('Volumes');
    case 'logs':
      return vscode.l10n.t('Logs');
    case 'content':
      return vscode.l10n.t('Packed layers');
    case 'housekeeping':
    case 'rounding':
    case 'other':
      return undefined;
  }
}

const row = (some: Pick<DiskRow, 'id' | 'label'> & Partial<DiskRow>): DiskRow => ({
  ...{ description: '', tooltip: '', icon: 'circle-small', children: [], opensPanel: false },
  ...some,
});

/** The rows of a report: the total, its parts with the largest of what is in them, and what could not be counted. */
export function diskRows(report: DiskReport, units: ByteUnits): readonly DiskRow[] {
  const { bytes, reclaimableBytes } = report.totals;
  const { made, ofEngine, engineBytes } = partsByMaker(report);
  const size = (count: number): string => formatBytes(count, units);
  const total = row({
    ...{ id: 'total', label: vscode.l10n.t('Total'), description: size(bytes), icon: 'pie-chart', opensPanel: true },
    tooltip: vscode.l10n.t(
      '{0} bytes, each counted once; {1} would come free if all that nothing uses were removed, volumes apart',
      bytes.toLocaleString('en'),
      size(reclaimableBytes),
    ),
  });
  const counted = made.filter((part) => part.bytes > 0);
  const ofParts = [...new Set(counted.map(({ kind, label }) => kindLabel(kind) ?? label))].map((label) => {
    // what is in parts of one kind is not told apart
    const together = counted.filter((part) => (kindLabel(part.kind) ?? part.label) === label);
    const [{ kind } = { kind: 'other' as const }] = together;
    return row({
      ...{ id: `part ${kind} ${label}`, label, icon: PART_ICONS[kind] ?? 'folder' },
      description: size(together.reduce((sum, part) => sum + part.bytes, 0)),
      tooltip: together.map((part) => `${part.label}: ${part.bytes.toLocaleString('en')} bytes`).join('\n'),
      children: itemRows(kind, itemsOfPart(report, kind), size),
    });
  });
  const own = row({
    ...{ id: 'engine', label: vscode.l10n.t('The engine’s own'), description: size(engineBytes), icon: 'gear' },
    children: ofEngine.map(({ label, bytes: all }, index) =>
      row({
        id: `engine ${index}`,
        label,
        description: size(all),
        tooltip: `${label}\n${all.toLocaleString('en')} bytes`,
      }),
    ),
  });
  const missing = report.notMeasured.map(({ what, why, remedy }, index) =>
    row({
      id: `missing ${index}`,
      label: what,
      description: why,
      tooltip: `${why} ${remedy}`.trim(),
      icon: 'question',
    }),
  );
  const group = row({
    ...{ id: 'missing', label: vscode.l10n.t('Not measured'), description: String(missing.length), icon: 'question' },
    children: missing,
  });
  return [total, ...ofParts, ...(engineBytes > 0 ? [own] : []), ...(missing.length === 0 ? [] : [group])];
}

function itemRows(part: string, items: readonly DiskItem[], size: (bytes: number) => string): readonly DiskRow[] {
  const sorted = [...items].sort((a, b) => b.bytes - a.bytes);
  const others = sorted.slice(MOST);
  return [
    ...sorted.slice(0, MOST).map(({ kind, id, label, bytes }) =>
      row({
        ...{ id: `${part} ${kind}:${id}`, label, description: size(bytes), icon: ICONS[kind] },
        tooltip: `${label}\n${bytes.toLocaleString('en')} bytes`,
        ...(kind === 'container' ? { container: id } : {}),
      }),
    ),
    ...(others.length === 0
      ? []
      : [
          row({
            ...{ id: `${part} others`, label: vscode.l10n.t('{0} others', others.length), icon: 'ellipsis' },
            ...{ description: size(others.reduce((sum, { bytes }) => sum + bytes, 0)), opensPanel: true },
          }),
        ]),
  ];
}

/** How the editor shows a row. */
export function diskItem(row: DiskRow): vscode.TreeItem {
  const { id, label, description, tooltip, icon, children, opensPanel, container } = row;
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, children.length > 0 ? Collapsed : None);
  item.id = id;
  item.description = description;
  item.tooltip = tooltip === '' ? `${label}: ${description}` : tooltip;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.accessibilityInformation = { label: `${label}, ${description}` };
  if (container !== undefined) item.contextValue = 'disk.container';
  if (opensPanel) item.command = { command: Command.showDisk, title: vscode.l10n.t('Show Disk Usage') };
  return item;
}
