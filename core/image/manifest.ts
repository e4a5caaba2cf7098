import { asArray, asObject, asText, type Json } from '../llb/decode';

/** One step of how an image was made. */
export interface HistoryStep {
  readonly createdBy: string;
  /** Milliseconds since the epoch; undefined where it is not noted. */
  readonly created: number | undefined;
  readonly comment: string;
  /** It has no layer. */
  readonly isEmpty: boolean;
}

/** A layer as a manifest names it. */
export interface LayerRef {
  /** Digest of the uncompressed archive; empty where the configuration lists none. */
  readonly diffId: string;
  /** Name of the blob in its archive or layout. */
  readonly blob: string;
  readonly mediaType: string;
}

/** An image as its manifest and configuration describe it. */
export interface ImageDescription {
  /** Digest of the configuration: the image's id. */
  readonly id: string;
  readonly names: readonly string[];
  /** `os/arch`, with the variant where there is one. */
  readonly platform: string;
  readonly layers: readonly LayerRef[];
  readonly history: readonly HistoryStep[];
}

/** What an archive or a layout holds besides layers: its JSON files by name. */
export type JsonFiles = ReadonlyMap<string, string>;

/** The images that an archive describes; `problems` says what could not be read. */
export interface FoundImages {
  readonly images: readonly ImageDescription[];
  readonly problems: readonly string[];
}

/** Manifests that name manifests that name manifests. */
const MAX_DEPTH = 4;
/** As many manifests are looked at: an index may name itself, and more than once. */
const MAX_MANIFESTS = 10_000;

/** Finds the images of a `docker save` archive (`manifest.json`) or an OCI layout (`index.json`). */
export function findImages(files: JsonFiles, digestOf: (text: string) => string): FoundImages {
  const search = new ManifestSearch(files, digestOf);
  const manifest = search.read('manifest.json');
  if (Array.isArray(manifest)) {
    for (const one of manifest) search.dockerManifest(asObject(one));
  } else if (files.has('index.json')) {
    search.index(asObject(search.read('index.json')), [], 0);
  } else {
    search.problems.push('there is neither a manifest.json (docker save) nor an index.json (OCI layout)');
  }
  return search;
}

class ManifestSearch implements FoundImages {
  readonly images: ImageDescription[] = [];
  readonly problems: string[] = [];
  private looked = 0;

  constructor(
    private readonly files: JsonFiles,
    private readonly digestOf: (text: string) => string,
  ) {}

  read(name: string): unknown {
    const text = this.files.get(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      this.problems.push(`${name} is no JSON`);
      return undefined;
    }
  }

  dockerManifest(manifest: Json): void {
    const config = asText(manifest['Config']);
    const blobs = asArray(manifest['Layers']).map((layer) => ({ blob: asText(layer), mediaType: '' }));
    this.image(config, asArray(manifest['RepoTags']).map(asText), blobs);
  }

  /** OCI image-spec image-index.md. Manifests of attestations have the platform unknown/unknown. */
  index(index: Json, names: readonly string[], depth: number): void {
    if (depth > MAX_DEPTH) return;
    for (const one of asArray(index['manifests']).map(asObject)) {
      const annotations = asObject(one['annotations']);
      const platform = asObject(one['platform']);
      if (asText(platform['os']) === 'unknown' || annotations['vnd.docker.reference.type'] !== undefined) continue;
      const name =
        asText(annotations['io.containerd.image.name']) || asText(annotations['org.opencontainers.image.ref.name']);
      const blob = blobOf(asText(one['digest']));
      // other platforms of an image that was saved for one are named and not there
      if (!this.files.has(blob)) continue;
      if (this.looked++ >= MAX_MANIFESTS) {
        if (this.looked === MAX_MANIFESTS + 1) this.problems.push(`more than ${MAX_MANIFESTS} manifests are named`);
        return;
      }
      const json = asObject(this.read(blob));
      const named = name === '' ? names : [name];
      if (json['manifests'] !== undefined) this.index(json, named, depth + 1);
      else this.ociManifest(json, named);
    }
  }

  private ociManifest(manifest: Json, names: readonly string[]): void {
    const config = blobOf(asText(asObject(manifest['config'])['digest']));
    const layers = asArray(manifest['layers']).map(asObject);
    const blobs = layers.map((one) => ({ blob: blobOf(asText(one['digest'])), mediaType: asText(one['mediaType']) }));
    this.image(config, names, blobs);
  }

  private image(
    configName: string,
    names: readonly string[],
    blobs: readonly Pick<LayerRef, 'blob' | 'mediaType'>[],
  ): void {
    const text = this.files.get(configName);
    const config = asObject(this.read(configName));
    if (text === undefined) {
      this.problems.push(`the configuration ${configName} is missing`);
      return;
    }
    const diffIds = asArray(asObject(config['rootfs'])['diff_ids']).map(asText);
    if (diffIds.length !== blobs.length) {
      this.problems.push(`${configName} lists ${diffIds.length} layers, the manifest ${blobs.length}`);
    }
    this.images.push({
      id: this.digestOf(text),
      names: names.filter((name) => name !== ''),
      platform: platformText(config['os'], config['architecture'], config['variant']),
      layers: blobs.map((one, index) => ({ ...one, diffId: diffIds[index] ?? '' })),
      history: asArray(config['history']).map(historyStep),
    });
  }
}

/** Where an OCI layout keeps a blob. */
export function blobOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** The step that made each layer: steps without a layer are passed over; undefined where the history is too short. */
export function stepsOfLayers(history: readonly HistoryStep[], layers: number): readonly (HistoryStep | undefined)[] {
  const making = history.filter(({ isEmpty }) => !isEmpty);
  return Array.from({ length: layers }, (_, index) => making[index]);
}

/** A step as configurations write it, which is also what Podman prints. */
export function historyStep(value: unknown): HistoryStep {
  const entry = asObject(value);
  const created = Date.parse(asText(entry['created']));
  return {
    createdBy: asText(entry['created_by']),
    created: Number.isNaN(created) ? undefined : created,
    comment: asText(entry['comment']),
    isEmpty: entry['empty_layer'] === true,
  };
}

/** `os/arch`, with the variant where there is one; undefined parts and other things count as absent. */
export function platformText(os: unknown, architecture: unknown, variant: unknown): string {
  return [os, architecture, variant]
    .map(asText)
    .filter((part) => part !== '')
    .join('/');
}
