import type { DiskPart, DiskPartKind, DiskBasis } from '../model';

/** Makes a part; what comes free is never more than what is there. */
export function part(
  kind: DiskPartKind,
  label: string,
  bytes: number,
  { basis = 'exact', reclaimableBytes = 0, directory }: PartOptions = {},
): DiskPart {
  return {
    ...{ kind, label, bytes, basis },
    reclaimableBytes: Math.max(0, Math.min(bytes, reclaimableBytes)),
    ...(directory === undefined ? {} : { directory }),
  };
}

interface PartOptions {
  readonly basis?: DiskBasis;
  readonly reclaimableBytes?: number;
  readonly directory?: string | undefined;
}
