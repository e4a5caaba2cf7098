import { formatBytes as format, type ByteUnits, type ContainerChanges, type DiskReport } from '../model';

/** Rows of one table; the others are in the JSON. */
const MAX_ROWS = 25;
const SIGNS = { added: 'A', changed: 'C', deleted: 'D' } as const;

/** Where the bytes of an engine are, as tables for people. */
export function renderDisk(report: DiskReport, width: number, units: ByteUnits = 'si'): string {
  const bytes = (value: number | null): string => (value === null ? '?' : format(value, units));
  const { engine, storage, totals, containers, images, volumes, buildCache, bindMounts, notMeasured } = report;
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const tables: Table[] = [
    {
      title: `${bytes(totals.bytes)} in all (${totals.bytes} bytes), ${bytes(totals.reclaimableBytes)} of it nothing uses`,
      head: ['', 'bytes', 'unused', ''],
      rows: totals.parts.map((part) => [part.kind, bytes(part.bytes), bytes(part.reclaimableBytes), part.label]),
    },
    {
      title: 'How the total follows from what the engine prints',
      head: ['', 'bytes', ''],
      rows: totals.derivation.map(({ sign, bytes: value, label, note }) => [
        sign,
        bytes(value),
        note === '' ? label : `${label} (${note})`,
      ]),
    },
    {
      title: 'Containers',
      head: ['name', 'written', 'virtual', 'logs', 'state', 'image'],
      rows: largest(containers, ({ sizeBytes }) => sizeBytes).map((one) => [
        ...[one.name, bytes(one.sizeBytes), bytes(one.virtualBytes), bytes(one.logBytes), one.state, one.image],
      ]),
    },
    {
      title: 'Images',
      head: ['size', 'shared', 'own', 'containers', 'name'],
      rows: largest(
        images.filter(({ isIntermediate }) => !isIntermediate),
        ({ uniqueBytes }) => uniqueBytes,
      ).map((one) => [
        ...[bytes(one.sizeBytes), bytes(one.sharedBytes), bytes(one.uniqueBytes), String(one.containers.length)],
        one.names.length === 0 ? `${one.id.replace('sha256:', '').slice(0, 12)} (no name)` : one.names.join(', '),
      ]),
    },
    {
      title: 'Volumes',
      head: ['size', 'used by', 'name'],
      rows: largest(volumes, ({ sizeBytes }) => sizeBytes).map((one) => [
        ...[bytes(one.sizeBytes), one.containers.join(', ') || '-', one.name],
      ]),
    },
    {
      title: 'Build cache that is in no image',
      head: ['size', 'type', 'what'],
      rows: largest(
        buildCache.filter(({ isShared }) => !isShared),
        ({ sizeBytes }) => sizeBytes,
      ).map((one) => [bytes(one.sizeBytes), one.type, one.description]),
    },
    {
      title: 'Folders of yours that containers see (in no total)',
      head: ['used by', 'path'],
      rows: bindMounts.map(({ source, containers: users }) => [users.join(', '), source]),
    },
  ];
  const { virtualSum } = totals;
  const lines = [
    `${name} ${engine.version}  ${storage.driver}  ${storage.root}  (${engine.endpoint})`,
    '',
    ...tables.flatMap((table) => renderTable(table, width)),
  ];
  if (virtualSum.countedAgainBytes > 0) {
    lines.push(
      `The virtual sizes of all containers add up to ${bytes(virtualSum.bytes)}; ${bytes(virtualSum.countedAgainBytes)} of that is on disk only once and counted again.`,
    );
  }
  for (const { what, why, remedy } of notMeasured) lines.push(`! ${what}: ${why}${remedy === '' ? '' : ` ${remedy}`}`);
  return `${lines.map(plain).join('\n').trimEnd()}\n`;
}

/** What a container changed against its image, as a table for people. */
export function renderChanges(
  container: string,
  { changes, bytes, hiddenBytes, message }: ContainerChanges,
  width: number,
  units: ByteUnits = 'si',
): string {
  const text = (value: number | null): string => (value === null ? '?' : format(value, units));
  const count = (kind: keyof typeof SIGNS): number => changes.filter(({ change }) => change === kind).length;
  const table: Table = {
    title:
      `${container}: ${count('added')} added, ${count('changed')} changed, ${count('deleted')} deleted; ` +
      `${text(bytes)} written, ${text(hiddenBytes)} of the image hidden`,
    head: ['', 'bytes', 'in image', 'path'],
    rows: changes.map((one) => [
      SIGNS[one.change],
      one.type === 'directory' ? '' : text(one.bytes),
      one.change === 'added' || one.type === 'directory' ? '' : text(one.imageBytes),
      `${one.path}${one.type === 'directory' ? '/' : ''}`,
    ]),
  };
  const lines = [...renderTable(table, width), ...(message === '' ? [] : [`! ${message}`])];
  return `${lines.map(plain).join('\n').trimEnd()}\n`;
}

interface Table {
  readonly title: string;
  readonly head: readonly string[];
  /** The last column is cut to the width, the others are as wide as they have to be. */
  readonly rows: readonly (readonly string[])[];
}

function renderTable({ title, head, rows }: Table, width: number): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MAX_ROWS);
  const widths = head.map((name, column) => Math.max(name.length, ...shown.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        if (column === row.length - 1) return cell;
        return NUMBER.test(cell) || cell === '?'
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0);
      })
      .join('  ');
  const more = rows.length - shown.length;
  return [
    title,
    ...(head.some((name) => name !== '') ? [shorten(`  ${line(head)}`, width)] : []),
    ...shown.map((row) => shorten(`  ${line(row)}`, width)),
    ...(more > 0 ? [`  … and ${more} more (--json lists all)`] : []),
    '',
  ];
}

const NUMBER = /^-?\d[\d.]* (?:B|[kMGTP]i?B)$/;

function largest<T>(rows: readonly T[], bytesOf: (row: T) => number | null): T[] {
  return [...rows].sort((a, b) => (bytesOf(b) ?? -1) - (bytesOf(a) ?? -1));
}

function shorten(text: string, width: number): string {
  const flat = plain(text).trimEnd();
  return flat.length <= width ? flat : `${flat.slice(0, Math.max(0, width - 1))}…`;
}

/** Paths, commands and messages may hold what a terminal would take for orders. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
