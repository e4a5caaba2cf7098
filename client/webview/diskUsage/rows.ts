import type {
  ByteUnits,
  DiskCacheRecord,
  DiskContainer,
  DiskImage,
  DiskReport,
  DiskVolume,
  ReclaimItem,
} from '../../../core/model';
import { keyOf } from '../protocol';
import { bytesText, exactBytes, NOT_MEASURED, shortId, timeText } from './words';

/** A table of the panel. */
export type TabName = 'containers' | 'images' | 'layers' | 'volumes' | 'bindMounts' | 'buildCache';

/** The tables in their order, with their titles. */
export const TABS: Readonly<Record<TabName, string>> = {
  containers: 'Containers',
  images: 'Images',
  layers: 'Layers',
  volumes: 'Volumes',
  bindMounts: 'Bind mounts',
  buildCache: 'Build cache',
};

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  /** Share of the width. */
  readonly width: number;
  /** More about it, a sentence. */
  readonly hint?: string;
}

/** One value: what is shown, and what it is sorted by. */
export interface Cell {
  readonly text: string;
  /** Null: not known. */
  readonly sort: string | number | null;
  /** What a pointer is told. */
  readonly title?: string;
}

/** What a row of a table is asked for by its button. */
export type RowAction = 'changes' | 'measure' | 'remove';

/** One row of a table. */
export interface Row {
  readonly key: string;
  readonly name: string;
  readonly cells: readonly Cell[];
  /** Everything that is shown, in lower case. */
  readonly search: string;
  /** What it is for a removal; undefined: it goes only with something else. */
  readonly item: ReclaimItem | undefined;
  readonly action: RowAction | undefined;
  /** What the action is about: id of the container, path of the bind mount. */
  readonly subject: string;
}

/** One table. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Several rows may be removed at once. */
  readonly isBulk: boolean;
  readonly action: { readonly name: RowAction; readonly title: string } | undefined;
  /** What stands above it. */
  readonly note: string;
}

/** What of a report can be removed, by its key. */
export function itemsOf({ containers, images, volumes, buildCache }: DiskReport): ReadonlyMap<string, ReclaimItem> {
  const items = [
    ...containers.map(containerItem),
    ...images.map(imageItem),
    ...volumes.map(volumeItem),
    ...buildCache.map(recordItem),
  ];
  return new Map(items.map((item) => [keyOf(item), item]));
}

const containerItem = ({ id, name }: DiskContainer): ReclaimItem => ({ kind: 'container', id, name });
const volumeItem = ({ name }: DiskVolume): ReclaimItem => ({ kind: 'volume', id: name, name });
const imageItem = ({ id, names }: DiskImage): ReclaimItem => ({
  ...{ kind: 'image', id, name: names[0] ?? `<none> ${shortId(id)}` },
});
const recordItem = ({ id, description }: DiskCacheRecord): ReclaimItem => ({
  ...{ kind: 'build-cache', id, name: description || id },
});

type RowParts = Pick<Row, 'key' | 'name' | 'cells'> & Partial<Pick<Row, 'item' | 'action' | 'subject'>>;

function rowOf({ key, name, cells, item, action, subject = '' }: RowParts): Row {
  const search = cells
    .map(({ text, title = '' }) => `${text} ${title}`)
    .join(' ')
    .toLowerCase();
  return { key, name, cells, search, item, action, subject };
}

const text = (value: string, title?: string): Cell => ({ text: value, sort: value, ...(title && { title }) });
const list = (values: readonly string[]): Cell => ({
  text: values.length > 1 ? `${values.length}: ${values.join(', ')}` : (values[0] ?? ''),
  sort: values.length,
});
const time = (iso: string): Cell => ({ text: timeText(iso), sort: iso === '' ? null : iso });
const column = (title: string, width: number, hint?: string): Column => ({
  ...{ title, width, isNumber: false },
  ...(hint !== undefined && { hint }),
});
const numeric = (title: string, hint?: string): Column => ({ ...column(title, 1.1, hint), isNumber: true });

/** The rows of one table of a report. */
export function tableOf(name: TabName, report: DiskReport, units: ByteUnits): Table {
  const bytes = (value: number | null): Cell => ({
    ...{ text: bytesText(value, units), sort: value },
    title: value === null ? `${NOT_MEASURED}: see “Not measured”` : exactBytes(value),
  });
  return TABLES[name](report, bytes);
}

type Bytes = (value: number | null) => Cell;

