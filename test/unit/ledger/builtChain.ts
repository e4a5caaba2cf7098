import type { ChainBuild } from '../../../core/ledger/compareChain';
import { builds, noted, type Asked, type ChainHost } from './chainSession';

/** A stage of these instructions. */
export const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
/** A build context. */
export const FILES = ['Dockerfile @1', 'd/ 755 @1', 'd/a 644 @1 =one', 'd/b 644 @1 =b'];
export const [FIRST, LAST] = ['RUN first', 'RUN last'];
export const TEXT = stage(FIRST, 'COPY d /d', LAST);

/** A build that was predicted, as it is kept. */
export function built(
  host: ChainHost,
  text: string,
  asked: Asked = {},
  really: Asked & { text?: string } = asked,
): ChainBuild {
  host.later(3600);
  const filled = { files: FILES, ...asked };
  const note = noted(host, text, filled);
  host.build(really.text ?? text, { files: FILES, ...really });
  const [build] = builds(host, [note]);
  if (build === undefined) throw new Error('no build was found');
  return build;
}
