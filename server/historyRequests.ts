import type { Connection } from 'vscode-languageserver';
import type { Analyses } from './analyses';
import { accuracyText, buildChoices, explainBuilds, mistakes, reproduction } from './features/history';
import { ImageError } from '../core/node/image/openImage';
import { answering } from './answering';
import { buildHistory } from './features/buildHistory';
import type { Guard } from './guard';
import {
  AccuracyRequest,
  BuildHistoryRequest,
  BuildsRequest,
  ExplainBuildsRequest,
  MistakesRequest,
  PastDockerfileRequest,
  ReproductionRequest,
} from './protocol';

/** Answers what is asked about past builds. */
export function registerHistory(connection: Connection, guard: Guard, analyses: Analyses): void {
  const { ledger } = analyses;
  connection.onRequest(
    AccuracyRequest,
    guard('accuracy', () => accuracyText(ledger)),
  );
  connection.onRequest(
    BuildsRequest,
    guard('builds', async ({ uri }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      return analysis === undefined ? [] : buildChoices(analysis, ledger);
    }),
  );
  const answer = answering(connection, guard);
  answer(BuildHistoryRequest, async ({ uri }) => {
    const analysis = analyses.get(uri);
    await analysis?.whenReady();
    return analysis === undefined
      ? { message: 'This Dockerfile is not open.', builds: [] }
      : buildHistory(analysis, ledger);
  });
  answer(PastDockerfileRequest, async ({ uri, ref }, signal) => {
    const found = await analyses.get(uri)?.dockerfileOf(ref, signal);
    if (found !== undefined && 'text' in found) return found.text;
    throw new ImageError(found?.reason ?? 'This Dockerfile is not open.');
  });
  connection.onRequest(
    ExplainBuildsRequest,
    guard('explainBuilds', async ({ uri, before, after }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      if (analysis === undefined) return 'This Dockerfile is not open.\n';
      return explainBuilds(analysis, ledger, before, after);
    }),
  );
  connection.onRequest(
    MistakesRequest,
    guard('mistakes', () => mistakes(ledger)),
  );
  connection.onRequest(
    ReproductionRequest,
    guard('reproduction', ({ ref }) => reproduction(ledger, ref)),
  );
}
