/** The parts of `--mount` that decide what Buildah looks for (imagebuildah/util.go getFromAndSourceKeysFromMountFlag). */
export interface MountParts {
  readonly type: string;
  readonly source: string;
  readonly from: string;
}

/** Reads the value of a `--mount` flag; what is not named is empty. */
export function readMount(text: string): MountParts {
  const parts = { type: '', source: '', from: '' };
  for (const field of text.split(',')) {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    const value = equals < 0 ? '' : field.slice(equals + 1);
    if (name === 'type') parts.type = value;
    else if (name === 'source' || name === 'src') parts.source = value;
    else if (name === 'from') parts.from = value;
  }
  return parts;
}

/** Where a mount takes its files from; empty for the build context. */
export function mountFrom(text: string): string {
  return readMount(text).from;
}
