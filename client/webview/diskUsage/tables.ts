import {
  keyOf,
  type ByteUnits,
  type DiskBindMount,
  type DiskCacheRecord,
  type DiskContainer,
  type DiskImage,
  type DiskLayer,
  type DiskReport,
  type DiskVolume,
  type ReclaimItem,
} from '../../../core/model';
import { rowsOf, type Column, type ColumnOf, type Table } from './rows';
import { bytesText, exactBytes, shortId, timeText } from './words';

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

/** Who a row is, for things that can be removed. */
const removable = (item: ReclaimItem) => ({ key: keyOf(item), name: item.name, item });

/** One table of a report. */
export function tableOf(name: TabName, report: DiskReport, units: ByteUnits): Table {
  return TABLES[name](report, new Columns(units));
}

type Look = Partial<Pick<Column, 'width' | 'hint'>>;

/** The kinds of columns. */
class Columns {
  constructor(private readonly units: ByteUnits) {}

  text<T>(title: string, of: (one: T) => string, look: Look & Pick<ColumnOf<T>, 'more'> = {}): ColumnOf<T> {
    return { title, width: 1, isNumber: false, value: of, text: of, ...look };
  }

  /** How many, and which. */
  list<T>(title: string, of: (one: T) => readonly string[], look: Look = {}): ColumnOf<T> {
    const text = (one: T): string => {
      const all = of(one);
      return all.length > 1 ? `${all.length}: ${all.join(', ')}` : (all[0] ?? '');
    };
    return { title, width: 1.5, isNumber: false, value: (one) => of(one).length, text, ...look };
  }

  bytes<T>(title: string, of: (one: T) => number | null, look: Look & { more?: (one: T) => string } = {}): ColumnOf<T> {
    const { more } = look;
    return {
      ...{ title, width: 1.1, isNumber: true, value: of, ...look },
      text: (one) => bytesText(of(one), this.units),
      more: (one) => {
        const bytes = of(one);
        if (bytes === null) return 'see “Not measured”';
        return `${exactBytes(bytes)}${more?.(one) ?? ''}`;
      },
    };
  }

  count<T>(title: string, of: (one: T) => number): ColumnOf<T> {
    return { title, width: 0.8, isNumber: true, value: of, text: (one) => String(of(one)) };
  }

  time<T>(title: string, of: (one: T) => string): ColumnOf<T> {
    const value = (one: T): string | null => (of(one) === '' ? null : of(one));
    return { title, width: 1.3, isNumber: false, value, text: (one) => timeText(of(one)) };
  }
}

