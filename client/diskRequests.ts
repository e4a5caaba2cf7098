import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { askServer } from './askServer';
import type { ContainerChanges, DiskPlan, ReclaimItem, UnusedKind } from '../core/model';
import {
  BindMountBytesRequest,
  ContainerChangesRequest,
  DiskMeasureRequest,
  DiskPlanRequest,
  DiskRemoveRequest,
  type DiskMeasurement,
  type DiskRemoval,
} from '../server/protocol';

/** Questions about bytes on disk. One that is cancelled rejects with the editor's own `CancellationError`. */
export class DiskRequests {
  constructor(private readonly client: Pick<LanguageClient, 'sendRequest'>) {}

  /** Measures everything; may take minutes. */
  measure(token: vscode.CancellationToken): Promise<DiskMeasurement> {
    return askServer(this.client, DiskMeasureRequest, undefined, token);
  }

  /** What a container changed against its image; null when it is gone. */
  changes(container: string, token?: vscode.CancellationToken): Promise<ContainerChanges | null> {
    return askServer(this.client, ContainerChangesRequest, { container }, token);
  }

  /** Bytes below the source of a bind mount; null when it cannot be read. */
  bindMountBytes(source: string, token?: vscode.CancellationToken): Promise<number | null> {
    return askServer(this.client, BindMountBytesRequest, { source }, token);
  }

  /** What removing things, or all that nothing uses, would do; nothing is touched. */
  plan(items: readonly ReclaimItem[] | UnusedKind, kept: readonly string[]): Promise<DiskPlan> {
    return askServer(this.client, DiskPlanRequest, { items, kept });
  }

  /** Carries out a plan by its id; cancelled, it ends after the item that it is at. */
  remove(plan: string, token: vscode.CancellationToken): Promise<DiskRemoval> {
    return askServer(this.client, DiskRemoveRequest, { plan }, token);
  }
}
