import type { DiskCacheRecord, DiskEngine, DiskMount, DiskStorage } from '../model';

/** What an engine says of its bytes, in one form for all engines and versions. */
export interface EngineFacts {
  readonly engine: DiskEngine;
  readonly storage: Pick<DiskStorage, 'driver' | 'root' | 'store'>;
  /** Its own sum of what images take, each layer once; null: not told. */
  readonly imagesBytes: number | null;
  /**
   * Whether that sum has writable layers and build cache in it, too: Docker's containerd store before version 29 adds up
   * every snapshot.
   */
  readonly isEverythingInImages: boolean;
  /** Its own sum of volumes, where it tells no single sizes; absent: not told. */
  readonly volumesBytes?: number | null;
  readonly images: readonly ImageFact[];
  readonly containers: readonly ContainerFact[];
  readonly volumes: readonly VolumeFact[];
  readonly cache: readonly DiskCacheRecord[];
}

export interface ImageFact {
  readonly id: string;
  readonly names: readonly string[];
  /** Id of the image that the classic builder or Buildah made it from; empty: not told. */
  readonly parent: string;
  /** ISO 8601; empty: not told. */
  readonly createdAt: string;
  /** Bytes as the engine counts them. */
  readonly sizeBytes: number;
  /** Lowest first; undefined: they could not be asked for. */
  readonly layers: readonly LayerFact[] | undefined;
}

/** A layer as one image has it. */
export interface LayerFact {
  readonly chainId: string;
  readonly diffId: string;
  /** Bytes as the engine counts them; null: not known from this image. */
  readonly sizeBytes: number | null;
  readonly createdBy: string;
}

export interface ContainerFact {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  /** ISO 8601; empty: not told. */
  readonly createdAt: string;
  readonly sizeBytes: number | null;
  readonly virtualBytes: number | null;
  /** `json-file`, `local`, `journald`, `none`; empty: not told. */
  readonly logDriver: string;
  readonly mounts: readonly DiskMount[];
}

export interface VolumeFact {
  readonly name: string;
  readonly driver: string;
  readonly createdAt: string;
  readonly mountpoint: string;
  readonly sizeBytes: number | null;
  readonly isAnonymous: boolean;
  /** What is mounted there lies outside of the data root: a folder, a share of the network. */
  readonly isElsewhere: boolean;
}

/** Bytes of a tree of files. */
export interface TreeSum {
  /** What it takes on disk, folders included, as `du` counts: blocks of 512 bytes, in bytes. */
  readonly blocks: number;
  /** Lengths of its files and of the texts of its links, hard links once; folders have none. */
  readonly bytes: number;
}

/** What was found in the engine's data root. Bytes. */
export interface RootFacts {
  /** All of it on disk, as `du -s` says. */
  readonly blocks: number;
  /** Each entry of the data root. */
  readonly directories: readonly RootDirectory[];
  /** Folders and files that could not be read, as paths. */
  readonly unreadable: readonly string[];
  /** By container id. */
  readonly containers: ReadonlyMap<string, ContainerFiles>;
  /** What containers wrote, by their ids. */
  readonly writable: ReadonlyMap<string, TreeSum>;
  /** A folder outside of the data root that the engine writes to. */
  readonly elsewhere?: RootDirectory | undefined;
  /** Volumes that lie in the data root, by name. */
  readonly volumes: ReadonlyMap<string, TreeSum>;
  /** What lies in the folder of the layers; undefined: not told apart. */
  readonly layers: RootLayers | undefined;
  /** Bytes of a layer as the store notes them, by chain id. */
  readonly layerSizes: ReadonlyMap<string, number>;
  /** Chain ids of the layers that records of the build cache are, by the records' ids; undefined: not read. */
  readonly recordLayers?: ReadonlyMap<string, string> | undefined;
  /** What containerd keeps for images; undefined: images are not in containerd, or its files were not found. */
  readonly containerd: ContainerdFiles | undefined;
}

export interface ContainerdFiles {
  /** What its root is called among {@link RootFacts.directories}, or its path where it lies outside of the data root. */
  readonly directory: string;
  /** On disk: all of it, the folder of snapshots, and that of packed layers. */
  readonly blocks: { readonly all: number; readonly snapshots: number; readonly content: number };
  /** Files of all snapshots. */
  readonly snapshots: TreeSum;
  /** Lengths of what is stored packed, by digest. */
  readonly blobs: ReadonlyMap<string, number>;
  /** Digests that belong to an image, by its id. */
  readonly ofImages: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface RootDirectory extends TreeSum {
  readonly name: string;
}

/** What the engine keeps for a container, apart from its layers. */
export interface ContainerFiles {
  /** The log and its older parts. */
  readonly log: TreeSum;
  readonly checkpoints: TreeSum;
  /** Configuration and all the rest. */
  readonly config: TreeSum;
}

/** The folder of the layers, its subfolders by what they are. */
export interface RootLayers {
  /** Its name in the data root. */
  readonly directory: string;
  readonly images: TreeSum;
  readonly writable: TreeSum;
  /** Layers between image and container, where the engine puts mount points. */
  readonly initial: TreeSum;
  /** All others: build cache, and what nothing in the engine names. */
  readonly others: TreeSum;
  /** Bytes of each of them by its folder's name, which is the id of a record that can still be written to. */
  readonly byName: ReadonlyMap<string, number>;
}