const TABLES: Readonly<Record<TabName, (report: DiskReport, column: Columns) => Table>> = {
  containers: ({ containers }, column) => {
    const columns: readonly ColumnOf<DiskContainer>[] = [
      column.text('Name', ({ name }) => name, { width: 2, more: ({ id }) => shortId(id) }),
      column.text('State', ({ state }) => state),
      column.text('Image', ({ image }) => image, { width: 2, more: ({ imageId }) => shortId(imageId) }),
      column.bytes('Writable layer', ({ sizeBytes }) => sizeBytes, {
        hint: 'Bytes of its own: what it added or changed',
        width: 1.7,
      }),
      column.bytes('Virtual', ({ virtualBytes }) => virtualBytes, {
        hint: 'With all layers of its image, which others may share: not to be added up',
      }),
      column.bytes('Logs', ({ logBytes }) => logBytes, {
        more: ({ isLogInSize }) => (isLogInSize ? ', a part of the writable layer here' : ''),
      }),
      column.bytes('Other files', filesOf, {
        hint: 'Configuration, host files and checkpoints that the engine keeps for it',
      }),
      column.list('Mounts', ({ mounts }) => mounts.map(({ source, destination }) => `${source} → ${destination}`)),
    ];
    return {
      ...{ columns, isBulk: true, action: { name: 'changes', title: 'Show changes' } },
      rows: rowsOf(containers, columns, (one) => ({ ...removable(containerItem(one)), subject: one.id })),
      note: 'What a container has for itself is its writable layer. Its image is shared with all containers of that image.',
    };
  },

  images: ({ images }, column) => {
    const columns: readonly ColumnOf<DiskImage>[] = [
      column.text('Name', imageText, { width: 3, more: ({ id }) => shortId(id) }),
      column.bytes('Size', ({ sizeBytes }) => sizeBytes, {
        hint: 'As the engine counts it, layers that others share included',
      }),
      column.bytes('Shared', ({ sharedBytes }) => sharedBytes, { hint: 'Layers that another image has, too' }),
      column.bytes('Unique', ({ uniqueBytes }) => uniqueBytes, { hint: 'Layers that only this image has' }),
      column.list('Containers', ({ containers }) => containers),
      column.time('Created', ({ createdAt }) => createdAt),
    ];
    return {
      ...{ columns, isBulk: true, action: undefined },
      rows: rowsOf(images, columns, (one) => removable(imageItem(one))),
      note: 'Sizes of images that share layers must not be added up: a shared layer is on disk once.',
    };
  },

  layers: ({ layers, images }, column) => {
    const names = new Map(images.map(({ id, names: [first] }) => [id, first ?? shortId(id)]));
    const columns: readonly ColumnOf<DiskLayer>[] = [
      column.text('Made by', (one) => one.createdBy || shortId(one.diffId), { width: 4, more: ({ diffId }) => diffId }),
      column.bytes('Size', ({ sizeBytes }) => sizeBytes),
      column.list('Images', (one) => one.images.map((id) => names.get(id) ?? shortId(id)), { width: 2.5 }),
      column.text('In the build cache', ({ inBuildCache }) => inBuildCache, {
        ...{ width: 1.3, hint: 'Then it stays when its images go, until the cache record goes, too' },
      }),
    ];
    const identity = ({ chainId, createdBy }: DiskLayer) => ({
      ...{ key: `layer:${chainId}`, name: createdBy || shortId(chainId) },
    });
    return {
      ...{ columns, isBulk: false, action: undefined, rows: rowsOf(layers, columns, identity) },
      note: 'Each layer once, with the images that have it. A layer goes with the last image or record that has it.',
    };
  },

  volumes: ({ volumes }, column) => {
    const columns: readonly ColumnOf<DiskVolume>[] = [
      column.text('Name', (one) => (one.isAnonymous ? `${shortId(one.name)}… (anonymous)` : one.name), {
        ...{ width: 3, more: ({ mountpoint }) => mountpoint },
      }),
      column.bytes('Size', ({ sizeBytes }) => sizeBytes),
      column.list('Containers', ({ containers }) => containers, { width: 2 }),
      column.text('Driver', ({ driver }) => driver),
      column.time('Created', ({ createdAt }) => createdAt),
    ];
    return {
      ...{ columns, isBulk: false, action: { name: 'remove', title: 'Plan removal' } },
      rows: rowsOf(volumes, columns, (one) => removable(volumeItem(one))),
      note: 'Volumes hold data that no build brings back. They are removed one by one only.',
    };
  },

  bindMounts: ({ bindMounts }, column) => {
    const size = column.bytes<DiskBindMount>('Size', ({ sizeBytes }) => sizeBytes);
    const columns: readonly ColumnOf<DiskBindMount>[] = [
      column.text('Path on the engine’s machine', ({ source }) => source, { width: 4 }),
      {
        ...size,
        text: (one) => (one.sizeBytes === null ? 'measured on request' : size.text(one)),
        more: (one) => (one.sizeBytes === null ? '' : exactBytes(one.sizeBytes)),
      },
      column.list('Containers', ({ containers }) => containers, { width: 2 }),
    ];
    const identity = ({ source }: DiskBindMount) => ({ key: `bind:${source}`, name: source, subject: source });
    return {
      ...{ columns, isBulk: false, action: { name: 'measure', title: 'Measure' } },
      rows: rowsOf(bindMounts, columns, identity),
      note: 'Your own folders: they are in no total, and nothing here removes them.',
    };
  },

  buildCache: ({ buildCache }, column) => {
    const columns: readonly ColumnOf<DiskCacheRecord>[] = [
      column.text('Description', recordText, { width: 4, more: ({ id }) => id }),
      column.text('Type', ({ type }) => type, { width: 1.4 }),
      column.bytes('Size', ({ sizeBytes }) => sizeBytes),
      column.text('Bytes', ({ isShared }) => (isShared ? 'with an image' : 'its own'), {
        ...{ width: 1.3, hint: 'Bytes of a shared record are those of an image’s layer, and counted there' },
      }),
      column.text('In use', ({ isInUse }) => (isInUse ? 'yes' : 'no'), { width: 0.8 }),
      column.time('Last used', ({ lastUsedAt }) => lastUsedAt),
      column.count('Uses', ({ usageCount }) => usageCount),
    ];
    return {
      ...{ columns, isBulk: true, action: undefined },
      rows: rowsOf(buildCache, columns, (one) => removable(recordItem(one))),
      note: 'Removing a record makes steps of later builds run again; the plan says which, as far as Dockerfiles are open.',
    };
  },
};

function filesOf({ configBytes, checkpointBytes }: DiskContainer): number | null {
  return configBytes === null && checkpointBytes === null ? null : (configBytes ?? 0) + (checkpointBytes ?? 0);
}

function imageText({ id, names, isIntermediate }: DiskImage): string {
  const shown = names.length === 0 ? `<none> ${shortId(id)}` : names.join(', ');
  return isIntermediate ? `${shown} (step of another image)` : shown;
}

function recordText({ description, mountTarget, mountId = '' }: DiskCacheRecord): string {
  if (mountTarget === '') return description;
  return `cache mount at ${mountTarget}${mountId === '' ? '' : ` (id ${mountId})`}: ${description}`;
}
