import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../../model';

/**
 * One engine, asked for containers. Every call has a timeout and ends when its signal is aborted; what fails, fails with
 * a sentence or the engine's own words. Nothing is ever fetched, forced, or removed beside what is named.
 */
export interface ContainerAccess {
  /** How an image wants to be run. */
  defaults(image: string, signal: AbortSignal): Promise<RunDefaults>;

  /** Runs a container in the background. One that could not be started is not left behind. */
  run(order: RunOrder, signal: AbortSignal): Promise<ContainerView>;

  /** What runs a container in a terminal; nothing is run. */
  runCommand(order: RunOrder): TerminalCommand;

  /** All containers, or those of one image; those that run first. */
  containers(image: string | undefined, signal: AbortSignal): Promise<readonly ContainerView[]>;

  stop(id: string, signal: AbortSignal): Promise<void>;

  /** Removes a container that does not run; its volumes stay. */
  remove(id: string, signal: AbortSignal): Promise<void>;

  /** Bytes of its writable layer; null where the engine does not tell. */
  writableBytes(id: string, signal: AbortSignal): Promise<number | null>;

  /** What follows its log, or opens a shell in it, in a terminal. */
  command(id: string, act: 'logs' | 'shell'): TerminalCommand;
}

/** Milliseconds that a container may take to start in the background. */
export const RUN_PATIENCE = 120_000;
/** Seconds that a container gets to end by itself. */
export const STOP_GRACE = 10;
/** Milliseconds that stopping or removing may take. */
export const ACT_PATIENCE = 60_000;
