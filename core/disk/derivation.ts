import type { DiskDerivationRow, DiskPart, DiskTotals } from '../model';
import type { ContainerFact, EngineFacts } from './facts';
import { bytesOfLayers, chainsOf, sum } from './layerUnion';

/** Images whose containers are shown by themselves; the others follow in one row. */
const MAX_GROUPS = 6;

/**
 * How the total follows from what `docker ps -s` and `docker system df` print: containers that were made from one image
 * take the sum of their SIZEs and that image once.
 *
 * @param sizes bytes of layers by chain id
 */
export function deriveTotal(
  facts: EngineFacts,
  sizes: ReadonlyMap<string, number>,
  parts: readonly DiskPart[],
): DiskDerivationRow[] {
  const rows: DiskDerivationRow[] = [];
  const add = (label: string, bytes: number, note = ''): void => {
    if (bytes !== 0) rows.push({ sign: bytes < 0 ? '-' : '+', label, bytes: Math.abs(bytes), note });
  };
  const images = new Map(facts.images.map((image) => [image.id, image]));
  const counted = new Set<string>();
  let written = 0;
  for (const { imageId, name, containers } of groupsOf(facts).slice(0, MAX_GROUPS)) {
    const own = sum(containers.map(({ sizeBytes }) => sizeBytes ?? 0));
    const many = containers.length;
    add(`SIZE of ${many === 1 ? `container ${containers[0]?.name ?? ''}` : `${many} containers of ${name}`}`, own, '');
    const fresh = chainsOf(images.get(imageId)).filter((chain) => !counted.has(chain));
    const isPartly = fresh.length < chainsOf(images.get(imageId)).length;
    add(
      `image ${name}, once${isPartly ? ', without layers counted above' : ''}`,
      bytesOfLayers(fresh, sizes),
      sharedNote(many),
    );
    for (const chain of fresh) counted.add(chain);
    written += own;
  }
  const layers = bytesOfKind(parts, 'layers');
  add('SIZE of all other containers', sum(facts.containers.map(({ sizeBytes }) => sizeBytes ?? 0)) - written);
  add(
    `layers of ${counted.size === 0 ? 'images' : 'all other images'}, each once`,
    layers - bytesOfLayers(counted, sizes),
    imagesNote(facts),
  );
  const told = sum(facts.containers.map(({ sizeBytes }) => sizeBytes ?? 0));
  add(
    'of SIZE: logs, files of the engine and memory, which are no layers',
    bytesOfKind(parts, 'writable-layers') - told,
  );
  for (const { kind, label, bytes } of parts) {
    if (kind !== 'layers' && kind !== 'writable-layers') add(label, bytes, noteOf(kind, facts));
  }
  rows.push({ sign: '=', label: 'total', bytes: sum(parts.map(({ bytes }) => bytes)), note: '' });
  return rows;
}

/** What adding up the virtual sizes gives, and how much of that is there only once and counted again. */
export function virtualSumOf(facts: EngineFacts, sizes: ReadonlyMap<string, number>): DiskTotals['virtualSum'] {
  const images = new Map(facts.images.map((image) => [image.id, image]));
  const measured = facts.containers.filter(({ virtualBytes }) => virtualBytes !== null);
  const bytes = sum(measured.map(({ virtualBytes }) => virtualBytes ?? 0));
  const layers = bytesOfLayers(
    measured.flatMap(({ imageId }) => chainsOf(images.get(imageId))),
    sizes,
  );
  const once = layers + sum(measured.map(({ sizeBytes }) => sizeBytes ?? 0));
  return { bytes, countedAgainBytes: Math.max(0, bytes - once) };
}

interface Group {
  readonly imageId: string;
  readonly name: string;
  readonly containers: readonly ContainerFact[];
}

/** Containers by their images, those with most containers first. */
function groupsOf({ containers }: EngineFacts): Group[] {
  const groups = new Map<string, ContainerFact[]>();
  for (const container of containers) {
    const group = groups.get(container.imageId);
    if (group === undefined) groups.set(container.imageId, [container]);
    else group.push(container);
  }
  return [...groups]
    .map(([imageId, own]) => ({ imageId, name: own[0]?.image ?? '', containers: own }))
    .sort((a, b) => b.containers.length - a.containers.length || (a.name < b.name ? -1 : 1));
}

function bytesOfKind(parts: readonly DiskPart[], kind: DiskPart['kind']): number {
  return sum(parts.filter((one) => one.kind === kind).map(({ bytes }) => bytes));
}

function sharedNote(containers: number): string {
  return containers === 1
    ? ''
    : `Its ${containers} containers read the same layers; "virtual" counts them ${containers} times.`;
}

function imagesNote({ imagesBytes, isEverythingInImages }: EngineFacts): string {
  if (imagesBytes === null || isEverythingInImages) return '';
  return `"system df" prints all layers of images together as the SIZE of Images: ${imagesBytes} bytes.`;
}

function noteOf(kind: DiskPart['kind'], { storage: { store } }: EngineFacts): string {
  if (kind === 'logs' && store === 'podman') return 'Podman counts it to SIZE.';
  if (kind === 'build-cache' && store === 'podman') return 'No command of Podman prints it.';
  if (kind === 'build-cache' && store === 'containerd') return '';
  return NOTES[kind] ?? '';
}

const NOTES: Readonly<Partial<Record<DiskPart['kind'], string>>> = {
  logs: 'No docker command prints it.',
  'container-files': 'No command of the engine prints it.',
  housekeeping: 'No command of the engine prints it.',
  rounding: 'The engine counts lengths; a disk stores whole blocks and folders.',
  volumes: 'As "system df" prints it.',
  'build-cache': 'Records that share their bytes with an image are counted there.',
};
