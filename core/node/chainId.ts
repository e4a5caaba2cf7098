import { createHash } from 'node:crypto';

/** The chain ID of a stack of layers by their diffIDs, base first; empty for none (OCI image specification, config.md). */
export function chainId(diffIds: readonly string[]): string {
  return diffIds.reduce(
    (chain, diffId) =>
      chain === '' ? diffId : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`,
    '',
  );
}
