import { realpathSync } from 'node:fs';
import { cutAtLine } from '../../core/build/buildToLine';
import type { BuildOrder } from '../../core/model';
import type { BuildRequest } from '../../core/plan/graph';

/** What is predicted for an order, where `shown` is what is predicted on the screen. */
export function requestOfOrder(order: BuildOrder, shown: BuildRequest): BuildRequest {
  const { target, buildArgs, platform, cache, toLine } = order;
  return {
    ...shown,
    // of a file that ends with a line, the last stage is the one that is meant
    target: toLine === undefined ? target : '',
    buildArgs: new Map(Object.entries(buildArgs)),
    ...(platform === '' ? {} : { platform }),
    noCache: cache === 'none',
    noCacheFilter: typeof cache === 'object' ? [cache.exceptStage] : [],
    // builds from here never ask for newer images
    pull: false,
  };
}

/** The Dockerfile that the builder gets for an order. */
export function textOf({ toLine }: BuildOrder, text: string): string {
  if (toLine === undefined) return text;
  const cut = cutAtLine(text, toLine);
  return 'text' in cut ? cut.text : text;
}

/** Where a folder really is. */
export function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // the builder says that it is not there
  }
}
