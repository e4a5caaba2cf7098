import type { DiskPart, NotMeasured } from '../model';
import {
  containerParts,
  directoryOf,
  housekeeping,
  rounding,
  volumeParts,
  type Account,
  type AccountInput,
} from './accountGraphDriver';
import type { ContainerdFiles, EngineFacts, ImageFact } from './facts';
import { chainsOf, sum } from './layerUnion';
import { part } from './parts';

/**
 * Docker with the containerd image store. A layer is there up to three times: unpacked as a snapshot of images, unpacked
 * again by the builder, and packed as it came or would be pushed. Snapshots count blocks with folders.
 */
export function accountContainerd(input: AccountInput): Account {
  const { root } = input;
  const files = root?.containerd;
  const stored = storedParts(input);
  const { parts: packed, notMeasured } =
    files === undefined ? toldParts(input, stored) : foundParts(input, stored, files);
  const directory = files?.directory;
  const own = [...stored, ...packed].map((one) => (directory === undefined ? one : { ...one, directory }));
  const volumes = volumeParts(input.facts, root);
  if (root === undefined) return { parts: [...own, ...volumes], notMeasured };
  const containers = containerParts(input);
  const inside = directory === undefined ? undefined : directoryOf(root.directories, directory);
  return {
    parts: [
      ...own,
      ...(files === undefined ? [] : foldersOf(files, inside?.blocks ?? files.blocks.all, own)),
      ...volumes,
      ...rounding(directoryOf(root.directories, 'volumes'), volumes),
      ...containers,
      ...rounding(directoryOf(root.directories, 'containers'), containers),
      ...housekeeping(root.directories, ['volumes', 'containers', inside?.name ?? '']),
    ].filter(({ bytes, kind }) => bytes !== 0 || kind === 'layers'),
    notMeasured,
  };
}

/** Unpacked layers of images, and what containers wrote. */
function storedParts({ facts, layers, unused }: AccountInput): DiskPart[] {
  const free = layers.filter(({ chainId }) => !unused.keptLayers.has(chainId));
  const stopped = facts.containers.filter((one) => unused.isContainerUnused(one));
  return [
    part('layers', 'Unpacked layers of images, each once', sum(layers.map(({ sizeBytes }) => sizeBytes ?? 0)), {
      reclaimableBytes: sum(free.map(({ sizeBytes }) => sizeBytes ?? 0)),
    }),
    part(
      'writable-layers',
      'Writable layers of containers',
      sum(facts.containers.map(({ sizeBytes }) => sizeBytes ?? 0)),
      {
        reclaimableBytes: sum(stopped.map(({ sizeBytes }) => sizeBytes ?? 0)),
      },
    ),
  ];
}

/** Types of records that have no packed layer: their size is that of their snapshot alone. */
const UNPACKED: readonly string[] = ['source.local', 'exec.cachemount', 'source.git.checkout', 'frontend', 'internal'];

interface Packed {
  readonly parts: readonly DiskPart[];
  readonly notMeasured: readonly NotMeasured[];
}

/** What the engine's numbers tell of packed layers and of the builder. */
function toldParts({ facts, unused }: AccountInput, stored: readonly DiskPart[]): Packed {
  const records = facts.isEverythingInImages
    ? facts.cache.filter(({ type }) => UNPACKED.includes(type))
    : facts.cache.filter(({ isShared }) => !isShared);
  const cache = part('build-cache', 'Build cache', sum(records.map(({ sizeBytes }) => sizeBytes)), {
    reclaimableBytes: sum(records.filter(({ id }) => unused.records.has(id)).map(({ sizeBytes }) => sizeBytes)),
  });
  const layers = stored.filter(({ kind }) => kind === 'layers');
  const besides = facts.isEverythingInImages ? [...stored, cache] : layers;
  const left = Math.max(0, (facts.imagesBytes ?? 0) - sum(besides.map(({ bytes }) => bytes)));
  const label = facts.isEverythingInImages
    ? "Packed layers of images, the builder's own copies of layers, beginnings of containers"
    : 'Packed layers of images';
  const content = part('content', label, left, {
    basis: 'measured',
    reclaimableBytes: packedAtLeast(facts, unused.keptLayers),
  });
  const copies = facts.cache.filter(({ isShared }) => isShared).length;
  if (facts.isEverythingInImages || copies === 0) return { parts: [cache, content], notMeasured: [] };
  const what = `The builder's own copies of ${copies} layers`;
  const why = 'The engine tells their sizes only together with packed layers that images have, too.';
  return {
    parts: [cache, content],
    notMeasured: [{ what, why, remedy: 'Run "sudo layer-insight disk" on its machine.' }],
  };
}

