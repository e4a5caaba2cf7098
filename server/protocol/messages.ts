import { NotificationType, RequestType } from 'vscode-languageserver-protocol';
import type { Prediction } from '../../core/model';
import type { LayersView } from './views';

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

/** Client → server: look at everything again (files and engine). Answers when the new predictions are there. */
export const RefreshRequest = new RequestType<void, null, void>('layerInsight/refresh');

/** Client → server: the workspace is trusted from now on. */
export const TrustGrantedNotification = new NotificationType<void>('layerInsight/trustGranted');

/** Server → client: a Dockerfile has a new prediction; whoever shows it asks again. */
export const PredictionChangedNotification = new NotificationType<DocumentParams>('layerInsight/predictionChanged');

/** How the server stands with the engine. */
export type EngineStateCode =
  'starting' | 'ready' | 'none' | 'not-found' | 'not-reachable' | 'permission-denied' | 'unsupported' | 'untrusted';

export interface EngineState {
  readonly code: EngineStateCode;
  /** `Docker 28.5.2, BuildKit 0.25.2, builder default`, or what was looked for and what to do. */
  readonly message: string;
}

/** Server → client: the engine came or went. */
export const EngineStateNotification = new NotificationType<EngineState>('layerInsight/engineState');
