/** How a count of bytes came about: read to the byte, told by the engine, or worked out from something near it. */
export type DiskBasis = 'exact' | 'measured' | 'estimate';

/**
 * Where the bytes of an engine are, each counted once in {@link DiskTotals}. `layer-insight disk --json` prints this
 * document. All bytes are exact integers; null: not known, and then {@link DiskReport.notMeasured} says why.
 */
export interface DiskReport {
  readonly schemaVersion: 1;
  readonly engine: DiskEngine;
  readonly storage: DiskStorage;
  /** ISO 8601, by this machine's clock. */
  readonly measuredAt: string;
  readonly tookMs: number;
  readonly totals: DiskTotals;
  readonly containers: readonly DiskContainer[];
  readonly images: readonly DiskImage[];
  readonly layers: readonly DiskLayer[];
  readonly volumes: readonly DiskVolume[];
  readonly bindMounts: readonly DiskBindMount[];
  readonly buildCache: readonly DiskCacheRecord[];
  readonly notMeasured: readonly NotMeasured[];
}

/** The engine that was asked. */
export interface DiskEngine {
  readonly kind: 'docker' | 'podman';
  /** Names this store, also after the engine was restarted; empty when it is not told. */
  readonly id: string;
  readonly version: string;
  readonly apiVersion: string;
  /** `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  readonly isLocal: boolean;
  readonly isRootless: boolean;
}

/** Where and how the engine keeps its data. */
export interface DiskStorage {
  /** `overlay2`, `overlayfs`, `vfs`. */
  readonly driver: string;
  /** The data root as the engine tells it; on its machine, which may be another one. */
  readonly root: string;
  readonly store: 'graph-driver' | 'containerd' | 'podman';
  /** What its sizes count: bytes of files, blocks on disk with directories, or bytes of the layers' archives. */
  readonly counts: 'files' | 'blocks' | 'archives';
  /** The data root was read beside the engine's own answers. */
  readonly isRootRead: boolean;
}

/** Every byte once. */
export interface DiskTotals {
  /** Sum of the parts. */
  readonly bytes: number;
  /** What would come free if all that nothing uses were removed, volumes apart. At least that much. */
  readonly reclaimableBytes: number;
  readonly parts: readonly DiskPart[];
  /** How the total follows from what the engine's own commands print. */
  readonly derivation: readonly DiskDerivationRow[];
  /** What one gets by adding up the virtual sizes of all containers, and how much of that is counted more than once. */
  readonly virtualSum: { readonly bytes: number; readonly countedAgainBytes: number };
}

/** A part of the total. */
export type DiskPartKind =
  | 'layers'
  | 'writable-layers'
  | 'build-cache'
  | 'volumes'
  | 'logs'
  | 'container-files'
  | 'content'
  | 'housekeeping'
  | 'rounding'
  | 'other';

/** One row of the total; no byte is in two of them. */
export interface DiskPart {
  readonly kind: DiskPartKind;
  readonly label: string;
  readonly bytes: number;
  readonly basis: DiskBasis;
  /** Of it, what would come free if all that nothing uses were removed. */
  readonly reclaimableBytes: number;
  /** The directory below the data root that it is in, where that is known. */
  readonly directory?: string;
}

/** One line of a calculation: `+ 5 x writable layers`, `= total`. */
export interface DiskDerivationRow {
  readonly sign: '+' | '-' | '=';
  readonly label: string;
  readonly bytes: number;
  /** Why the line is there, a sentence; may be empty. */
  readonly note: string;
}

export interface DiskContainer {
  readonly id: string;
  readonly name: string;
  /** The name that it was made by. */
  readonly image: string;
  readonly imageId: string;
  /** `running`, `exited`, `created`, `paused`, ... */
  readonly state: string;
  /** ISO 8601; empty: not told. */
  readonly createdAt: string;
  /** Bytes of its writable layer, as `docker ps -s` prints as `size`. */
  readonly sizeBytes: number | null;
  /** With all layers of its image, as `docker ps -s` prints as `virtual`. Never to be added up. */
  readonly virtualBytes: number | null;
  readonly logBytes: number | null;
  /** The logs are a part of `sizeBytes` already, and so are configuration and checkpoints (Podman). */
  readonly isLogInSize: boolean;
  /** Configuration, hosts and other files that the engine keeps for it. */
  readonly configBytes: number | null;
  /** Checkpoints; null where they cannot be read. */
  readonly checkpointBytes: number | null;
  readonly mounts: readonly DiskMount[];
}

export interface DiskMount {
  readonly kind: 'volume' | 'bind' | 'tmpfs' | 'other';
  /** Name of the volume, or the path on the engine's machine. */
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
}

export interface DiskImage {
  readonly id: string;
  /** Empty: dangling. */
  readonly names: readonly string[];
  readonly createdAt: string;
  /** As the engine counts it. */
  readonly sizeBytes: number;
  /** Bytes of layers that another image has, too. */
  readonly sharedBytes: number | null;
  /** Bytes of layers that only it has. */
  readonly uniqueBytes: number | null;
  /** Chain IDs of its layers, lowest first. */
  readonly layers: readonly string[];
  /** Names of its containers, stopped ones too. */
  readonly containers: readonly string[];
  /** It is only there as a step of another image (classic builder). */
  readonly isIntermediate: boolean;
  /** Id of the image that a step made it from (classic builder, Buildah); empty: of none; absent: not told. */
  readonly parentId?: string;
}

/** A layer on all layers below it. */
export interface DiskLayer {
  readonly chainId: string;
  readonly diffId: string;
  /** Chain ID of the layer below; empty: none. */
  readonly parent: string;
  readonly sizeBytes: number | null;
  readonly createdBy: string;
  /** Ids of the images that have it. */
  readonly images: readonly string[];
  /**
   * Whether the build cache keeps it also without its images: then removing them frees nothing of it until the record
   * is removed, too. `maybe`: a record of the same size is there.
   */
  readonly inBuildCache: 'no' | 'yes' | 'maybe';
}

export interface DiskVolume {
  readonly name: string;
  readonly driver: string;
  readonly createdAt: string;
  /** Path on the engine's machine; empty: not told. */
  readonly mountpoint: string;
  readonly sizeBytes: number | null;
  /** Names of containers that use it, stopped ones too. */
  readonly containers: readonly string[];
  readonly isAnonymous: boolean;
}

/** A folder of the user's own that containers see; in no total. */
export interface DiskBindMount {
  /** Path on the engine's machine. */
  readonly source: string;
  readonly containers: readonly string[];
  /** Measured on request only. */
  readonly sizeBytes: number | null;
}

export interface DiskCacheRecord {
  readonly id: string;
  readonly parents: readonly string[];
  /** `regular`, `source.local`, `exec.cachemount`, `frontend`, `internal`, `source.git.checkout`. */
  readonly type: string;
  readonly description: string;
  readonly sizeBytes: number;
  /** Its bytes are those of an image's layer, and counted there. */
  readonly isShared: boolean;
  readonly isInUse: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly usageCount: number;
  /** Chain ID of the layer of images that it is, from the engine's own files; absent: not known. */
  readonly layer?: string;
  /** Of a cache mount: the folder that it is mounted at; empty otherwise. */
  readonly mountTarget: string;
  /** Of a cache mount: its id as the Dockerfile writes it; empty or absent: none was given, or it is not told. */
  readonly mountId?: string;
}

/** Something that has bytes which could not be counted. Never shown as 0. */
export interface NotMeasured {
  /** `logs of container web`. */
  readonly what: string;
  /** A sentence. */
  readonly why: string;
  /** What to do to have it counted; empty: nothing. */
  readonly remedy: string;
}

/** What a container changed against its image. */
export interface ContainerChanges {
  /** Sorted by path. A changed file is a full copy of it, however little changed. */
  readonly changes: readonly ContainerChange[];
  /** Bytes of the files that were added or changed; null where they cannot be told. */
  readonly bytes: number | null;
  /** Bytes of files of the image that are hidden by now; they stay on disk. Null: not known. */
  readonly hiddenBytes: number | null;
  /** Why sizes are missing, a sentence; empty otherwise. */
  readonly message: string;
}

export interface ContainerChange {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'deleted';
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Of the file in the writable layer; of a deleted one 0; null: not known. */
  readonly bytes: number | null;
  /** What the file had in the image; null: it was not there, or it is not known. */
  readonly imageBytes: number | null;
}
