import * as vscode from 'vscode';
import type { LanguageClient, RequestParam, RequestType } from 'vscode-languageclient/node';
import type { ContainerChanges, ReclaimItem, UnusedKind } from '../core/model';
import {
  BindMountBytesRequest,
  ContainerChangesRequest,
  DiskMeasureRequest,
  DiskPlanRequest,
  DiskRemoveRequest,
  type DiskMeasurement,
  type DiskPlan,
  type DiskRemoval,
} from '../server/protocol';

/** Questions about bytes on disk. One that is cancelled rejects with the editor's own `CancellationError`. */
export class DiskRequests {
  constructor(private readonly client: Pick<LanguageClient, 'sendRequest'>) {}

  /** Measures everything; may take minutes. */
  measure(token: vscode.CancellationToken): Promise<DiskMeasurement> {
    return this.ask(DiskMeasureRequest, undefined, token);
  }

  /** What a container changed against its image; null when it is gone. */
  changes(container: string, token?: vscode.CancellationToken): Promise<ContainerChanges | null> {
    return this.ask(ContainerChangesRequest, { container }, token);
  }

  /** Bytes below the source of a bind mount; null when it cannot be read. */
  bindMountBytes(source: string, token?: vscode.CancellationToken): Promise<number | null> {
    return this.ask(BindMountBytesRequest, { source }, token);
  }

  /** What removing things, or all that nothing uses, would do; nothing is touched. */
  plan(items: readonly ReclaimItem[] | UnusedKind, kept: readonly string[]): Promise<DiskPlan> {
    return this.ask(DiskPlanRequest, { items, kept });
  }

  /** Carries out a plan by its id; cancelled, it ends after the item that it is at. */
  remove(plan: string, token: vscode.CancellationToken): Promise<DiskRemoval> {
    return this.ask(DiskRemoveRequest, { plan }, token);
  }

  private async ask<P, R>(
    type: RequestType<P, R, void>,
    params: RequestParam<P>,
    token?: vscode.CancellationToken,
  ): Promise<R> {
    try {
      return await this.client.sendRequest(type, params, token);
    } catch (error) {
      // the library rejects with an error of the protocol, which callers should not have to know
      if (token?.isCancellationRequested === true) throw new vscode.CancellationError();
      throw error;
    }
  }
}
