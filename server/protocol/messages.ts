import { NotificationType, RequestType } from 'vscode-languageserver-protocol';
import type { BuilderKind, Prediction } from '../../core/model';
import type { BuildChoice, DocumentStatus, EditCost, EngineState, LayersView } from './views';

/** What the client tells the server when it starts. */
export interface InitializationOptions {
  /** False in a restricted workspace: Dockerfiles are parsed, no program is run and no engine is asked. */
  readonly trusted: boolean;
  /** Version of the extension, for the log. */
  readonly version: string;
}

/** Names one Dockerfile. */
export interface DocumentParams {
  readonly uri: string;
}

/** Client → server: the prediction of an open Dockerfile; null when the document is not open or not predicted yet. */
export const PredictionRequest = new RequestType<DocumentParams, Prediction | null, void>('layerInsight/prediction');

/** Client → server: what the Layers view shows for an open Dockerfile; null when the document is not open. */
export const LayersRequest = new RequestType<DocumentParams, LayersView | null, void>('layerInsight/layers');

/** Client → server: an open Dockerfile at a glance; null when the document is not open. */
export const StatusRequest = new RequestType<DocumentParams, DocumentStatus | null, void>('layerInsight/status');

/** Client → server: the prediction as plain text, a line for each instruction; null when the document is not open. */
export const ReportRequest = new RequestType<DocumentParams, string | null, void>('layerInsight/report');

/** Names one line of a Dockerfile, 0-based. */
export interface LineParams extends DocumentParams {
  readonly line: number;
}

/** Client → server: all about the instruction on a line, as markdown; null where there is none. */
export const ExplainRequest = new RequestType<LineParams, string | null, void>('layerInsight/explain');

/** Client → server: what a change of a file (any file on disk) costs the open Dockerfiles that take it. */
export const EditCostRequest = new RequestType<DocumentParams, readonly EditCost[], void>('layerInsight/editCost');

/** Client → server: the layers of an image on the engine as plain text, or a sentence that says why there are none. */
export const ImageLayersRequest = new RequestType<{ readonly image: string }, string, void>('layerInsight/imageLayers');

/** Client → server: how often predictions were right, as plain text. */
export const AccuracyRequest = new RequestType<void, string, void>('layerInsight/accuracy');

/** Client → server: the past builds of an open Dockerfile that can be compared, newest first. */
export const BuildsRequest = new RequestType<DocumentParams, readonly BuildChoice[], void>('layerInsight/builds');

/** Two builds of a Dockerfile by their ids; `now` is what would be built now. */
export interface ComparedBuilds extends DocumentParams {
  readonly before: string;
  readonly after: string;
}

/** Client → server: the first thing in which two builds differ, as plain text. */
export const ExplainBuildsRequest = new RequestType<ComparedBuilds, string, void>('layerInsight/explainBuilds');

/** Client → server: builds that contradicted a verdict, newest first. */
export const MistakesRequest = new RequestType<void, readonly BuildChoice[], void>('layerInsight/mistakes');

/** Client → server: what a wrong prediction can be reproduced from, as JSON without contents; null when nothing is kept. */
export const ReproductionRequest = new RequestType<{ readonly ref: string }, string | null, void>(
  'layerInsight/reproduction',
);

/** What was chosen for one Dockerfile; what is not there is as the settings say. */
export interface BuildChoices extends DocumentParams {
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** The family of builder; without it, the one that docker would use. */
  readonly builder?: ChosenBuilder;
  /** A git commit, as git names it, that counts as the last build; without it, the engine's own past counts. */
  readonly commit?: string;
  /** Absolute path of the build context. */
  readonly context?: string;
  /** `os/arch[/variant]`. */
  readonly platform?: string;
}

/** Families of builders that can be chosen. */
export type ChosenBuilder = Exclude<BuilderKind, 'none'>;

/** Client → server: what a build of this Dockerfile is asked for from now on. */
export const BuildChoicesNotification = new NotificationType<BuildChoices>('layerInsight/buildChoices');

/** Client → server: the files with changes that are not on disk yet, by their URIs; all of them each time. */
export const UnsavedFilesNotification = new NotificationType<{ readonly uris: readonly string[] }>(
  'layerInsight/unsavedFiles',
);

/** Client → server: whether anything of ours is on the screen; until it says so, something is. */
export const VisibilityNotification = new NotificationType<{ readonly visible: boolean }>('layerInsight/visibility');

/** Client → server: look at everything again (files and engine). Answers when the new predictions are there. */
export const RefreshRequest = new RequestType<void, null, void>('layerInsight/refresh');

/** Client → server: the workspace is trusted from now on. */
export const TrustGrantedNotification = new NotificationType<void>('layerInsight/trustGranted');

/** Server → client: a Dockerfile has a new prediction; whoever shows it asks again. */
export const PredictionChangedNotification = new NotificationType<DocumentParams>('layerInsight/predictionChanged');

/** Server → client: the engine came or went. */
export const EngineStateNotification = new NotificationType<EngineState>('layerInsight/engineState');
