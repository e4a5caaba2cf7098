import { createHash } from 'node:crypto';

/** The chain IDs of all layers of a stack by their diffIDs, base first. */
export function chainIds(diffIds: readonly string[]): string[] {
  let below = '';
  return diffIds.map((diffId) => (below = below === '' ? diffId : chainId([below, diffId])));
}

/** The chain ID of a stack of layers by their diffIDs, base first; empty for none (OCI image specification, config.md). */
export function chainId(diffIds: readonly string[]): string {
  return diffIds.reduce(
    (chain, diffId) =>
      chain === '' ? diffId : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`,
    '',
  );
}
