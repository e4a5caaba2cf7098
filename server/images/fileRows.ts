import { compareNames } from '../../core/image/entryPath';
import type { LayerEntry } from '../../core/image/layerEntries';
import type { LayerFile, LayerView } from '../../core/image/layerView';
import { formatBytes, type ByteUnits } from '../../core/model';
import type { ReadImage } from '../../core/node/image/findImage';
import { code } from '../features/words';
import type { ImageNode, ImageViewOptions, LayerFileChange } from '../protocol';
import { idText } from './nodeId';

/** Rows of one folder; who has more sees how many there are. */
const MAX_ROWS = 2000;

/** Names in a folder of an image as rows. */
export function fileRows(
  { image, analysis }: ReadImage,
  key: string,
  view: LayerView,
  folder: string,
  options: ImageViewOptions,
  units: ByteUnits,
): ImageNode[] {
  const where = `${key} ${view.layer} ${folder}`;
  const files = view.children(folder, options.cumulative).filter(({ change }) => !options.hidden.includes(change));
  files.sort((a, b) =>
    options.sortBy === 'size' ? b.bytes - a.bytes || compareNames(a.name, b.name) : compareNames(a.name, b.name),
  );
  const rows = files.slice(0, MAX_ROWS).map((file) => fileRow(file, key, view, analysis.layers, units));
  if (files.length > MAX_ROWS) rows.push(notice(`… and ${files.length - MAX_ROWS} more names`, where));
  if (files.length === 0 && folder === '') {
    const { problems } = image;
    rows.push(
      notice(
        problems[0] ?? (options.hidden.length > 0 ? 'Nothing of the kinds that are shown' : 'This layer has no files'),
        where,
      ),
    );
  }
  return rows;
}

/** A row that only says something. */
export function notice(text: string, where: string): ImageNode {
  return {
    ...{
      id: idText({ kind: 'notice', text: `${where} ${text}` }),
      kind: 'notice',
      label: text,
      description: '',
      tooltip: code(text),
    },
    ...{ accessibilityLabel: text, hasChildren: false },
  };
}

function fileRow(
  file: LayerFile,
  key: string,
  view: LayerView,
  layers: ReadImage['analysis']['layers'],
  units: ByteUnits,
): ImageNode {
  const { name, path, type, change, bytes, place, hasChildren } = file;
  const entry = place === undefined ? undefined : layers[place.layer]?.entries.at(place.index);
  const isFolder = type === 'directory';
  const link = entry === undefined || entry.link === '' ? '' : `→ ${entry.link}`;
  const size = type === 'file' || isFolder ? formatBytes(bytes, units) : type;
  const from = place !== undefined && place.layer !== view.layer ? `layer ${place.layer + 1}` : '';
  const older = change === 'modified' && type === 'file' ? view.older(path) : undefined;
  return {
    id: idText({ kind: 'file', image: key, layer: view.layer, path }),
    ...{ kind: isFolder ? 'folder' : 'file', image: key, layer: view.layer, path, change },
    label: isFolder ? `${name}/` : name,
    description: [link, size, from].filter((part) => part !== '').join(' · '),
    tooltip: [
      code(`/${path}`),
      `${WORDS[change]}${place === undefined ? '' : `; stored in layer ${place.layer + 1}`}`,
      entry === undefined ? 'No layer has an entry for this folder itself.' : accessWords(entry),
      type === 'file' ? `${formatBytes(bytes, units)} (${bytes} bytes)` : '',
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    accessibilityLabel: [isFolder ? `Folder ${name}` : name, WORDS[change], size, link, from]
      .filter((part) => part !== '')
      .join(', '),
    hasChildren: isFolder && hasChildren,
    isOpenable: change !== 'removed' && !isFolder && view.content(path) !== undefined,
    ...(older === undefined ? {} : { olderLayer: older }),
  };
}

const WORDS: Readonly<Record<LayerFileChange, string>> = {
  added: 'Added by this layer',
  modified: 'Changed by this layer',
  removed: 'Removed by this layer',
  unmodified: 'Not changed by this layer',
};

function accessWords({ mode, uid, gid, modified }: LayerEntry): string {
  const time = new Date(modified * 1000);
  const written = Number.isNaN(time.getTime())
    ? ''
    : `, written ${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `mode ${mode.toString(8).padStart(4, '0')}, owner ${uid}:${gid}${written}`;
}
