import { NotificationType, RequestType } from 'vscode-languageserver-protocol';
import type {
  ByteUnits,
  ContainerChanges,
  DiskPlan,
  DiskReport,
  ReclaimItem,
  ReclaimOutcome,
  UnusedKind,
} from '../../core/model';

/** Where the bytes of the chosen engine are. */
export interface DiskMeasurement {
  /** Null: nothing could be measured, and `message` says why. */
  readonly report: DiskReport | null;
  /** A sentence for people; empty where there is a report. */
  readonly message: string;
  readonly units: ByteUnits;
}

/**
 * Client → server: measures everything on the chosen engine that has bytes. May take minutes; what it is at is told by
 * {@link DiskProgressNotification}, and it ends when the request is cancelled. Asked only when somebody looks. From the
 * first answer on {@link DiskChangedNotification} is sent.
 */
export const DiskMeasureRequest = new RequestType<void, DiskMeasurement, void>('layerInsight/diskMeasure');

/** Client → server: what a container changed against its image; null when it is gone. */
export const ContainerChangesRequest = new RequestType<{ readonly container: string }, ContainerChanges | null, void>(
  'layerInsight/containerChanges',
);

/** Client → server: bytes of the files below the source of a bind mount of the last report; null: cannot be read. */
export const BindMountBytesRequest = new RequestType<{ readonly source: string }, number | null, void>(
  'layerInsight/bindMountBytes',
);

/** What somebody wants removed. */
export interface DiskPlanParams {
  /** These, or what nothing uses. */
  readonly items: readonly ReclaimItem[] | UnusedKind;
  /** What must stay whatever was asked for, as `kind:id` of a {@link ReclaimItem}. */
  readonly kept: readonly string[];
}

/**
 * Client → server: what removing things would do, from the last report. Nothing is touched; the server keeps the list
 * and removes exactly it when it is told to.
 */
export const DiskPlanRequest = new RequestType<DiskPlanParams, DiskPlan, void>('layerInsight/diskPlan');

/** What came of a plan, and what is there now. */
export interface DiskRemoval {
  readonly outcome: ReclaimOutcome;
  /** The measurement after it. */
  readonly after: DiskMeasurement;
}

/**
 * Client → server: carries out a plan, item by item, once; nothing that is not in its list is removed. Cancelled, it
 * ends after the item that it is at and answers what was removed until then.
 */
export const DiskRemoveRequest = new RequestType<{ readonly plan: string }, DiskRemoval, void>(
  'layerInsight/diskRemove',
);

/** Server → client: what a measurement or a removal is at; empty at its end. */
export const DiskProgressNotification = new NotificationType<{ readonly text: string }>('layerInsight/diskProgress');

/** Server → client: containers, images or volumes came or went since the last measurement. */
export const DiskChangedNotification = new NotificationType<void>('layerInsight/diskChanged');
