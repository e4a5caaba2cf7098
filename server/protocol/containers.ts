import { RequestType } from 'vscode-languageserver-protocol';
import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../../core/model';

export type { ContainerView, PublishedPort, RunDefaults, RunOrder, TerminalCommand } from '../../core/model';

/** An engine by its kind, where another one than that of the settings is meant: that which built an image. */
export type ContainerEngine = 'docker' | 'podman';

/** Where something is run. */
export interface OnEngine {
  readonly engine?: ContainerEngine;
}

/** Client → server: how an image of the engine wants to be run. Fails with a sentence when there is no such image. */
export const RunDefaultsRequest = new RequestType<OnEngine & { readonly image: string }, RunDefaults, void>(
  'layerInsight/runDefaults',
);

/** Client → server: what runs a container attached to a terminal. Nothing is run. */
export const RunCommandRequest = new RequestType<RunOrder & OnEngine, TerminalCommand, void>('layerInsight/runCommand');

/** Client → server: runs a container in the background; fails with the engine's words. */
export const ContainerRunRequest = new RequestType<RunOrder & OnEngine, ContainerView, void>(
  'layerInsight/containerRun',
);

/**
 * Client → server: the containers of the engine, and of others on which something was run from here, those that run first;
 * with `image` only those of it.
 */
export const ContainersRequest = new RequestType<{ readonly image?: string }, readonly ContainerView[], void>(
  'layerInsight/containers',
);

/** Client → server: stops or removes one container (never by force); fails with the engine's words. */
export const ContainerActRequest = new RequestType<
  { readonly id: string; readonly act: 'stop' | 'remove' },
  null,
  void
>('layerInsight/containerAct');

/** Client → server: what follows the log of a container, or opens a shell in it, in a terminal. */
export const ContainerCommandRequest = new RequestType<
  { readonly id: string; readonly act: 'logs' | 'shell' },
  TerminalCommand,
  void
>('layerInsight/containerCommand');

/**
 * Client → server: bytes that a container wrote for itself, which go with it; null when the engine does not tell. Slow
 * for containers with many files.
 */
export const ContainerBytesRequest = new RequestType<{ readonly id: string }, number | null, void>(
  'layerInsight/containerBytes',
);
