import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../core/model';
import { askServer } from './askServer';
import {
  ContainerActRequest,
  ContainerBytesRequest,
  ContainerCommandRequest,
  ContainerRunRequest,
  ContainersRequest,
  RunCommandRequest,
  RunDefaultsRequest,
  type OnEngine,
} from '../server/protocol';

/** Containers that are asked for, and what is done with one. All reject with a sentence for the user. */
export class ContainerRequests {
  constructor(private readonly client: Pick<LanguageClient, 'sendRequest'>) {}

  /** How an image wants to be run. */
  defaults(image: string, on: OnEngine, token?: vscode.CancellationToken): Promise<RunDefaults> {
    return askServer(this.client, RunDefaultsRequest, { image, ...on }, token);
  }

  /** What runs a container in a terminal. */
  runCommand(order: RunOrder & OnEngine): Promise<TerminalCommand> {
    return askServer(this.client, RunCommandRequest, order);
  }

  /** Runs a container in the background. */
  run(order: RunOrder & OnEngine, token?: vscode.CancellationToken): Promise<ContainerView> {
    return askServer(this.client, ContainerRunRequest, order, token);
  }

  /** All containers, or those of one image; those that run first. */
  list(image?: string): Promise<readonly ContainerView[]> {
    return askServer(this.client, ContainersRequest, image === undefined ? {} : { image });
  }

  /** Bytes that a container wrote for itself; undefined when the engine does not tell. */
  async bytes(id: string, token?: vscode.CancellationToken): Promise<number | undefined> {
    return (await askServer(this.client, ContainerBytesRequest, { id }, token)) ?? undefined;
  }

  /** What shows the log of a container, or opens a shell in it, in a terminal. */
  command(id: string, act: 'logs' | 'shell'): Promise<TerminalCommand> {
    return askServer(this.client, ContainerCommandRequest, { id, act });
  }

  /** Stops a container, or removes one that does not run. */
  async act(id: string, act: 'stop' | 'remove', token?: vscode.CancellationToken): Promise<void> {
    await askServer(this.client, ContainerActRequest, { id, act }, token);
  }
}
