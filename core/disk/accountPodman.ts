import type { DiskPart } from '../model';
import {
  containerParts,
  directoryOf,
  housekeeping,
  rounding,
  volumeParts,
  type Account,
  type AccountInput,
} from './accountGraphDriver';
import { sum } from './layerUnion';
import { EXTERNAL_STATE } from './podmanAnswers';
import { part } from './parts';

/**
 * Podman. Its layers are as long as their archives would be, and a container's size has its logs, its configuration and
 * what it has in memory (`/dev/shm`) in it; only the store itself tells these apart.
 */
export function accountPodman(input: AccountInput): Account {
  const { facts, root } = input;
  const layers = layerParts(input);
  const told = facts.volumesBytes ?? null;
  const sized = volumeParts(facts, root);
  const known = sum(sized.map(({ bytes }) => bytes));
  const volumes = told === null || told <= known ? sized : [part('volumes', 'Volumes', told)];
  if (root === undefined) {
    const written = sum(facts.containers.map(({ sizeBytes }) => sizeBytes ?? 0));
    const free = facts.containers.filter((one) => input.unused.isContainerUnused(one));
    const label = 'Writable layers of containers with logs, configuration and memory';
    const reclaimableBytes = sum(free.map(({ sizeBytes }) => sizeBytes ?? 0));
    return {
      parts: [...layers, part('writable-layers', label, written, { reclaimableBytes }), ...volumes],
      notMeasured: [],
    };
  }
  const store = root.layers?.directory ?? facts.storage.driver;
  const names = { images: `${facts.storage.driver}-images`, containers: `${facts.storage.driver}-containers` };
  const own = [...layers.filter(({ kind }) => kind === 'layers'), ...writtenParts(input)].map((one) => ({
    ...one,
    directory: store,
  }));
  const content = layers.filter(({ kind }) => kind === 'content').map((one) => ({ ...one, directory: names.images }));
  const containers = containerParts(input).map((one) => ({ ...one, directory: names.containers }));
  const directories = root.directories;
  return {
    parts: [
      ...own,
      ...rounding(directoryOf(directories, store), own, 'folders and whole blocks, less the headers of archives'),
      ...content,
      ...rounding(directoryOf(directories, names.images), content),
      ...volumes,
      ...rounding(directoryOf(directories, 'volumes'), volumes),
      ...containers,
      ...rounding(directoryOf(directories, names.containers), containers),
      ...housekeeping(directories, [store, 'volumes', names.images, names.containers]),
      part(
        'build-cache',
        'Cache mounts of RUN --mount=type=cache',
        sum(facts.cache.map(({ sizeBytes }) => sizeBytes)),
        {
          reclaimableBytes: sum(facts.cache.map(({ sizeBytes }) => sizeBytes)),
          directory: root.elsewhere?.name,
        },
      ),
      ...rounding(
        root.elsewhere,
        facts.cache.map(({ sizeBytes }) => part('build-cache', '', sizeBytes, { directory: root.elsewhere?.name })),
      ),
    ].filter(({ bytes, kind }) => bytes !== 0 || kind === 'layers'),
    notMeasured: [],
  };
}

/** Layers as Podman counts them, and what it keeps of images beside them. */
function layerParts({ facts, layers, unused }: AccountInput): DiskPart[] {
  const known = sum(layers.map(({ sizeBytes }) => sizeBytes ?? 0));
  const free = layers.filter(({ chainId }) => !unused.keptLayers.has(chainId));
  const left = Math.max(0, (facts.imagesBytes ?? 0) - known);
  const isWhole = layers.every(({ sizeBytes }) => sizeBytes !== null);
  return [
    part('layers', 'Layers of images, each once', known, {
      reclaimableBytes: sum(free.map(({ sizeBytes }) => sizeBytes ?? 0)),
    }),
    part(
      'content',
      isWhole ? 'Descriptions of images' : 'Descriptions of images, and layers whose sizes are not told',
      left,
    ),
  ].filter(({ bytes, kind }) => bytes > 0 || kind === 'layers');
}

/** What is in the writable layers themselves. */
function writtenParts({ facts, unused, root }: AccountInput): DiskPart[] {
  const bytesOf = (id: string): number => root?.writable.get(id)?.bytes ?? 0;
  const own = facts.containers.filter(({ state }) => state !== EXTERNAL_STATE);
  const working = facts.containers.filter(({ state }) => state === EXTERNAL_STATE);
  const left = root?.layers?.others.bytes ?? 0;
  return [
    part('writable-layers', 'Writable layers of containers', sum(own.map(({ id }) => bytesOf(id))), {
      reclaimableBytes: sum(own.filter((one) => unused.isContainerUnused(one)).map(({ id }) => bytesOf(id))),
    }),
    part('other', 'Working containers of Buildah', sum(working.map(({ id }) => bytesOf(id)))),
    part('other', 'Layers that belong to no image and no container', left),
  ];
}
