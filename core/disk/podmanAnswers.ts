import { asArray, asObject, asText, type Json } from '../llb/decode';
import type { DiskMount } from '../model';
import { count, isoTime, withAlgorithm } from './dockerAnswers';
import type { ContainerFact, ImageFact, LayerFact, VolumeFact } from './facts';
import type { ChainIds } from './imageLayers';

/** Reads an image of `podman images --all --no-trunc --format json`. */
export function readPodmanImage(json: Json): ImageFact {
  return {
    id: withAlgorithm(asText(json['Id'])),
    // `History` has earlier names, and names by a digest are beside those by a tag
    names: asArray(json['Names'])
      .map(asText)
      .filter((name) => name !== '' && !name.includes('@')),
    parent: withAlgorithm(asText(json['ParentId'])),
    createdAt: isoTime(json['Created']),
    sizeBytes: count(json['Size']) ?? 0,
    layers: undefined,
  };
}

/**
 * The layers of an image.
 *
 * @param image of `podman image inspect`
 * @param history of `podman history`, newest first; undefined: sizes are told by the store itself
 */
export function layersOfPodmanImage(
  image: Json,
  history: readonly Json[] | undefined,
  chainIds: ChainIds,
): LayerFact[] {
  const diffIds = asArray(asObject(image['RootFS'])['Layers']).map(asText);
  const steps = asArray(image['History']).map(asObject);
  const sizes = [...(history ?? [])].reverse().map((step) => count(step['size']));
  const made = steps
    .map((step, index) => ({ createdBy: asText(step['created_by']), bytes: sizes[index] ?? null, step }))
    .filter(({ step }) => step['empty_layer'] !== true);
  const isClear = made.length === diffIds.length;
  const chains = chainIds(diffIds);
  return diffIds.map((diffId, index) => ({
    ...{ chainId: chains[index] ?? '', diffId },
    sizeBytes: (isClear ? made[index]?.bytes : undefined) ?? null,
    createdBy: (isClear ? made[index]?.createdBy : undefined) ?? '',
  }));
}

/** State that Podman gives to containers that are not its own: those that Buildah builds in. */
export const EXTERNAL_STATE = 'storage';

/** Reads a container of `podman ps --all --external --size --no-trunc --format json`. */
export function readPodmanContainer(json: Json): ContainerFact {
  const [name = ''] = asArray(json['Names']).map(asText);
  const size = asObject(json['Size']);
  const state = asText(json['State']);
  const isExternal = state === EXTERNAL_STATE;
  return {
    id: asText(json['Id']),
    name,
    image: asText(json['Image']),
    imageId: withAlgorithm(asText(json['ImageID'])),
    state,
    createdAt: isoTime(json['Created']),
    // Podman does not measure them and may write zeros
    sizeBytes: isExternal ? null : count(size['rwSize']),
    virtualBytes: isExternal ? null : count(size['rootFsSize']),
    logDriver: '',
    mounts: [],
  };
}

/** What only `podman container inspect` tells. */
export function readPodmanContainerDetails(container: ContainerFact, json: Json): ContainerFact {
  const host = asObject(json['HostConfig']);
  const mounts = asArray(json['Mounts']).map((one): DiskMount => {
    const mount = asObject(one);
    const type = asText(mount['Type']);
    const kind = type === 'volume' || type === 'bind' || type === 'tmpfs' ? type : 'other';
    return {
      kind,
      source: kind === 'volume' ? asText(mount['Name']) : asText(mount['Source']),
      destination: asText(mount['Destination']),
      isReadOnly: mount['RW'] === false,
    };
  });
  const inMemory = Object.keys(asObject(host['Tmpfs'])).map((destination): DiskMount => ({
    kind: 'tmpfs',
    source: '',
    destination,
    isReadOnly: false,
  }));
  return { ...container, logDriver: asText(asObject(host['LogConfig'])['Type']), mounts: [...mounts, ...inMemory] };
}

/** Reads a volume of `podman volume ls --format json`, which has no size. */
export function readPodmanVolume(json: Json): VolumeFact {
  const driver = asText(json['Driver']) || 'local';
  const options = asObject(json['Options']);
  return {
    ...{ name: asText(json['Name']), driver, sizeBytes: null },
    createdAt: asText(json['CreatedAt']),
    mountpoint: asText(json['Mountpoint']),
    isAnonymous: json['Anonymous'] === true,
    isElsewhere: driver !== 'local' || asText(options['device']) !== '',
  };
}

/** Sums that `podman system df --format json` tells, in bytes; null: not told. */
export interface PodmanSums {
  readonly images: number | null;
  readonly volumes: number | null;
}

export function readPodmanSums(answer: unknown): PodmanSums {
  const rows = asArray(answer).map(asObject);
  const sizeOf = (type: string): number | null => count(rows.find((row) => row['Type'] === type)?.['RawSize']);
  return { images: sizeOf('Images'), volumes: sizeOf('Local Volumes') };
}

const DIFF_LISTS = { added: 1, changed: 0, deleted: 2 } as const;

/** `podman diff --format json` in the form of Docker's answer. */
export function podmanDiffAsChanges(answer: unknown): readonly Json[] {
  const json = asObject(answer);
  return Object.entries(DIFF_LISTS).flatMap(([list, kind]) =>
    asArray(json[list]).map((path) => ({ Path: asText(path), Kind: kind })),
  );
}
