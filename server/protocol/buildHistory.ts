import { RequestType } from 'vscode-languageserver-protocol';
import type { DocumentParams } from './messages';

/** One past build of a Dockerfile, ready to be shown. */
export interface PastBuildView {
  /** Names it in requests. */
  readonly ref: string;
  /** When it began, in the time of this machine. */
  readonly label: string;
  /** `12 s · 7 of 9 cached · +1.2 MB`, `failed · 3 s`. */
  readonly description: string;
  readonly tooltip: string;
  /** The whole row as a sentence, for screen readers. */
  readonly accessibilityLabel: string;
  /** `unknown`: it left no description of its steps, as builds that fail or are cancelled do. */
  readonly result: 'completed' | 'failed' | 'canceled' | 'unknown';
}

/** The past builds of a Dockerfile. */
export interface BuildHistory {
  /** Why there is nothing, for people; empty otherwise. */
  readonly message: string;
  /** Newest first. */
  readonly builds: readonly PastBuildView[];
}

/** Client → server: the past builds of an open Dockerfile that the engine or the ledger remembers. */
export const BuildHistoryRequest = new RequestType<DocumentParams, BuildHistory, void>('layerInsight/buildHistory');

/** Client → server: the Dockerfile that a past build was made from; fails with a sentence where nobody has it. */
export const PastDockerfileRequest = new RequestType<DocumentParams & { readonly ref: string }, string, void>(
  'layerInsight/pastDockerfile',
);
