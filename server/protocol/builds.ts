import { NotificationType, RequestType } from 'vscode-languageserver-protocol';
import type { BuildOrder, ByteUnits, LiveBuild, StepComparison } from '../../core/model';
import type { DocumentParams } from './messages';

/** What a build of an open Dockerfile would be, from what was chosen for it, the settings and its past builds. */
export interface BuildProposal {
  readonly order: BuildOrder;
  /** The builder in words: `Docker 28.5.2, BuildKit 0.25.2, builder default`. */
  readonly builder: string;
  /** `4 of 11 steps rebuild, ≈50 s`: what is predicted. */
  readonly summary: string;
  /** Why this Dockerfile cannot be built now; empty: it can. */
  readonly refusal: string;
}

/** Client → server: what a build would be; null when the document is not open. `line`: 1-based, up to there. */
export const BuildProposalRequest = new RequestType<
  DocumentParams & { readonly line?: number },
  BuildProposal | null,
  void
>('layerInsight/buildProposal');

/** A build that was begun. */
export interface StartedBuild {
  readonly id: string;
  /** The command line with values of arguments hidden, to be read. */
  readonly command: string;
}

/**
 * Client → server: begins a build with the user's own builder, and answers as soon as its process runs. The document is
 * saved first by whoever asks: the builder reads files. Fails with a sentence for the user where it cannot be begun.
 */
export const BuildStartRequest = new RequestType<DocumentParams & { readonly order: BuildOrder }, StartedBuild, void>(
  'layerInsight/buildStart',
);

/** Names one build of this session. */
export interface BuildParams {
  readonly id: string;
}

/** Client → server: ends a build; answers when its process has ended. */
export const BuildStopRequest = new RequestType<BuildParams, null, void>('layerInsight/buildStop');

/** Client → server: what a build printed, or one step of it (1-based line); null when the build is not known. */
export const BuildLogRequest = new RequestType<BuildParams & { readonly line?: number }, string | null, void>(
  'layerInsight/buildLog',
);

/** One build of this session. */
export interface BuildView extends BuildParams {
  /** Of the Dockerfile. */
  readonly uri: string;
  /** `shop:latest`, or the stage, or the name of the Dockerfile. */
  readonly title: string;
  readonly live: LiveBuild;
  /** Predicted against actual; empty while it runs. */
  readonly comparison: readonly StepComparison[];
  /** `as predicted: 7 of 7 steps · 3 rebuilt in 12 s`; empty while it runs. */
  readonly summary: string;
  readonly tags: readonly string[];
  readonly units: ByteUnits;
}

/** Client → server: the builds of this session, newest first. */
export const BuildViewsRequest = new RequestType<void, readonly BuildView[], void>('layerInsight/buildViews');

/** Server → client: a build is another step further; at most ten times a second for each. */
export const BuildChangedNotification = new NotificationType<BuildView>('layerInsight/buildChanged');

/** Server → client: text for the terminal of a build, with line ends as a terminal wants them and ANSI colours. */
export const BuildOutputNotification = new NotificationType<BuildParams & { readonly text: string }>(
  'layerInsight/buildOutput',
);

/** Client → server: the comparison of a build that ended with what had been predicted, as plain text. */
export const BuildReportRequest = new RequestType<BuildParams, string | null, void>('layerInsight/buildReport');
