import type { DiskUsage } from '../../disk/diskUsage';
import type { DiskPanel } from '../../panels/diskUsage';
import type { DiskRow } from './node';
import type { DiskTree } from './view';

/** Disk usage as it is on the screen, as tests read it. */
export interface ShownDisk {
  readonly rows: readonly DiskRow[];
  readonly viewMessage: string;
  readonly message: string;
  readonly measuredAt: string | undefined;
  readonly bytes: number | undefined;
  readonly isBusy: boolean;
  readonly isStale: boolean;
  readonly hasPanel: boolean;
  readonly kept: readonly string[];
}

export function shownDisk(usage: DiskUsage, tree: DiskTree, panel: DiskPanel): ShownDisk {
  return {
    ...{ rows: tree.topRows, viewMessage: tree.messageText, message: usage.message, hasPanel: panel.exists },
    ...{ measuredAt: usage.report?.measuredAt, bytes: usage.report?.totals.bytes },
    ...{ isBusy: usage.isBusy, isStale: usage.isStale, kept: usage.keptKeys },
  };
}