/**
 * Packed bytes that only unused images have, at least. How long one packed layer is nothing tells, but images without a
 * common layer share none, and others at most what the smaller has.
 */
function packedAtLeast({ images }: EngineFacts, keptLayers: ReadonlySet<string>): number {
  const packed = images.map((image) => ({ image, bytes: packedBytes(image) })).sort((a, b) => b.bytes - a.bytes);
  const isKept = ({ layers }: ImageFact): boolean => (layers ?? []).some(({ chainId }) => keptLayers.has(chainId));
  let free = 0;
  const seen = packed.filter(({ image }) => image.layers === undefined);
  for (const one of packed) {
    if (one.image.layers === undefined) continue;
    const own = new Set(chainsOf(one.image));
    const sharing = seen.filter(
      ({ image }) => image.layers === undefined || chainsOf(image).some((chain) => own.has(chain)),
    );
    if (!isKept(one.image)) free += Math.max(0, one.bytes - sum(sharing.map(({ bytes }) => bytes)));
    seen.push(one);
  }
  return free;
}

function packedBytes({ sizeBytes, layers }: ImageFact): number {
  const unpacked = (layers ?? []).map((layer) => layer.sizeBytes);
  return unpacked.includes(null) ? 0 : Math.max(0, sizeBytes - sum(unpacked.map((bytes) => bytes ?? 0)));
}

/** What the folders of containerd show beside snapshots of images and containers. */
function foundParts({ facts, unused }: AccountInput, stored: readonly DiskPart[], files: ContainerdFiles): Packed {
  const { snapshots, blobs, ofImages } = files;
  const kept = new Set<string>();
  for (const image of facts.images) {
    const isKept = chainsOf(image).some((chain) => unused.keptLayers.has(chain));
    if (isKept) for (const digest of ofImages.get(image.id) ?? []) kept.add(digest);
  }
  const named = new Set([...ofImages.values()].flatMap((digests) => [...digests]));
  const bytesOf = (digests: Iterable<string>): number => sum([...digests].map((digest) => blobs.get(digest) ?? 0));
  const all = bytesOf(blobs.keys());
  const ofImage = bytesOf(named);
  const cache = Math.max(0, snapshots.blocks - sum(stored.map(({ bytes }) => bytes)));
  const free = facts.cache.filter(({ id, isShared }) => !isShared && unused.records.has(id));
  return {
    parts: [
      part('build-cache', "The builder's unpacked layers and cache mounts, beginnings of containers", cache, {
        reclaimableBytes: sum(free.map(({ sizeBytes }) => sizeBytes)),
      }),
      part('content', 'Packed layers and descriptions of images', ofImage, {
        reclaimableBytes: ofImage - bytesOf(kept),
      }),
      part('content', 'Packed layers and notes that only the builder has', all - ofImage),
    ],
    notMeasured: [],
  };
}

/** containerd's own files, and by how much its folders take more than what is in them. */
function foldersOf({ directory, blocks }: ContainerdFiles, all: number, parts: readonly DiskPart[]): DiskPart[] {
  const own = all - blocks.snapshots - blocks.content;
  const inside = sum(parts.map(({ bytes }) => bytes));
  const label = `${directory}: folders, and files in whole blocks`;
  return [
    part('housekeeping', `${directory}: its own notes`, own, { directory }),
    { kind: 'rounding', label, bytes: all - own - inside, basis: 'exact', reclaimableBytes: 0, directory },
  ];
}
