import type { AnalysedLayer, ImageAnalysis } from './analysis';
import type { ImageDescription } from './manifest';

/** What `layer-insight layers --json` prints. Bytes are exact integers. */
export interface LayersDocument {
  readonly schemaVersion: 1;
  readonly image: {
    readonly name: string;
    readonly id: string;
    readonly names: readonly string[];
    readonly platform: string;
    /** The image that it stands on, and how many of its layers are that image's; null where none is known. */
    readonly base: { readonly name: string; readonly layers: number } | null;
    /** Bytes of all layers. */
    readonly sizeBytes: number;
  };
  readonly layers: readonly LayerDocument[];
  /** dive's figures by dive's definitions. A ratio that is no number is null. */
  readonly efficiency: {
    readonly score: number;
    readonly wastedBytes: number;
    readonly userSizeBytes: number;
    readonly userWastedPercent: number | null;
    readonly inefficientFiles: readonly { readonly path: string; readonly count: number; readonly bytes: number }[];
  };
  /** Bytes in layers that no container can see, each counted once. */
  readonly shadowedBytes: number;
  readonly shadowed: {
    readonly metadataOnlyBytes: number;
    readonly unclearBytes: number;
    readonly inheritedBytes: number;
    readonly files: readonly ShadowedDocument[];
  };
  readonly problems: readonly string[];
}

export interface LayerDocument {
  readonly index: number;
  readonly digest: string;
  readonly diffId: string;
  readonly sizeBytes: number;
  readonly createdBy: string;
  readonly isBase: boolean;
  readonly shadowedBytes: number;
  readonly entries: number;
  readonly files?: readonly FileDocument[];
}

export interface FileDocument {
  readonly path: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Octal, as chmod takes it. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly link?: string;
}

export interface ShadowedDocument {
  readonly path: string;
  readonly bytes: number;
  /** The layer that has the bytes, and the one that hides them. */
  readonly layer: number;
  readonly by: number;
  readonly how: 'replaced' | 'deleted' | 'repeated';
  /** Null where it is not known. */
  readonly metadataOnly: boolean | null;
}

/** What the document is made from. */
export interface LayersInput {
  readonly name: string;
  readonly description: ImageDescription;
  readonly analysis: ImageAnalysis;
  readonly base: string | undefined;
  readonly problems: readonly string[];
  /** List the files of each layer. */
  readonly files: boolean;
}

/** Writes down an analysis in the form that scripts rely on. */
export function layersDocument({ name, description, analysis, base, problems, files }: LayersInput): LayersDocument {
  const { efficiency, shadowed, baseLayers } = analysis;
  const { userWastedPercent } = efficiency;
  return {
    schemaVersion: 1,
    image: {
      ...{ name, id: description.id, names: description.names, platform: description.platform },
      base: base === undefined ? null : { name: base, layers: baseLayers },
      sizeBytes: efficiency.sizeBytes,
    },
    layers: analysis.layers.map((layer) => layerDocument(layer, files)),
    efficiency: {
      score: efficiency.score,
      wastedBytes: efficiency.wastedBytes,
      userSizeBytes: efficiency.userSizeBytes,
      userWastedPercent: Number.isFinite(userWastedPercent) ? userWastedPercent : null,
      inefficientFiles: efficiency.inefficient,
    },
    shadowedBytes: shadowed.bytes,
    shadowed: {
      metadataOnlyBytes: shadowed.metadataOnlyBytes,
      unclearBytes: shadowed.unclearBytes,
      inheritedBytes: shadowed.inheritedBytes,
      files: shadowed.files.map(({ path, bytes, layer, by, how, metadataOnly }) => ({
        ...{ path, bytes, layer, by, how, metadataOnly: metadataOnly ?? null },
      })),
    },
    problems,
  };
}

function layerDocument(layer: AnalysedLayer, withFiles: boolean): LayerDocument {
  const { index, digest, diffId, bytes, createdBy, isBase, shadowedBytes, entries } = layer;
  const document = {
    index,
    digest,
    diffId,
    sizeBytes: bytes,
    createdBy,
    isBase,
    shadowedBytes,
    entries: entries.length,
  };
  if (!withFiles) return document;
  const files: FileDocument[] = [];
  for (let place = 0; place < entries.length; place++) {
    const { path, type, size, mode, uid, gid, link } = entries.at(place);
    const octal = mode.toString(8).padStart(4, '0');
    files.push({ path, type, sizeBytes: size, mode: octal, uid, gid, ...(link === '' ? {} : { link }) });
  }
  return { ...document, files };
}
