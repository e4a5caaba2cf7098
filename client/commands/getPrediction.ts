import type { Prediction } from '../../core/model';
import type { Services } from './services';

/** The prediction of an open Dockerfile, for tests and other extensions. */
export async function getPrediction({ server }: Services, uri: unknown): Promise<Prediction | undefined> {
  return typeof uri === 'string' ? server.prediction(uri) : undefined;
}
