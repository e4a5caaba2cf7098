import { RequestType } from 'vscode-languageserver-protocol';

/** What an image says of how it wants to be run. */
export interface RunDefaults {
  /** As EXPOSE says: `80/tcp`. */
  readonly ports: readonly string[];
  /** Paths as VOLUME says. */
  readonly volumes: readonly string[];
  /** Names only. */
  readonly environment: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDirectory: string;
}

/** Client → server: how an image of the engine wants to be run. Fails with a sentence when there is no such image. */
export const RunDefaultsRequest = new RequestType<{ readonly image: string }, RunDefaults, void>(
  'layerInsight/runDefaults',
);

/** How a container is to be run. */
export interface RunOrder {
  readonly image: string;
  /** Empty: the engine makes one up. */
  readonly name: string;
  /** As `--publish` takes them: `8080:80`, `127.0.0.1::80/tcp`. */
  readonly ports: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** As `--volume` takes them: `/host:/container:ro`, `name:/data`. */
  readonly mounts: readonly string[];
  /** Instead of the image's own; empty: the image's own. */
  readonly command: readonly string[];
  /** Instead of the image's own; undefined: the image's own. */
  readonly entrypoint?: string;
  /** The container is removed when it ends. */
  readonly remove: boolean;
  /** In the background; otherwise in a terminal. */
  readonly detached: boolean;
}

/** A program for a terminal: run by the client as it is, never through a shell. */
export interface TerminalCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Beside the editor's own environment: the engine that is meant, values that are nobody's business. */
  readonly env: Readonly<Record<string, string>>;
}

/** Client → server: what runs a container attached to a terminal. Nothing is run. */
export const RunCommandRequest = new RequestType<RunOrder, TerminalCommand, void>('layerInsight/runCommand');

/** One container. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  /** Published ports: where they can be opened. */
  readonly ports: readonly { readonly container: string; readonly url: string }[];
}

/** Client → server: runs a container in the background; fails with the engine's words. */
export const ContainerRunRequest = new RequestType<RunOrder, ContainerView, void>('layerInsight/containerRun');

/** Client → server: the containers of the engine, those that run first; with `image` only those of it. */
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
