import { createHash } from 'node:crypto';
import { file, folder, symlink, tar, type TarItem } from './tar';

/** A layer of an image to be written. */
export interface LayerBytes {
  /** The archive as it is. */
  readonly plain: Buffer;
  /** The blob: the same or packed. */
  readonly packed?: Buffer;
}

/** An image to be written. */
export interface ImageBytes {
  readonly layers: readonly LayerBytes[];
  readonly names?: readonly string[] | undefined;
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  /** What the configuration says of its layers, where it is not the truth. */
  readonly diffIds?: readonly string[];
  /** Steps as the configuration has them; without it, one for each layer and a last one without. */
  readonly history?: readonly { readonly created_by: string; readonly empty_layer?: boolean }[];
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const json = (value: unknown): string => JSON.stringify(value);
const blobName = (hex: string): string => `blobs/sha256/${hex}`;
const packed = ({ plain, packed: blob = plain }: LayerBytes): Buffer => blob;

/** The configuration of an image. */
export function configOf(image: ImageBytes): string {
  const { layers, os = 'linux', architecture = 'amd64', variant, names = [] } = image;
  const diffIds = image.diffIds ?? layers.map(({ plain }) => `sha256:${sha256(plain)}`);
  const history = layers.map((_, index) => ({ created_by: `step ${index + 1}`, created: '2024-01-02T03:04:05Z' }));
  return json({
    ...{ os, architecture, variant, config: { Labels: { names: names.join(' ') } } },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: image.history ?? [...history, { created_by: 'CMD ["sh"]', empty_layer: true }],
  });
}

/** Removes what has the same name as something before. */
function once(items: readonly TarItem[]): readonly TarItem[] {
  const seen = new Set<string>();
  return items.filter(({ name }) => !seen.has(name) && seen.add(name));
}

/** As `docker save` wrote it before Docker 25: a folder for each layer; a layer that comes again is a link. */
export function oldDockerArchive(images: readonly ImageBytes[]): TarItem[] {
  const items: TarItem[] = [];
  const manifest = images.map((image, number) => {
    const config = configOf(image);
    const first = new Map<string, string>();
    const names = image.layers.map((layer, index) => {
      const hex = sha256(layer.plain);
      const id = sha256(`${number} ${index} ${hex}`);
      const known = first.get(hex);
      items.push(folder(id), file(`${id}/VERSION`, '1.0'), file(`${id}/json`, json({ id })));
      if (known === undefined) {
        first.set(hex, id);
        items.push(file(`${id}/layer.tar`, packed(layer)));
      } else items.push(symlink(`${id}/layer.tar`, `../${known}/layer.tar`));
      return `${id}/layer.tar`;
    });
    items.push(file(`${sha256(config)}.json`, config));
    return { Config: `${sha256(config)}.json`, RepoTags: image.names ?? null, Layers: names };
  });
  return [...once(items), file('manifest.json', json(manifest)), file('repositories', '{}')];
}

/** A manifest of OCI with its blobs, and how an index names it. */
export function ociImage(image: ImageBytes): { readonly blobs: TarItem[]; readonly descriptor: object } {
  const config = configOf(image);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  const manifest = json({
    ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
    config: { digest: `sha256:${sha256(config)}`, size: config.length },
    layers: image.layers.map((layer) => ({
      ...{ mediaType, digest: `sha256:${sha256(packed(layer))}`, size: packed(layer).length },
    })),
  });
  const { os = 'linux', architecture = 'amd64', variant, names = [] } = image;
  return {
    blobs: [
      ...image.layers.map((layer) => file(blobName(sha256(packed(layer))), packed(layer))),
      file(blobName(sha256(config)), config),
      file(blobName(sha256(manifest)), manifest),
    ],
    descriptor: {
      ...{ digest: `sha256:${sha256(manifest)}`, size: manifest.length, platform: { os, architecture, variant } },
      ...(names[0] === undefined ? {} : { annotations: { 'io.containerd.image.name': names[0] } }),
    },
  };
}

/** An index as a blob, and how another index names it. */
export function ociIndex(
  manifests: readonly object[],
  annotations: object = {},
): { readonly blob: TarItem; readonly descriptor: object } {
  const index = json({ schemaVersion: 2, manifests });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return {
    blob: file(blobName(sha256(index)), index),
    descriptor: { mediaType, digest: `sha256:${sha256(index)}`, size: index.length, annotations },
  };
}

/** What BuildKit says of how an image was built: a manifest whose platform is unknown. */
export function attestation(): { readonly blobs: TarItem[]; readonly descriptor: object } {
  const statement = file('in-toto', json({ predicateType: 'https://slsa.dev/provenance/v1' }));
  const made = ociImage({ layers: [{ plain: tar(statement) }], os: 'unknown', architecture: 'unknown' });
  return {
    blobs: made.blobs,
    descriptor: { ...made.descriptor, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
  };
}

/** As Docker 25 and later write it: blobs, with both ways to find them. */
export function newDockerArchive(images: readonly ImageBytes[]): TarItem[] {
  const made = images.map(ociImage);
  const manifest = images.map((image) => ({
    Config: blobName(sha256(configOf(image))),
    RepoTags: image.names ?? null,
    Layers: image.layers.map((layer) => blobName(sha256(packed(layer)))),
  }));
  return [
    ...[folder('blobs'), folder('blobs/sha256')],
    ...once(made.flatMap(({ blobs }) => blobs)),
    file('index.json', json({ schemaVersion: 2, manifests: made.map(({ descriptor }) => descriptor) })),
    file('manifest.json', json(manifest)),
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
  ];
}

/** An OCI layout; `nested`: as `docker buildx build` writes it, with an index of platforms and attestations below. */
export function ociArchive(images: readonly ImageBytes[], nested = false): TarItem[] {
  // the names of an image are said by the outermost index alone
  const made = images.map((image) => ociImage({ ...image, names: nested ? [] : image.names }));
  const blobs = made.flatMap((one) => one.blobs);
  let descriptors = made.map(({ descriptor }) => descriptor);
  if (nested) {
    const note = attestation();
    const name = images[0]?.names?.[0];
    const annotations = name === undefined ? {} : { 'io.containerd.image.name': name };
    const index = ociIndex([...descriptors, note.descriptor], annotations);
    blobs.push(...note.blobs, index.blob);
    descriptors = [index.descriptor];
  }
  return [
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', json({ schemaVersion: 2, manifests: descriptors })),
    ...once(blobs),
  ];
}