const TABLES: Readonly<Record<TabName, (report: DiskReport, bytes: Bytes) => Table>> = {
  containers: ({ containers }, bytes) => ({
    columns: [
      column('Name', 2),
      column('State', 1),
      column('Image', 2),
      numeric('Writable layer', 'Bytes of its own: what it added or changed'),
      numeric('Logs'),
      numeric('Other files', 'Configuration, host files and checkpoints that the engine keeps for it'),
      numeric('Virtual', 'With all layers of its image, which others may share: not to be added up'),
      column('Mounts', 1.5),
    ],
    rows: containers.map((one) => {
      const item = containerItem(one);
      const files =
        one.configBytes === null && one.checkpointBytes === null
          ? null
          : (one.configBytes ?? 0) + (one.checkpointBytes ?? 0);
      const mounts = one.mounts.map(({ source, destination }) => `${source} → ${destination}`);
      return rowOf({
        ...{ key: keyOf(item), name: one.name, item, action: 'changes', subject: one.id },
        cells: [
          text(one.name, shortId(one.id)),
          text(one.state),
          text(one.image, shortId(one.imageId)),
          bytes(one.sizeBytes),
          one.isLogInSize && one.logBytes !== null
            ? { ...bytes(one.logBytes), title: `${exactBytes(one.logBytes)}, a part of the writable layer here` }
            : bytes(one.logBytes),
          bytes(files),
          bytes(one.virtualBytes),
          list(mounts),
        ],
      });
    }),
    isBulk: true,
    action: { name: 'changes', title: 'Show changes' },
    note: 'What a container has for itself is its writable layer. Its image is shared with all containers of that image.',
  }),

  images: ({ images }, bytes) => ({
    columns: [
      column('Name', 3),
      numeric('Size', 'As the engine counts it, layers that others share included'),
      numeric('Shared', 'Layers that another image has, too'),
      numeric('Unique', 'Layers that only this image has'),
      column('Containers', 1.5),
      column('Created', 1.3),
    ],
    rows: images.map((one) => {
      const item = imageItem(one);
      const { name } = item;
      const shown = one.names.length === 0 ? name : one.names.join(', ');
      return rowOf({
        ...{ key: keyOf(item), name, item },
        cells: [
          text(one.isIntermediate ? `${shown} (step of another image)` : shown, shortId(one.id)),
          bytes(one.sizeBytes),
          bytes(one.sharedBytes),
          bytes(one.uniqueBytes),
          list(one.containers),
          time(one.createdAt),
        ],
      });
    }),
    isBulk: true,
    action: undefined,
    note: 'Sizes of images that share layers must not be added up: a shared layer is on disk once.',
  }),

  layers: ({ layers, images }, bytes) => {
    const names = new Map(images.map(({ id, names: [first] }) => [id, first ?? shortId(id)]));
    return {
      columns: [
        column('Made by', 4),
        numeric('Size'),
        column('Images', 2.5),
        column('In the build cache', 1.2, 'Then it stays when its images go, until the cache record goes, too'),
      ],
      rows: layers.map((one) =>
        rowOf({
          ...{ key: `layer:${one.chainId}`, name: one.createdBy || shortId(one.chainId) },
          cells: [
            text(one.createdBy || shortId(one.diffId), one.diffId),
            bytes(one.sizeBytes),
            list(one.images.map((id) => names.get(id) ?? shortId(id))),
            text(one.inBuildCache),
          ],
        }),
      ),
      isBulk: false,
      action: undefined,
      note: 'Each layer once, with the images that have it. A layer goes with the last image or record that has it.',
    };
  },

  volumes: ({ volumes }, bytes) => ({
    columns: [column('Name', 3), numeric('Size'), column('Containers', 2), column('Driver', 1), column('Created', 1.3)],
    rows: volumes.map((one) => {
      const item = volumeItem(one);
      return rowOf({
        ...{ key: keyOf(item), name: one.name, item, action: 'remove' },
        cells: [
          text(one.isAnonymous ? `${shortId(one.name)}… (anonymous)` : one.name, one.mountpoint),
          bytes(one.sizeBytes),
          list(one.containers),
          text(one.driver),
          time(one.createdAt),
        ],
      });
    }),
    isBulk: false,
    action: { name: 'remove', title: 'Plan removal' },
    note: 'Volumes hold data that no build brings back. They are removed one by one only.',
  }),

  bindMounts: ({ bindMounts }, bytes) => ({
    columns: [column('Path on the engine’s machine', 4), numeric('Size'), column('Containers', 2)],
    rows: bindMounts.map((one) =>
      rowOf({
        ...{ key: `bind ${one.source}`, name: one.source, action: 'measure', subject: one.source },
        cells: [
          text(one.source),
          one.sizeBytes === null ? { text: 'measured on request', sort: null } : bytes(one.sizeBytes),
          list(one.containers),
        ],
      }),
    ),
    isBulk: false,
    action: { name: 'measure', title: 'Measure' },
    note: 'Your own folders: they are in no total, and nothing here removes them.',
  }),

  buildCache: ({ buildCache }, bytes) => ({
    columns: [
      column('Description', 4),
      column('Type', 1.4),
      numeric('Size'),
      column('Bytes', 1.3, 'Bytes of a shared record are those of an image’s layer, and counted there'),
      column('In use', 0.8),
      column('Last used', 1.3),
      { ...column('Uses', 0.8), isNumber: true },
    ],
    rows: buildCache.map((one) => {
      const description =
        one.mountTarget === '' ? one.description : `cache mount at ${one.mountTarget}: ${one.description}`;
      const item = recordItem(one);
      return rowOf({
        ...{ key: keyOf(item), name: item.name, item },
        cells: [
          text(description, one.id),
          text(one.type),
          bytes(one.sizeBytes),
          text(one.isShared ? 'with an image' : 'its own'),
          text(one.isInUse ? 'yes' : 'no'),
          time(one.lastUsedAt),
          { text: String(one.usageCount), sort: one.usageCount },
        ],
      });
    }),
    isBulk: true,
    action: undefined,
    note: 'Removing a record makes steps of later builds run again; the plan says which, as far as Dockerfiles are open.',
  }),
};
