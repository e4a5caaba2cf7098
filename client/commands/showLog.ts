import type { Services } from './services';

/** Opens our log. */
export function showLog({ log }: Services): void {
  log.show();
}
