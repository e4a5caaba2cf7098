import { asArray, asObject, asText, type Json } from '../llb/decode';
import type { DiskCacheRecord, DiskMount } from '../model';
import type { ContainerFact, ImageFact, VolumeFact } from './facts';

/** What `/system/df` says, in one form for all versions of the API. */
export interface DiskUsageAnswer {
  /** Sum of all layers; null: not told. */
  readonly layersSize: number | null;
  readonly images: readonly ImageFact[];
  readonly containers: readonly ContainerFact[];
  readonly volumes: readonly VolumeFact[];
  readonly cache: readonly DiskCacheRecord[];
}

/**
 * Reads `/system/df`. Before API 1.52: lists and `LayersSize`; from then on `ImageUsage` and others with `TotalSize` and,
 * if asked verbosely, `Items`; 1.52 gives both forms, 1.53 has the new one only (moby api/types/system/disk_usage.go).
 */
export function readDiskUsage(answer: unknown): DiskUsageAnswer {
  const json = asObject(answer);
  const images = asObject(json['ImageUsage']);
  const listOf = (old: string, usage: string): Json[] => {
    const list = asArray(json[old]);
    return (list.length > 0 ? list : asArray(asObject(json[usage])['Items'])).map(asObject);
  };
  return {
    layersSize: count(json['LayersSize']) ?? count(images['TotalSize']),
    images: listOf('Images', 'ImageUsage').map(readImage),
    containers: listOf('Containers', 'ContainerUsage').map((one) => readContainer(one, true)),
    volumes: listOf('Volumes', 'VolumeUsage').map(readVolume),
    cache: listOf('BuildCache', 'BuildCacheUsage').map(readCacheRecord),
  };
}

/** Reads an image of `/images/json` or `/system/df`; its layers are asked for one by one. */
export function readImage(json: Json): ImageFact {
  const names = asArray(json['RepoTags']).map(asText);
  return {
    id: withAlgorithm(asText(json['Id'])),
    // dangling: nothing, null, `<none>:<none>` (before API 1.43)
    names: names.filter((name) => name !== '' && !name.includes('<none>')),
    parent: withAlgorithm(asText(json['ParentId'])),
    createdAt: isoTime(json['Created']),
    sizeBytes: count(json['Size']) ?? 0,
    layers: undefined,
  };
}

/**
 * Reads a container of `/containers/json` or `/system/df`.
 *
 * @param isMeasured sizes were asked for; then one that is missing is 0 (Docker leaves out zeros)
 */
export function readContainer(json: Json, isMeasured: boolean): ContainerFact {
  const [name = ''] = asArray(json['Names']).map(asText);
  const size = count(json['SizeRw']);
  return {
    id: asText(json['Id']),
    name: name.replace(/^\//, ''),
    image: asText(json['Image']),
    imageId: withAlgorithm(asText(json['ImageID'])),
    state: asText(json['State']),
    createdAt: isoTime(json['Created']),
    sizeBytes: size ?? (isMeasured ? 0 : null),
    virtualBytes: count(json['SizeRootFs']),
    logDriver: '',
    mounts: asArray(json['Mounts']).map((mount) => readMount(asObject(mount))),
  };
}

/** What only inspecting a container tells: the driver of its logs, and mounts in memory. */
export function readContainerDetails(container: ContainerFact, answer: unknown): ContainerFact {
  const host = asObject(asObject(answer)['HostConfig']);
  const listed = new Set(container.mounts.map(({ destination }) => destination));
  const inMemory = Object.keys(asObject(host['Tmpfs'])).filter((path) => !listed.has(path));
  return {
    ...container,
    logDriver: asText(asObject(host['LogConfig'])['Type']),
    mounts: [
      ...container.mounts,
      ...inMemory.map((destination): DiskMount => ({ kind: 'tmpfs', source: '', destination, isReadOnly: false })),
    ],
  };
}

function readMount(json: Json): DiskMount {
  const type = asText(json['Type']);
  const kind = type === 'volume' || type === 'bind' || type === 'tmpfs' ? type : 'other';
  return {
    kind,
    source: kind === 'volume' ? asText(json['Name']) : asText(json['Source']),
    destination: asText(json['Destination']),
    isReadOnly: json['RW'] === false,
  };
}

/** Reads a volume; a size of -1 is none. */
export function readVolume(json: Json): VolumeFact {
  const name = asText(json['Name']);
  const driver = asText(json['Driver']) || 'local';
  const options = asObject(json['Options']);
  const isAnonymous = 'com.docker.volume.anonymous' in asObject(json['Labels']) || json['Anonymous'] === true;
  return {
    ...{ name, driver, isAnonymous },
    createdAt: asText(json['CreatedAt']),
    mountpoint: asText(json['Mountpoint']),
    sizeBytes: count(asObject(json['UsageData'])['Size']),
    // what the local driver mounts over the volume's folder
    isElsewhere: driver !== 'local' || asText(options['device'] ?? options['Device']) !== '',
  };
}

/** BuildKit's own words (solver/llbsolver/mounts/mount.go, getRefCacheDirNoCache): `… with id "/name"` at the end. */
const CACHE_MOUNT = /^cached mount (\S+) from/;
const CACHE_MOUNT_ID = /with id "\/?([^"]*)"$/;

/** Reads a record of the build cache. */
export function readCacheRecord(json: Json): DiskCacheRecord {
  const description = asText(json['Description']);
  const type = asText(json['Type']);
  // the name has a leading blank from API 1.42 on; before it was one id, `Parent`
  const parents = json[' Parents'] ?? json['Parents'];
  const parent = asText(json['Parent']);
  return {
    id: asText(json['ID']),
    parents: parents === undefined ? (parent === '' ? [] : [parent]) : asArray(parents).map(asText),
    ...{ type, description },
    sizeBytes: count(json['Size']) ?? 0,
    isShared: json['Shared'] === true,
    isInUse: json['InUse'] === true,
    createdAt: asText(json['CreatedAt']),
    lastUsedAt: asText(json['LastUsedAt']),
    usageCount: count(json['UsageCount']) ?? 0,
    mountTarget: type === 'exec.cachemount' ? (CACHE_MOUNT.exec(description)?.[1] ?? '') : '',
    mountId: type === 'exec.cachemount' ? (CACHE_MOUNT_ID.exec(description)?.[1] ?? '') : '',
  };
}

/** A number of bytes or things; negative ones mean that it is not known. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** An id of an image with its algorithm, which some answers leave out; an empty one stays empty. */
export function withAlgorithm(id: string): string {
  return id === '' || id.includes(':') ? id : `sha256:${id}`;
}

/** Seconds that ECMAScript's dates reach from the epoch. */
const MAX_SECONDS = 8.64e12;

/** Seconds since the epoch, or a text as it is. */
export function isoTime(value: unknown): string {
  if (typeof value === 'number' && value > 0 && value <= MAX_SECONDS) return new Date(value * 1000).toISOString();
  return asText(value);
}
