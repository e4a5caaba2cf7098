import { hierarchy, treemap, type HierarchyRectangularNode } from 'd3-hierarchy';
import { itemsOfParts, type DiskItem, type DiskPartKind, type DiskReport } from '../../../core/model';
import { keyOf } from '../protocol';
import type { TabName } from './rows';
import { shortId } from './words';

/** Something with bytes, or a group of such. No byte is in two of them. */
export interface Area {
  /** Unique among all. */
  readonly key: string;
  readonly label: string;
  readonly bytes: number;
  readonly part: DiskPartKind;
  /** The table and the key of the row that it is; undefined: it is in no table. */
  readonly row?: { readonly tab: TabName; readonly key: string };
  readonly children?: readonly Area[];
}

/** Areas of one group that are shown each; the others become one. */
const MOST = 40;
/** Share of everything below which an area is not shown by itself. */
const SMALLEST = 0.0015;

/** The parts of a report with what is in them, small ones put together. */
export function areasOf(report: DiskReport): readonly Area[] {
  const { bytes, parts } = report.totals;
  const items = itemsOfParts(report);
  return parts
    .filter((part) => part.bytes > 0)
    .map((part): Area => {
      const inside =
        part.kind === 'layers'
          ? layerAreas(report)
          : (items.get(part.kind) ?? []).map((item) => areaOf(item, part.kind));
      const known = inside.reduce((sum, area) => sum + area.bytes, 0);
      const rest = part.bytes - known;
      const more: Area = {
        ...{ key: `${part.kind} rest`, label: 'Not told apart', bytes: rest, part: part.kind },
      };
      const children = inside.length === 0 ? [] : grouped(rest > 0 ? [...inside, more] : inside, part.kind, bytes);
      const area = { key: part.kind, label: part.label, bytes: part.bytes, part: part.kind };
      return children.length === 0 ? area : { ...area, children };
    });
}

/** The largest areas, and one for all the others: `120 others`. */
export function grouped(areas: readonly Area[], key: string, whole: number): readonly Area[] {
  const sorted = areas.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const large = sorted.filter(({ bytes }, index) => index < MOST && bytes >= whole * SMALLEST);
  const small = sorted.slice(large.length);
  const [only] = small;
  if (only === undefined) return large;
  // one is not others
  if (small.length === 1) return [...large, only];
  const { part, row } = only;
  const others: Area = {
    ...{ key: `${key} others`, label: `${small.length.toLocaleString('en')} others`, part },
    bytes: small.reduce((sum, area) => sum + area.bytes, 0),
    // the table has them all
    ...(row !== undefined && { row: { tab: row.tab, key: '' } }),
  };
  return [...large, others];
}

const TAB_OF: Readonly<Record<DiskItem['kind'], TabName>> = {
  ...{ container: 'containers', layer: 'layers', volume: 'volumes', 'build-cache': 'buildCache' },
};

function areaOf({ kind, id, label, bytes }: DiskItem, part: DiskPartKind): Area {
  const key = `${kind}:${id}`;
  return { key: `${part} ${key}`, label, bytes, part, row: { tab: TAB_OF[kind], key } };
}

/** Layers of one image alone are in its group, those of several in a group of their own: each layer once. */
function layerAreas({ layers, images, totals }: DiskReport): readonly Area[] {
  const names = new Map(images.map(({ id, names: [first] }) => [id, first ?? `<none> ${shortId(id)}`]));
  const groups = new Map<string, { readonly label: string; readonly layers: Area[] }>();
  for (const { chainId, sizeBytes, images: users, createdBy } of layers) {
    if (sizeBytes === null || sizeBytes === 0) continue;
    const [user = ''] = users;
    const id = users.length === 1 ? user : users.length === 0 ? 'none' : 'shared';
    const label =
      users.length === 1 ? (names.get(id) ?? shortId(id)) : users.length === 0 ? 'Of no image' : 'Shared by images';
    const group = groups.get(id) ?? { label, layers: [] };
    groups.set(id, group);
    group.layers.push({
      ...{ key: `layer:${chainId}`, label: createdBy || shortId(chainId), bytes: sizeBytes, part: 'layers' },
      row: { tab: 'layers', key: `layer:${chainId}` },
    });
  }
  return [...groups].map(([id, { label, layers: inside }]): Area => {
    const isImage = names.has(id);
    const row = isImage
      ? { tab: 'images' as const, key: keyOf({ kind: 'image', id }) }
      : { tab: 'layers' as const, key: '' };
    const bytes = inside.reduce((sum, area) => sum + area.bytes, 0);
    return {
      ...{ key: `group ${id}`, label, bytes, part: 'layers', row },
      children: grouped(inside, `group ${id}`, totals.bytes),
    };
  });
}

/** An area with its place. */
export interface PlacedArea {
  readonly area: Area;
  /** 1: a part. */
  readonly depth: number;
  readonly isLeaf: boolean;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Room for the name of a group. */
const TITLE = 18;
/** Groups smaller than this show no more than themselves. */
const OPEN_FROM = { width: 60, height: 44 };

/** Where each area is in a box; from the top left, groups before what is in them. Too small ones are left out. */
export function placed(areas: readonly Area[], width: number, height: number): readonly PlacedArea[] {
  if (width <= 0 || height <= 0) return [];
  const root = hierarchy<Partial<Area>>({ children: areas }, ({ children }) => children)
    .sum(({ children, bytes = 0 }) => (children === undefined ? bytes : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const layout = treemap<Partial<Area>>().size([width, height]).round(true).paddingInner(1).paddingOuter(1);
  const all = layout.paddingTop(({ depth }) => (depth === 0 ? 1 : TITLE))(root);
  const found: PlacedArea[] = [];
  const visit = (node: HierarchyRectangularNode<Partial<Area>>): void => {
    const { x0, y0, x1, y1, depth, data, children = [] } = node;
    const [wide, high] = [x1 - x0, y1 - y0];
    const isOpen = children.length > 0 && wide >= OPEN_FROM.width && high >= OPEN_FROM.height;
    if (depth > 0 && wide >= 2 && high >= 2) {
      found.push({
        ...{ area: data as Area, depth, isLeaf: !isOpen, left: x0, top: y0, width: wide, height: high },
      });
    }
    if (depth === 0 || isOpen) children.forEach(visit);
  };
  visit(all);
  return found;
}
