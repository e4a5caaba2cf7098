import { hierarchy, treemap, type HierarchyRectangularNode } from 'd3-hierarchy';
import {
  keyOf,
  itemsOfPart,
  partsByMaker,
  type DiskItem,
  type DiskLayer,
  type DiskPart,
  type DiskPartKind,
  type DiskReport,
} from '../../../core/model';
import type { TabName } from './tables';
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
const SMALLEST = 0.0005;

/** The parts of a report with what is in them, small ones put together. */
export function areasOf(report: DiskReport): readonly Area[] {
  const { made, ofEngine, engineBytes } = partsByMaker(report);
  const whole = report.totals.bytes;
  const own: Area = {
    ...{ key: 'engine', label: 'The engine’s own', bytes: engineBytes, part: 'housekeeping' },
    children: grouped(ofEngine.map(partSeed), 'engine', 'housekeeping', whole),
  };
  const areas = made.filter(({ bytes }) => bytes > 0).map((part) => partArea(report, part));
  return engineBytes > 0 ? [...areas, own] : areas;
}

function partArea(report: DiskReport, { kind, label, bytes }: DiskPart): Area {
  const inside = kind === 'layers' ? layerGroups(report) : itemsOfPart(report, kind).map((item) => seedOf(item, kind));
  const rest = bytes - inside.reduce((sum, seed) => sum + seed.bytes, 0);
  const more: Seed = {
    bytes: rest,
    area: () => ({ key: `${kind} rest`, label: 'Not told apart', bytes: rest, part: kind }),
  };
  const all = rest > 0 ? [...inside, more] : inside;
  const children = inside.length === 0 ? [] : grouped(all, kind, kind, report.totals.bytes);
  const area = { key: kind, label, bytes, part: kind };
  return children.length === 0 ? area : { ...area, children };
}

/** A part of the engine's own; several may be of one kind. */
function partSeed({ kind, label, bytes }: DiskPart): Seed {
  return { bytes, area: () => ({ key: `${kind} ${label}`, label, bytes, part: kind }) };
}

/** What may become an area: of thousands only the largest do. */
export interface Seed {
  readonly bytes: number;
  /** The table that has it. */
  readonly tab?: TabName;
  readonly area: () => Area;
}

/** The largest areas, and one for all the others: `120 others`. */
export function grouped(seeds: readonly Seed[], key: string, part: DiskPartKind, whole: number): readonly Area[] {
  const sorted = seeds.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const large = sorted.filter(({ bytes }, index) => index < MOST && bytes >= whole * SMALLEST);
  const small = sorted.slice(large.length);
  const areas = large.map(({ area }) => area());
  const [only] = small;
  if (only === undefined) return areas;
  // one is not others
  if (small.length === 1) return [...areas, only.area()];
  const others: Area = {
    ...{ key: `${key} others`, label: `${small.length.toLocaleString('en')} others`, part },
    bytes: small.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(only.tab !== undefined && { row: { tab: only.tab, key: '' } }),
  };
  return [...areas, others];
}

const TAB_OF: Readonly<Record<DiskItem['kind'], TabName>> = {
  ...{ container: 'containers', layer: 'layers', volume: 'volumes', 'build-cache': 'buildCache' },
};

function seedOf({ kind, id, label, bytes }: DiskItem, part: DiskPartKind): Seed {
  const tab = TAB_OF[kind];
  const key = `${kind}:${id}`;
  return { bytes, tab, area: () => ({ key: `${part} ${key}`, label, bytes, part, row: { tab, key } }) };
}

/** Layers of one image alone are in its group, those of several in a group of their own: each layer once. */
function layerGroups({ layers, images, totals }: DiskReport): readonly Seed[] {
  const names = new Map(images.map(({ id, names: [first] }) => [id, first ?? `<none> ${shortId(id)}`]));
  const groups = new Map<string, { bytes: number; readonly layers: DiskLayer[] }>();
  for (const layer of layers) {
    const { sizeBytes, images: users } = layer;
    if (sizeBytes === null || sizeBytes === 0) continue;
    const id = users.length === 1 ? (users[0] ?? NO_IMAGE) : users.length === 0 ? NO_IMAGE : SHARED;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { bytes: sizeBytes, layers: [layer] });
    else {
      group.bytes += sizeBytes;
      group.layers.push(layer);
    }
  }
  return [...groups].map(([id, { bytes, layers: inside }]): Seed => {
    const tab = names.has(id) ? 'images' : 'layers';
    const key = tab === 'images' ? keyOf({ kind: 'image', id }) : '';
    const label = id === SHARED ? 'Shared by images' : id === NO_IMAGE ? 'Of no image' : (names.get(id) ?? shortId(id));
    return {
      ...{ bytes, tab },
      area: () => ({
        ...{ key: `group ${id}`, label, bytes, part: 'layers', row: { tab, key } },
        children: grouped(inside.map(layerSeed), `group ${id}`, 'layers', totals.bytes),
      }),
    };
  });
}

const SHARED = 'shared';
const NO_IMAGE = 'none';

function layerSeed({ chainId, sizeBytes, createdBy }: DiskLayer): Seed {
  const label = createdBy || shortId(chainId);
  return seedOf({ kind: 'layer', id: chainId, label, bytes: sizeBytes ?? 0 }, 'layers');
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
