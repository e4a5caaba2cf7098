import type { Evidence } from '../core/evidence/evidence';
import type { Prediction } from '../core/model';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import type { ChainResult } from '../core/node/ledger/observeChains';
import type { ProjectPrediction } from '../core/predict/project';
import type { ContextSession } from './contexts';

/** An engine that was asked. */
export interface AskedEngine {
  readonly result: EvidenceResult;
  /** Whether what its builder makes is where its images are. */
  readonly keepsImages: boolean;
}

/** A prediction with the text that it is for. */
export interface Answer {
  readonly prediction: Prediction;
  readonly text: string;
}

/** What a comparison of now with past builds stands on. */
export interface PresentState {
  readonly context: ContextSession;
  readonly evidence: Evidence | undefined;
  /** Set instead for a builder whose images are its cache. */
  readonly chain: ChainResult | undefined;
  readonly project: () => ProjectPrediction;
}
