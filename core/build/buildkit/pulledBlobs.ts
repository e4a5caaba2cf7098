import type { PulledLayer } from '../../model';

/** What was told of one blob. */
interface Blob {
  current: number;
  total: number | null;
  /** Only layers are unpacked. */
  isLayer: boolean;
  state: PulledLayer['state'];
  /** Shown already. */
  isTold: boolean;
}

const BLOB = /^(extracting )?(?:sha256:)?([0-9a-f]{12})[0-9a-f]*$/;

/**
 * The blobs of an image that is fetched, as BuildKit tells of them by digests (util/progress/controller, moby
 * builder-next/adapters/containerimage/pull.go). Manifests and the configuration are among them: they are small, are there
 * at once, and are never unpacked. Of layers that are there already it tells nothing.
 */
export class PulledBlobs {
  private readonly blobs = new Map<string, Blob>();

  /** What a status says of a layer; undefined: nothing. `total` is null where it is not told. */
  layer(id: string, name: string, current: number, total: number | null, isDone: boolean): PulledLayer | undefined {
    const [, extracting, digest] = BLOB.exec(id) ?? [];
    if (digest === undefined) return undefined;
    const blob = this.blobs.get(digest) ?? newBlob();
    this.blobs.set(digest, blob);
    blob.state = later(blob.state, stateOf(`${id} ${name}`, name, isDone));
    blob.isLayer ||= extracting !== undefined || blob.state === 'exists';
    // an extraction has no bytes of its own
    if (extracting === undefined) Object.assign(blob, { current, total: total ?? blob.total });
    blob.isTold ||= blob.isLayer || !isDone;
    return blob.isTold ? shown(digest, blob) : undefined;
  }

  /** Once the image is there: what was told of and not yet as done is it, too. */
  finished(): readonly PulledLayer[] {
    const others = new Set(this.notLayers());
    return [...this.blobs].flatMap(([digest, blob]) => {
      if (!blob.isTold || others.has(digest) || ['done', 'exists'].includes(blob.state)) return [];
      blob.state = 'done';
      return [shown(digest, blob)];
    });
  }

  /** Blobs that were told of and are no layers, as they were not unpacked while others were. */
  notLayers(): readonly string[] {
    const all = [...this.blobs];
    if (!all.some(([, { isLayer }]) => isLayer)) return [];
    return all.flatMap(([digest, { isLayer, isTold }]) => (isTold && !isLayer ? [digest] : []));
  }

  static is(id: string): boolean {
    return BLOB.test(id);
  }
}

function newBlob(): Blob {
  return { current: 0, total: null, isLayer: false, state: 'waiting', isTold: false };
}

function shown(layer: string, { state, current, total }: Blob): PulledLayer {
  return { layer, state, current, total };
}

/** What was fetched is not done before it is unpacked, of which nothing may be told until then. */
function stateOf(all: string, name: string, isDone: boolean): PulledLayer['state'] {
  if (/exists/i.test(name)) return 'exists';
  if (/extract/i.test(all)) return isDone ? 'done' : 'extracting';
  return /waiting|pulling fs layer/i.test(name) ? 'waiting' : 'downloading';
}

/** The same is told again and again, also when it went on since. */
function later(one: PulledLayer['state'], other: PulledLayer['state']): PulledLayer['state'] {
  const order: readonly PulledLayer['state'][] = ['waiting', 'downloading', 'extracting', 'exists', 'done'];
  return order.indexOf(other) > order.indexOf(one) ? other : one;
}
